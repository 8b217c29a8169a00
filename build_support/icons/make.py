"""Make all icons of an application, once for each drawing."""

from __future__ import annotations

import importlib.metadata
from dataclasses import dataclass
from pathlib import Path

from build_support import ROOT, digest
from build_support.cache import Cache
from build_support.icons import icns, ico
from build_support.icons.drawing import Drawing, read_drawing, render
from build_support.trees.folders import normalise

#: What an application without an icon of its own gets.
DEFAULT_DRAWING = ROOT / "electron" / "build" / "icon.svg"

#: Sizes of the PNG files in pixels: the folders of freedesktop's hicolor theme.
SIZES = (16, 22, 24, 32, 48, 64, 96, 128, 256, 512, 1024)

#: Every drawing has it: the smallest PNG is larger.
_SHOWN = 256

#: How much of its canvas an icon fills on macOS: 824 of 1024 pixels (Apple's icon template).
_MACOS_REACH = 824 / 1024
#: Below this size every pixel is needed, and icons fill the canvas on macOS too.
_SMALLEST_WITH_MARGIN = 64
_STAGE = "icons"
_RENDERERS = ("pillow", "resvg-py")


@dataclass(frozen=True, slots=True)
class Icons:
    """The files of one drawing. `pngs` is a folder of files named like `32x32.png`."""

    ico: Path
    icns: Path
    pngs: Path

    @property
    def shown(self) -> Path:
        """The PNG file that the application shows on pages of its own."""
        return self.pngs / f"{_SHOWN}x{_SHOWN}.png"

    @property
    def largest(self) -> Path:
        """The largest of the PNG files."""
        return max(self.pngs.glob("*.png"), key=lambda path: int(path.name.partition("x")[0]))


def make_icons(file: Path, cache: Cache) -> Icons:
    """Return the icons of the drawing in a file; they are made only if it has changed.

    Raises what `read_drawing` raises.
    """
    content = digest.of_file(file) if file.is_file() else ""
    versions = [importlib.metadata.version(name) for name in _RENDERERS]
    key = digest.of_values(digest.of_recipe(), content, versions)
    return _icons_in(cache.tree(_STAGE, key, lambda folder: _write(read_drawing(file), folder)))


def _icons_in(folder: Path) -> Icons:
    return Icons(folder / "icon.ico", folder / "icon.icns", folder / "icons")


def _write(drawing: Drawing, folder: Path) -> None:
    icons = _icons_in(folder)
    icons.pngs.mkdir()
    pngs = {size: render(drawing, size) for size in _possible((*SIZES, *ico.SIZES), drawing)}
    for size in _possible(SIZES, drawing):
        (icons.pngs / f"{size}x{size}.png").write_bytes(pngs[size])
    icons.ico.write_bytes(ico.write_ico({size: pngs[size] for size in ico.SIZES}))
    framed = {size: _render_for_macos(drawing, size) for size in _possible(icns.SIZES, drawing)}
    icons.icns.write_bytes(icns.write_icns(framed))
    normalise(folder)


def _possible(sizes: tuple[int, ...], drawing: Drawing) -> list[int]:
    return sorted({size for size in sizes if drawing.largest is None or size <= drawing.largest})


def _render_for_macos(drawing: Drawing, size: int) -> bytes:
    """Draw an icon with the margin that its neighbours have in the Dock, if it has none."""
    if size < _SMALLEST_WITH_MARGIN:
        return render(drawing, size)
    return render(drawing, size, scale=min(1.0, _MACOS_REACH / drawing.reach))
