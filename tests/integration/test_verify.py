"""`nox -s verify`: passes on the real bundle, and names what is wrong with a broken one."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from build_support.target import TARGETS
from tests.archives import native
from tests.integration.conftest import Shared


def test_passes_and_ends_with_a_table(shared: Shared, bundle: Path) -> None:
    finished = shared.run("verify", "--bundle", bundle)
    assert finished.code == 0, finished.output
    for words in (
        "every file has its digest",
        "imports asgiref, django",
        "check --deploy clean",
        "pages 3 pages were asked for",
        "strangers are refused http://127.0.0.1:",
        "other origins are refused",
        "the first page http://127.0.0.1:",
        "data is written",
        "data is kept",
        "immutable",
        "an upload by the form",
        "clean stop",
        "not one byte in the bundle changed",
    ):
        assert words in finished.output
    table = finished.output.split("part ")[1]
    for part in ("python", "packages", "app", "static", "together"):
        assert part in table


def _flip(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(bytes(content))


def _append_to_settings(bundle: Path) -> None:
    path = bundle / "app/src/djdesk/settings/base.py"
    path.write_text(path.read_text(encoding="utf-8") + "\nraise RuntimeError\n", encoding="utf-8")


_BREAKAGES: dict[str, tuple[Callable[[Path], object], str]] = {
    "flipped bit": (
        lambda bundle: _flip(bundle / "packages/django/urls/base.py"),
        "packages/django/urls/base.py",
    ),
    "missing file": (lambda bundle: (bundle / "run_django.py").unlink(), "run_django.py"),
    "added file": (lambda bundle: (bundle / "app/evil.py").write_text("1"), "app/evil.py"),
    "changed project": (_append_to_settings, "app/src/djdesk/settings/base.py"),
    "secret": (lambda bundle: (bundle / "app/.env").write_text("KEY=1"), "app/.env"),
    "module of another system": (
        lambda bundle: (bundle / "packages/x.so").write_bytes(native(TARGETS["macos-arm64"])),
        "packages/x.so is made for macos on arm64",
    ),
    "other version": (
        lambda bundle: (bundle / "VERSION").write_text("DJDesk 9\n", encoding="utf-8"),
        "VERSION does not say",
    ),
    "no listing": (lambda bundle: (bundle / "files.tsv").unlink(), "files.tsv"),
    "damaged manifest": (lambda bundle: (bundle / "bundle.json").write_text("{"), "is damaged"),
    "no manifest": (lambda bundle: (bundle / "bundle.json").unlink(), "There is no bundle"),
}


@pytest.mark.parametrize("name", _BREAKAGES)
def test_names_what_is_broken(shared: Shared, bundle: Path, tmp_path: Path, name: str) -> None:
    breakage, words = _BREAKAGES[name]
    copy = tmp_path / "django-bundle"
    shutil.copytree(bundle, copy, symlinks=True)
    breakage(copy)
    finished = shared.run("verify", "--bundle", copy)
    assert finished.code != 0
    assert words in finished.output
    assert "Traceback" not in finished.output
