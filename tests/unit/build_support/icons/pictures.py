"""Drawings for tests, and a reader of .icns files that shares nothing with the writer."""

from __future__ import annotations

import io
import struct
from pathlib import Path

from PIL import Image


def svg(body: str, *, page: str = "0 0 100 100") -> str:
    return f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{page}">{body}</svg>'


FULL_RED = svg('<rect width="100" height="100" fill="#f00"/>')
#: Red above blue, with nothing in the lowest quarter.
STRIPES = svg(
    '<rect width="100" height="50" fill="#f00"/><rect y="50" width="100" height="25" fill="#00f"/>'
)


def png_file(path: Path, size: tuple[int, int], colour: tuple[int, int, int, int]) -> Path:
    Image.new("RGBA", size, colour).save(path)
    return path


def icns_blocks(data: bytes) -> dict[str, bytes]:
    magic, length = struct.unpack(">4sI", data[:8])
    assert (magic, length) == (b"icns", len(data))
    blocks: dict[str, bytes] = {}
    place = 8
    while place < length:
        kind, size = struct.unpack(">4sI", data[place : place + 8])
        blocks[kind.decode()] = data[place + 8 : place + size]
        place += size
    assert place == length
    return blocks


def icns_picture(block: bytes, size: int) -> Image.Image:
    if not block.startswith(b"ARGB"):
        return Image.open(io.BytesIO(block)).convert("RGBA")
    data = unpack(block[4:])
    count = size * size
    assert len(data) == 4 * count
    alpha, *colours = (
        Image.frombytes("L", (size, size), data[count * index : count * (index + 1)])
        for index in range(4)
    )
    return Image.merge("RGBA", (*colours, alpha))


def unpack(data: bytes) -> bytes:
    result = bytearray()
    place = 0
    while place < len(data):
        count = data[place]
        if count < 128:
            result += data[place + 1 : place + 2 + count]
            place += 2 + count
        else:
            result += bytes((data[place + 1],)) * (count - 125)
            place += 2
    return bytes(result)
