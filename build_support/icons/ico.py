"""Windows icons: the `.ico` container.

Pillow can write one too, but not with both kinds of picture in one file, and its bitmaps have
no transparency mask. Source: Microsoft, "Icons" and BITMAPINFOHEADER.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping

from PIL import Image

from build_support.icons.drawing import decode

#: What Windows asks for at scalings from 100 to 250 %, in pixels.
SIZES = (16, 20, 24, 32, 40, 48, 64, 96, 256)
#: From this size on a picture is kept as a PNG, as Windows has read them since Vista. Smaller
#: ones are bitmaps, because some programs that show or edit icons read nothing else.
_SMALLEST_PNG = 256

_HEADER = struct.Struct("<HHH")
_ENTRY = struct.Struct("<BBBBHHII")
_BITMAP_HEADER = struct.Struct("<IiiHHIIiiII")


def write_ico(pngs: Mapping[int, bytes]) -> bytes:
    """Return an `.ico` file of square PNG files, each under its size in pixels (1 to 256)."""
    pictures = [
        (size, png if size >= _SMALLEST_PNG else _bitmap(decode(png)))
        for size, png in sorted(pngs.items())
    ]
    place = _HEADER.size + _ENTRY.size * len(pictures)
    entries = []
    for size, data in pictures:
        side = size % 256  # 0 stands for 256
        entries.append(_ENTRY.pack(side, side, 0, 0, 1, 32, len(data), place))
        place += len(data)
    header = _HEADER.pack(0, 1, len(pictures))
    return b"".join((header, *entries, *(data for _, data in pictures)))


def _bitmap(picture: Image.Image) -> bytes:
    """Return a bitmap with 32 bits a pixel, and the mask that old programs look at instead."""
    size = picture.width
    upside_down = picture.transpose(Image.Transpose.FLIP_TOP_BOTTOM)
    pixels = upside_down.tobytes("raw", "BGRA")
    mask = _mask(upside_down.getchannel("A").tobytes(), size)
    # The height counts the mask's rows as well.
    header = _BITMAP_HEADER.pack(
        _BITMAP_HEADER.size, size, 2 * size, 1, 32, 0, len(pixels) + len(mask), 0, 0, 0, 0
    )
    return header + pixels + mask


def _mask(alpha: bytes, size: int) -> bytes:
    """One bit a pixel, set where nothing is to be seen; rows are filled up to 32 bits."""
    width = (size + 31) // 32 * 4
    rows = []
    for start in range(0, len(alpha), size):
        bits = "".join("1" if value == 0 else "0" for value in alpha[start : start + size])
        rows.append(int(bits.ljust(width * 8, "0"), 2).to_bytes(width, "big"))
    return b"".join(rows)
