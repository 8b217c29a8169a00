"""Other names of a file, as systems have them that this test may not run on."""

import sys
from pathlib import Path

import pytest
from django.http import Http404

from djdesk_runtime.serving import media
from djdesk_runtime.serving.media import is_reserved, is_served_under_its_name, media_file


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "private").mkdir()
    for name in ("public.txt", "private/a.txt", "PRIVAT~1.txt"):
        (tmp_path / name).touch()
    return tmp_path


@pytest.mark.parametrize(
    ("real", "hidden"),
    [("private/a.txt", True), ("public.txt", False), ("../elsewhere.txt", False)],
)
def test_the_real_name_decides_who_serves_a_file(
    root: Path, monkeypatch: pytest.MonkeyPatch, real: str, *, hidden: bool
) -> None:
    monkeypatch.setattr(
        media, "served_by_project", lambda path, _prefix: path.startswith("/media/private/")
    )
    path = (root / real).resolve()
    assert is_served_under_its_name(root, "/media/", path) is hidden
    monkeypatch.setattr(media, "path_on_disk", lambda _file, _path: path)
    if hidden:
        with pytest.raises(Http404):
            media_file(root, "/media/", "PRIVAT~1.txt")


def test_a_file_has_the_name_that_it_was_made_with(root: Path) -> None:
    path = root.resolve() / "private" / "a.txt"
    with path.open("rb") as file:
        assert media.path_on_disk(file, path) == path


@pytest.mark.parametrize(
    "name", ["nul", "sub/NUL.txt", "a.txt.", "a.txt ", "a.txt::$DATA", "aux/a.txt"]
)
def test_names_that_windows_reserves(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setattr(sys, "platform", "win32")
    assert is_reserved(name)
    assert not is_reserved("sub/a.txt")
    monkeypatch.setattr(sys, "platform", "linux")
    assert not is_reserved(name)
