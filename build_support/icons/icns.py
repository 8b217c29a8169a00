"""macOS icons: the `.icns` container, with the same ten pictures that `iconutil` puts into one.

Pillow can write one too, but without those of 16 and 32 points at single density, which are
not PNG files. Source for the types and the compression: Wikipedia, "Apple Icon Image format".
"""

from __future__ import annotations

import struct
from collections.abc import Mapping

from build_support.icons.drawing import decode

#: Type of each picture and its size in pixels. The first two are compressed pixels.
_RAW_TYPES: Mapping[bytes, int] = {b"ic04": 16, b"ic05": 32}
_PNG_TYPES: Mapping[bytes, int] = {
    b"ic11": 32,  # 16 points at double density
    b"ic12": 64,  # 32 points at double density
    b"ic07": 128,
    b"ic13": 256,  # 128 points at double density
    b"ic08": 256,
    b"ic14": 512,  # 256 points at double density
    b"ic09": 512,
    b"ic10": 1024,  # 512 points at double density
}

SIZES = tuple(sorted({*_RAW_TYPES.values(), *_PNG_TYPES.values()}))

_SHORTEST_RUN, _LONGEST_RUN, _LONGEST_LITERAL = 3, 130, 128


def write_icns(pngs: Mapping[int, bytes]) -> bytes:
    """Return an `.icns` file of square PNG files, each under its size in pixels.

    Sizes of which there is none are left out; macOS then scales another one.
    """
    pictures = [(kind, _raw(pngs[size])) for kind, size in _RAW_TYPES.items() if size in pngs]
    pictures += [(kind, pngs[size]) for kind, size in _PNG_TYPES.items() if size in pngs]
    blocks = b"".join(_block(kind, data) for kind, data in pictures)
    return _block(b"icns", blocks)


def _block(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">4sI", kind, 8 + len(data)) + data


def _raw(png: bytes) -> bytes:
    picture = decode(png)
    return b"ARGB" + b"".join(
        compress(picture.getchannel(channel).tobytes()) for channel in ("A", "R", "G", "B")
    )


def compress(data: bytes) -> bytes:
    """Compress one channel: a byte below 128 counts literal bytes (less one) that follow.

    Any other counts how often (less 125) the one byte that follows is repeated.
    """
    packed = bytearray()
    literal = bytearray()

    def flush() -> None:
        for start in range(0, len(literal), _LONGEST_LITERAL):
            piece = literal[start : start + _LONGEST_LITERAL]
            packed.append(len(piece) - 1)
            packed.extend(piece)
        literal.clear()

    place = 0
    while place < len(data):
        run = _run_length(data, place)
        if run < _SHORTEST_RUN:
            literal.extend(data[place : place + run])
        else:
            flush()
            packed += bytes((128 + run - _SHORTEST_RUN, data[place]))
        place += run
    flush()
    return bytes(packed)


def _run_length(data: bytes, start: int) -> int:
    end = start
    last = min(len(data), start + _LONGEST_RUN)
    while end < last and data[end] == data[start]:
        end += 1
    return end - start
