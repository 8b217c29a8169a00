from __future__ import annotations

import io
import random
import struct

import pytest
from PIL import Image, ImageChops
from PIL.IcoImagePlugin import IcoImageFile

from build_support.icons import icns, ico
from build_support.icons.drawing import decode, read_drawing, render
from build_support.icons.icns import compress, write_icns
from build_support.icons.ico import write_ico
from build_support.icons.make import DEFAULT_DRAWING
from tests.unit.build_support.icons.pictures import icns_blocks, icns_picture, unpack


@pytest.fixture(scope="module")
def pngs() -> dict[int, bytes]:
    drawing = read_drawing(DEFAULT_DRAWING)
    return {size: render(drawing, size) for size in {*ico.SIZES, *icns.SIZES}}


def _entries(data: bytes) -> list[tuple[int, ...]]:
    reserved, kind, count = struct.unpack_from("<HHH", data)
    assert (reserved, kind) == (0, 1)
    return [struct.unpack_from("<BBBBHHII", data, 6 + 16 * index) for index in range(count)]


def test_ico_holds_bitmaps_and_one_png(pngs: dict[int, bytes]) -> None:
    data = write_ico({size: pngs[size] for size in ico.SIZES})
    entries = _entries(data)
    assert [entry[0] for entry in entries] == [16, 20, 24, 32, 40, 48, 64, 96, 0]
    end = 6 + 16 * len(entries)
    for width, height, colours, reserved, planes, bits, length, place in entries:
        assert (width, colours, reserved, planes, bits) == (height, 0, 0, 1, 32)
        assert place == end, "pictures follow each other without a gap"
        end += length
        picture = data[place : place + length]
        if width == 0:
            assert picture == pngs[256]
        else:
            assert struct.unpack_from("<IiiHHI", picture) == (40, width, 2 * width, 1, 32, 0)
            rows_of_mask = (width + 31) // 32 * 4 * width
            assert length == 40 + 4 * width * width + rows_of_mask
    assert end == len(data)


@pytest.mark.parametrize("size", ico.SIZES)
def test_pillow_reads_the_ico(pngs: dict[int, bytes], size: int) -> None:
    with IcoImageFile(io.BytesIO(write_ico({each: pngs[each] for each in ico.SIZES}))) as image:
        assert image.info["sizes"] == {(each, each) for each in ico.SIZES}
        image.size = (size, size)
        image.load()
        assert _same(image.convert("RGBA"), decode(pngs[size]))


def test_the_mask_is_set_exactly_where_nothing_is_seen(pngs: dict[int, bytes]) -> None:
    size = 20  # rows of 20 bits are filled up to 32
    data = write_ico({size: pngs[size]})
    rows = [data[-4 * (row + 1) :][:4] for row in range(size)]  # from the top: it is upside down
    alpha = decode(pngs[size]).getchannel("A")
    for y, row in enumerate(rows):
        bits = f"{int.from_bytes(row, 'big'):032b}"
        assert bits == "".join(
            "1" if alpha.getpixel((x, y)) == 0 else "0" for x in range(size)
        ) + "0" * (32 - size)


def test_icns_holds_what_iconutil_writes(pngs: dict[int, bytes]) -> None:
    blocks = icns_blocks(write_icns(pngs))
    assert sorted(blocks) == [
        *("ic04", "ic05", "ic07", "ic08", "ic09"),
        *("ic10", "ic11", "ic12", "ic13", "ic14"),
    ]
    pixels = {"ic04": 16, "ic05": 32, "ic11": 32, "ic12": 64, "ic07": 128, "ic13": 256}
    pixels |= {"ic08": 256, "ic14": 512, "ic09": 512, "ic10": 1024}
    for kind, size in pixels.items():
        assert blocks[kind].startswith(b"ARGB" if kind in {"ic04", "ic05"} else b"\x89PNG")
        assert _same(icns_picture(blocks[kind], size), decode(pngs[size]))


def test_pillow_reads_the_icns(pngs: dict[int, bytes]) -> None:
    with Image.open(io.BytesIO(write_icns(pngs))) as image:
        assert image.size == (1024, 1024)
        image.load()
        assert _same(image.convert("RGBA"), decode(pngs[1024]))


def test_icns_leaves_out_sizes_that_are_not_there(pngs: dict[int, bytes]) -> None:
    blocks = icns_blocks(write_icns({16: pngs[16], 512: pngs[512]}))
    assert sorted(blocks) == ["ic04", "ic09", "ic14"]


def test_compresses_as_documented() -> None:
    plain = bytes.fromhex("01020203030304040404 0505050505")
    assert compress(plain) == bytes.fromhex("02010202 8003 8104 8205")


@pytest.mark.parametrize("length", [0, 1, 2, 3, 127, 128, 129, 130, 131, 260, 261, 1000])
def test_what_was_compressed_comes_back(length: int) -> None:
    chance = random.Random(length)
    for data in (
        bytes(length),
        chance.randbytes(length),
        bytes(chance.choice((0, 0, 0, 0, 255)) for _ in range(length)),
        bytes(index // 2 % 256 for index in range(length)),
    ):
        assert unpack(compress(data)) == data
    assert len(compress(bytes(1000))) <= 18


def _same(one: Image.Image, other: Image.Image) -> bool:
    return one.size == other.size and ImageChops.difference(one, other).getbbox() is None
