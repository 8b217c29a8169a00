"""Paths are compared by what they name."""

from __future__ import annotations

from pathlib import Path

import pytest

from build_support.paths import is_inside, is_same


@pytest.fixture
def linked(tmp_path: Path) -> tuple[Path, Path]:
    """A folder with a file, by its own name and below a link, as /var is one on macOS."""
    folder = tmp_path / "private" / "bundle"
    folder.mkdir(parents=True)
    (folder / "python").touch()
    (tmp_path / "var").symlink_to("private", target_is_directory=True)
    return folder, tmp_path / "var" / "bundle"


def test_a_program_below_a_link_is_inside_by_both_names(linked: tuple[Path, Path]) -> None:
    for folder in linked:
        for other in linked:
            assert is_inside(folder / "python", other)
            assert is_inside(folder, other)
            assert is_same(folder, other)


def test_links_do_not_bring_inside_what_is_elsewhere(linked: tuple[Path, Path]) -> None:
    folder, _ = linked
    elsewhere = folder.with_name("elsewhere")
    elsewhere.touch()
    (folder / "link").symlink_to(elsewhere)
    assert not is_inside(folder / "link", folder)
    assert not is_inside(folder.with_name("bundle-of-another-name"), folder)
    assert not is_inside(folder.parent, folder)


def test_what_is_not_there_is_nowhere(linked: tuple[Path, Path]) -> None:
    folder, _ = linked
    assert not is_same(folder / "none", folder / "none")
    assert not is_inside(folder / "python", folder / "none")
    assert is_inside(folder / "none", folder)


def test_case_decides_where_the_file_system_says_so(
    linked: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    def same(first: Path, second: Path) -> bool:
        return str(first).lower() == str(second).lower()

    monkeypatch.setattr(Path, "samefile", same)
    folder, _ = linked
    assert is_inside(folder / "python", Path(str(folder).upper()))
