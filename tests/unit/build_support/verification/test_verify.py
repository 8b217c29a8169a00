from __future__ import annotations

import io
import json
from pathlib import Path

import pytest

from build_support.bundles.manifest import LISTING_FILE, read_manifest
from build_support.errors import VerificationError
from build_support.reporter import Reporter
from build_support.target import TARGETS
from build_support.verification import verify
from build_support.verification.live import RESULT
from build_support.verification.verify import Check, read_results, verify_bundle
from tests.unit.build_support.made_bundle import made_bundle


def _line(**keys: str) -> str:
    return RESULT + json.dumps({"title": "pages", "problem": "", "detail": "", **keys})


@pytest.mark.parametrize("noise", ["", "Loading…\n", '{"title": "pages"}\n', f"x {RESULT}\n"])
def test_results_are_read_between_what_others_print(noise: str) -> None:
    first, second = _line(detail="3"), _line(warning="two\nlines")
    output = f"{noise}{first}\n{noise}{second}\n{noise}"
    checks = [Check("pages", detail="3"), Check("pages", warning="two\nlines")]
    assert read_results(output) == checks


@pytest.fixture
def bundle(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A bundle of whose files nothing is said, and which is used by nobody."""
    folder = made_bundle(tmp_path / "bundle")
    (folder / LISTING_FILE).write_text("", encoding="utf-8")
    monkeypatch.setattr(verify, "check_files", lambda *_: [("every file has its digest", "")])
    target = TARGETS[read_manifest(folder).target]
    monkeypatch.setattr(verify, "host_target", lambda: target)
    return folder


def _verify(bundle: Path, monkeypatch: pytest.MonkeyPatch, *checks: Check) -> str:
    monkeypatch.setattr(verify, "_check_live", lambda _: list(checks))
    said = io.StringIO()
    verify_bundle(bundle, Reporter(said))
    return said.getvalue()


def test_warnings_fail_nothing_and_are_shown(bundle: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    said = _verify(bundle, monkeypatch, Check("pages", warning="/x/: no"), Check("serve"))
    assert "/x/: no" in said
    assert "My App 1.2" in said.splitlines()[0]
    assert str(bundle) in said.splitlines()[0]


@pytest.mark.parametrize(
    ("titles", "forced"),
    [
        (["pages"], False),
        (["serve"], False),
        (["the first page", "pages"], False),
        (["pages", "data is kept"], False),
        (["not one byte in the bundle changed"], True),
        (["interpreter"], True),
    ],
)
def test_what_to_do_next_helps(
    bundle: Path, monkeypatch: pytest.MonkeyPatch, titles: list[str], forced: bool
) -> None:
    with pytest.raises(VerificationError) as caught:
        _verify(bundle, monkeypatch, *(Check(title, "no") for title in titles))
    assert ("--force" in caught.value.hint) == forced
    assert "My App" in caught.value.what
