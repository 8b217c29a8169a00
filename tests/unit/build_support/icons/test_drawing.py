from __future__ import annotations

import io
from pathlib import Path

import pytest
from PIL import Image, ImageCms

from build_support.errors import ProjectError
from build_support.icons.drawing import Drawing, decode, read_drawing, render
from build_support.icons.make import DEFAULT_DRAWING
from tests.unit.build_support.icons.pictures import FULL_RED, STRIPES, png_file, svg

RED = (255, 0, 0, 255)
NOTHING = (0, 0, 0, 0)


@pytest.fixture(params=["svg", "png"])
def red(request: pytest.FixtureRequest, tmp_path: Path) -> Drawing:
    """A drawing that fills its canvas with red, in both formats."""
    if request.param == "png":
        return read_drawing(png_file(tmp_path / "icon.png", (512, 512), RED))
    path = tmp_path / "icon.svg"
    path.write_text(FULL_RED, encoding="utf-8")
    return read_drawing(path)


@pytest.mark.parametrize("size", [16, 22, 512])
def test_renders_in_the_size_asked_for(red: Drawing, size: int) -> None:
    picture = decode(render(red, size))
    assert picture.size == (size, size)
    assert picture.getcolors() == [(size * size, RED)]


def test_a_smaller_scale_leaves_an_even_margin(red: Drawing) -> None:
    picture = decode(render(red, 128, scale=0.75))
    assert picture.size == (128, 128)
    assert picture.getchannel("A").getbbox() == (16, 16, 112, 112)
    assert picture.getpixel((64, 64)) == RED
    assert picture.getpixel((8, 64)) == NOTHING


def test_the_same_drawing_gives_the_same_bytes(red: Drawing) -> None:
    assert render(red, 48) == render(red, 48)
    assert render(red, 64, scale=0.8) == render(red, 64, scale=0.8)


def test_reach_is_the_longer_side_of_what_is_seen(tmp_path: Path) -> None:
    path = tmp_path / "icon.svg"
    path.write_text(svg('<rect x="20" y="40" width="50" height="10"/>'), encoding="utf-8")
    assert read_drawing(path).reach == pytest.approx(0.5, abs=0.005)


def test_a_png_has_detail_up_to_its_size_only(tmp_path: Path) -> None:
    assert read_drawing(png_file(tmp_path / "icon.png", (600, 600), RED)).largest == 600
    path = tmp_path / "icon.svg"
    path.write_text(STRIPES, encoding="utf-8")
    assert read_drawing(path).largest is None


def test_colours_at_transparent_edges_do_not_bleed(tmp_path: Path) -> None:
    """White pixels that nobody sees must not make the edge of a shape brighter."""
    picture = Image.new("RGBA", (512, 512), (255, 255, 255, 0))
    picture.paste((200, 0, 0, 255), (128, 128, 384, 384))
    picture.save(tmp_path / "icon.png")
    small = decode(render(read_drawing(tmp_path / "icon.png"), 20))
    red, green, blue, alpha = (small.getchannel(name).tobytes() for name in "RGBA")
    seen = [index for index, value in enumerate(alpha) if value]
    assert len({alpha[index] for index in seen}) > 1, "there are soft edges"
    assert all(red[index] > 180 and green[index] < 20 and blue[index] < 20 for index in seen)


def test_a_colour_profile_is_converted(tmp_path: Path) -> None:
    """The profile is one of a screen whose red light is blue, and the other way round."""
    plain = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    swapped = plain.replace(b"rXYZ", b"?XYZ").replace(b"bXYZ", b"rXYZ").replace(b"?XYZ", b"bXYZ")
    for profile, expected in ((plain, RED), (swapped, (0, 0, 255, 255))):
        Image.new("RGBA", (512, 512), RED).save(tmp_path / "icon.png", icc_profile=profile)
        data = render(read_drawing(tmp_path / "icon.png"), 32)
        with Image.open(io.BytesIO(data)) as icon:
            assert "icc_profile" not in icon.info
            assert icon.convert("RGBA").getpixel((5, 5)) == expected


def test_a_profile_that_does_not_fit_is_left_alone(tmp_path: Path) -> None:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()
    Image.new("RGBA", (512, 512), RED).save(tmp_path / "icon.png", icc_profile=profile)
    picture = decode(render(read_drawing(tmp_path / "icon.png"), 32))
    assert picture.getpixel((5, 5)) == RED


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "neither a PNG nor an SVG"),
        (b"GIF89a", "neither a PNG nor an SVG"),
        (b"<html></html>", "starts with <html>"),
        (svg("").encode(), "is empty"),
        (svg("<rect width='9' height='9'/>", page="0 0 100 50").encode(), "not square"),
        (svg("<text x='9' y='50'>Hi</text>").encode(), "contains text"),
        (svg("<text x='9' y='50'><tspan>Hi</tspan></text>").encode(), "contains text"),
        (svg("<image href='photo.png'/>").encode(), "another file: photo.png"),
        (svg("<image href='http://localhost/a.png'/>").encode(), "another file: http"),
        (b"\x89PNG\r\n\x1a\nnothing more", "is damaged"),
    ],
)
def test_refuses_what_makes_no_icon(content: bytes, words: str, tmp_path: Path) -> None:
    path = tmp_path / "icon.svg"
    path.write_bytes(content)
    with pytest.raises(ProjectError) as caught:
        read_drawing(path)
    assert str(path) in caught.value.what
    assert words in str(caught.value)
    assert caught.value.hint


@pytest.mark.parametrize("size", [(511, 511), (1024, 1000)])
def test_refuses_small_and_oblong_pngs(size: tuple[int, int], tmp_path: Path) -> None:
    with pytest.raises(ProjectError, match=f"{size[0]} x {size[1]} pixels"):
        read_drawing(png_file(tmp_path / "icon.png", size, RED))


def test_a_truncated_png_is_named(tmp_path: Path) -> None:
    path = png_file(tmp_path / "icon.png", (512, 512), RED)
    path.write_bytes(path.read_bytes()[:-40])
    with pytest.raises(ProjectError, match="damaged"):
        read_drawing(path)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ProjectError, match=r"none\.svg cannot be read"):
        read_drawing(tmp_path / "none.svg")


def test_the_default_icon_is_crisp_at_the_smallest_size() -> None:
    """Its outer edge lies between two pixels: beside a full row there is an empty one."""
    alpha = decode(render(read_drawing(DEFAULT_DRAWING), 16)).getchannel("A")
    assert alpha.getbbox() == (1, 1, 15, 15)
    middle = [alpha.getpixel((x, 8)) for x in range(16)]
    assert middle == [0, *[255] * 14, 0]
