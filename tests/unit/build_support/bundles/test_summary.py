from __future__ import annotations

import io
import shlex
from dataclasses import replace
from pathlib import Path

import pytest

from build_support import ROOT
from build_support.bundles import summary
from build_support.bundles.manifest import (
    LISTING_FILE,
    App,
    Files,
    Manifest,
    Python,
    Requirements,
    write_manifest,
)
from build_support.bundles.summary import show_parts, summarise
from build_support.command_line.parser import parse
from build_support.errors import ProjectError
from build_support.reporter import Reporter
from build_support.target import TARGETS, host_target
from build_support.trees import listing


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    for name, size in (("python/bin/x", 2_000_000), ("python/y", 1), ("app/z", 14_999), ("run", 5)):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(b"x" * size)
    (tmp_path / LISTING_FILE).write_text(listing.write_listing(listing.list_tree(tmp_path)))
    return tmp_path


@pytest.fixture
def manifest() -> Manifest:
    return Manifest(
        app=App("Notes", "org.example.notes", "1.2", "1a2b3c4"),
        target="linux-x86_64",
        python=Python("3.14.10", "python-build-standalone", "x.tar.gz", "ab" * 32, True),
        settings_module="notes.settings",
        source_roots=("app/src",),
        requirements=Requirements("requirements.lock", "cd" * 32, 7),
        inputs="ef" * 32,
        files=Files(4, 2_015_005, "01" * 32),
        built_with={},
    )


def test_the_parts_are_counted_and_added_up(bundle: Path) -> None:
    stream = io.StringIO()
    show_parts(bundle, Reporter(stream))
    assert [line.split() for line in stream.getvalue().splitlines()] == [
        ["part", "files", "MB"],
        ["app", "1", "0.01"],
        ["python", "2", "2.00"],
        ["run", "1", "0.00"],
        ["together", "4", "2.02"],
    ]


def test_the_last_lines_say_where_how_big_its_hash_and_what_next(
    bundle: Path, manifest: Manifest
) -> None:
    stream = io.StringIO()
    summarise(replace(manifest, target=host_target().name), bundle, Reporter(stream))
    *_, last_line = said = stream.getvalue().splitlines()
    assert last_line.startswith("  next   ")
    last = said[-5:-1]
    assert last == [
        f"The bundle is ready: {bundle}",
        f"  what   Notes 1.2 (g1a2b3c4) {host_target()} CPython 3.14.10",
        "  size   2.0 MB in 4 files",
        f"  hash   {'01' * 32}",
    ]
    assert "warning" not in stream.getvalue()


@pytest.mark.parametrize("target", ["linux-x86_64", "windows-arm64"])
@pytest.mark.parametrize("place", [ROOT / "electron" / "django-bundle", Path("/some where")])
def test_what_comes_next_can_be_done_here(
    manifest: Manifest, target: str, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(summary, "host_target", lambda: TARGETS["linux-x86_64"])
    for command in summary.next_sessions(replace(manifest, target=target), place):
        words = shlex.split(command.rpartition(" (")[0])
        assert words[:2] == ["nox", "-s"]
        assert words[2] in ({"run", "verify"} if target == "linux-x86_64" else {"verify"})
        options = parse(words[2], words[4:])
        assert options is not None
        assert options.output == place


def test_what_may_not_be_released_says_so(bundle: Path, manifest: Manifest) -> None:
    stream = io.StringIO()
    unpublished = replace(manifest, python=replace(manifest.python, redistributable=False))
    summarise(unpublished, bundle, Reporter(stream))
    assert "warning  Not for release" in stream.getvalue()


def test_a_session_says_which_application_it_is_about(manifest: Manifest, tmp_path: Path) -> None:
    said = io.StringIO()
    summary.announce(manifest, tmp_path, Reporter(said))
    for words in ("Notes", "1.2", "linux-x86_64", str(tmp_path)):
        assert words in said.getvalue()


@pytest.mark.parametrize("error", [ProjectError("The project is wrong."), OSError("disk")])
def test_a_failed_build_names_the_bundle_that_is_still_there(
    manifest: Manifest, tmp_path: Path, error: Exception
) -> None:
    said = io.StringIO()
    write_manifest(manifest, tmp_path)
    with pytest.raises(type(error)), summary.naming_previous(tmp_path, Reporter(said)):
        raise error
    assert "Notes 1.2" in said.getvalue()


def test_a_first_build_that_fails_names_nothing(tmp_path: Path) -> None:
    said = io.StringIO()
    with (
        pytest.raises(ProjectError),
        summary.naming_previous(tmp_path / "none", Reporter(said)),
    ):
        raise ProjectError("The project is wrong.")
    assert said.getvalue() == ""
