from __future__ import annotations

from pathlib import Path

import pytest

from build_support import digest
from build_support.cache import Cache
from build_support.errors import ProjectError
from build_support.icons.drawing import decode
from build_support.icons.make import SIZES, make_icons
from tests.unit.build_support.icons.pictures import (
    FULL_RED,
    STRIPES,
    icns_blocks,
    icns_picture,
    png_file,
    svg,
)


@pytest.fixture
def cache(tmp_path: Path) -> Cache:
    return Cache(tmp_path / "cache")


@pytest.fixture
def drawing(tmp_path: Path) -> Path:
    path = tmp_path / "icon.svg"
    path.write_text(FULL_RED, encoding="utf-8")
    return path


def _digests(folder: Path) -> dict[str, str]:
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): digest.of_file(path) for path in files}


def test_makes_every_size_once(drawing: Path, cache: Cache) -> None:
    icons = make_icons(drawing, cache)
    assert {path.name for path in icons.pngs.iterdir()} == {f"{size}x{size}.png" for size in SIZES}
    assert icons.largest.name == "1024x1024.png"
    for path in icons.pngs.iterdir():
        size = int(path.name.partition("x")[0])
        assert decode(path.read_bytes()).size == (size, size)


def test_two_machines_make_the_same_bytes(drawing: Path, cache: Cache, tmp_path: Path) -> None:
    one = make_icons(drawing, cache).ico.parent
    other = make_icons(drawing, Cache(tmp_path / "other")).ico.parent
    assert _digests(one) == _digests(other)


def test_an_unchanged_drawing_is_not_drawn_again(
    drawing: Path, cache: Cache, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = make_icons(drawing, cache)

    def never(file: Path) -> None:
        raise AssertionError(file)

    with monkeypatch.context() as patch:
        patch.setattr("build_support.icons.make.read_drawing", never)
        assert make_icons(drawing, cache) == first
    drawing.write_text(STRIPES, encoding="utf-8")
    assert make_icons(drawing, cache) != first


def test_a_full_drawing_gets_a_margin_on_macos_alone(drawing: Path, cache: Cache) -> None:
    icons = make_icons(drawing, cache)
    blocks = icns_blocks(icons.icns.read_bytes())
    assert icns_picture(blocks["ic10"], 1024).getchannel("A").getbbox() == (100, 100, 924, 924)
    assert icns_picture(blocks["ic04"], 16).getchannel("A").getbbox() == (0, 0, 16, 16)
    plain = decode((icons.pngs / "1024x1024.png").read_bytes())
    assert plain.getchannel("A").getbbox() == (0, 0, 1024, 1024)


def test_a_drawing_with_a_margin_of_its_own_is_not_made_smaller(
    drawing: Path, cache: Cache
) -> None:
    drawing.write_text(svg('<rect x="25" y="25" width="50" height="50"/>'), encoding="utf-8")
    blocks = icns_blocks(make_icons(drawing, cache).icns.read_bytes())
    assert icns_picture(blocks["ic10"], 1024).getchannel("A").getbbox() == (256, 256, 768, 768)


def test_a_png_is_never_made_larger(tmp_path: Path, cache: Cache) -> None:
    path = png_file(tmp_path / "icon.png", (600, 600), (0, 128, 0, 255))
    icons = make_icons(path, cache)
    assert icons.largest.name == "512x512.png"
    assert "ic10" not in icns_blocks(icons.icns.read_bytes())


@pytest.mark.parametrize("content", [None, "no drawing"])
def test_a_bad_drawing_leaves_nothing(content: str | None, cache: Cache, tmp_path: Path) -> None:
    path = tmp_path / "icon.svg"
    if content is not None:
        path.write_text(content, encoding="utf-8")
    with pytest.raises(ProjectError):
        make_icons(path, cache)
    assert not [entry for entry in (cache.root / "icons").iterdir() if entry.is_dir()]
