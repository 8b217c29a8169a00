"""The one drawing that all icons are made from: an SVG or a large PNG, read and rendered.

An SVG is rendered anew for every size, by resvg, which is compiled into its wheel and so draws
the same on every system. Whatever would make it depend on the machine is refused: fonts and
files outside the drawing.
"""

from __future__ import annotations

import base64
import io
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree as ET

import resvg_py
from PIL import Image, ImageCms, UnidentifiedImageError

from build_support.errors import ProjectError

#: The smallest PNG from which icons are made, in pixels.
SMALLEST_PNG = 512
_PROBE = 1024
_LARGEST_FILE = 32 * 1024 * 1024
_SVG = "{http://www.w3.org/2000/svg}"
_HREFS = ("href", "{http://www.w3.org/1999/xlink}href")
_PNG_HINT = f"Take an SVG, or a square PNG of at least {SMALLEST_PNG} x {SMALLEST_PNG} pixels."


@dataclass(frozen=True, slots=True)
class Drawing:
    """A drawing that was found good: exactly one of `svg` and `pixels` is set.

    `reach` is the longer side of what is not transparent, as a part of the whole (0 to 1).
    """

    svg: str | None
    pixels: Image.Image | None
    reach: float

    @property
    def largest(self) -> int | None:
        """The largest size in pixels that it has detail for; None when there is no limit."""
        return None if self.pixels is None else self.pixels.width


def read_drawing(file: Path) -> Drawing:
    """Read an SVG or PNG file, told apart by their content.

    Raises ProjectError when it cannot be read, is not square, is empty, is a PNG that is too
    small, or is an SVG that needs fonts or other files.
    """
    try:
        content = file.read_bytes()
    except OSError as error:
        raise ProjectError(
            f"The icon {file} cannot be read.", why=error.strerror or str(error)
        ) from None
    if len(content) > _LARGEST_FILE:
        raise ProjectError(f"The icon {file} is larger than 32 MB.", hint=_PNG_HINT)
    if content.startswith(b"\x89PNG\r\n"):
        drawing = _read_png(file, content)
    else:
        drawing = _read_svg(file, content)
    if drawing.reach == 0:
        raise ProjectError(
            f"The icon {file} is empty.",
            why="All of it is transparent.",
            hint="Look at it in a browser, and choose another.",
        )
    return drawing


def render(drawing: Drawing, size: int, *, scale: float = 1.0) -> bytes:
    """Return the drawing as a PNG file of `size` by `size` pixels.

    With a `scale` below 1 it is drawn smaller by that factor, in the middle of the picture.
    """
    if drawing.svg is not None:
        svg = drawing.svg if scale == 1 else _framed(drawing.svg, scale)
        return _render_svg(svg, size)
    if drawing.pixels is None:
        raise ValueError(drawing)
    # An even margin keeps the middle where it is.
    inner = size - 2 * round(size * (1 - scale) / 2)
    picture = Image.new("RGBA", (size, size))
    margin = (size - inner) // 2
    resized = drawing.pixels.resize((inner, inner), Image.Resampling.LANCZOS)
    picture.paste(resized, (margin, margin))
    return _encode(picture)


def decode(png: bytes) -> Image.Image:
    """Return a PNG file's pixels, with red, green, blue and alpha."""
    with Image.open(io.BytesIO(png), formats=["PNG"]) as image:
        return image.convert("RGBA")


def _read_png(file: Path, content: bytes) -> Drawing:
    try:
        with Image.open(io.BytesIO(content), formats=["PNG"]) as image:
            width, height = image.size
            if width == height and width >= SMALLEST_PNG:
                pixels = _in_srgb(image)
                return Drawing(None, pixels, _reach(pixels))
    except (UnidentifiedImageError, Image.DecompressionBombError, OSError, SyntaxError) as error:
        raise ProjectError(f"The icon {file} is damaged.", why=str(error), hint=_PNG_HINT) from None
    raise ProjectError(
        f"The icon {file} cannot be used.", why=f"It has {width} x {height} pixels.", hint=_PNG_HINT
    )


def _in_srgb(image: Image.Image) -> Image.Image:
    """Convert to sRGB, which is what systems take an icon without a profile for."""
    profile = image.info.get("icc_profile")
    pixels = image.convert("RGBA")
    pixels.info.clear()
    if not profile or image.mode not in {"RGB", "RGBA"}:
        return pixels
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        target = ImageCms.createProfile("sRGB")
        converted = ImageCms.profileToProfile(pixels, source, target)
    except (ImageCms.PyCMSError, OSError):
        return pixels
    converted = converted or pixels
    converted.info.clear()
    return converted


def _read_svg(file: Path, content: bytes) -> Drawing:
    hint = "Save it from a drawing program as a plain SVG with a square page."

    def refuse(why: str, hint: str = hint) -> ProjectError:
        return ProjectError(f"The icon {file} cannot be used.", why=why, hint=hint)

    try:
        svg = content.decode("utf-8-sig")
        root = ET.fromstring(svg)  # noqa: S314 - the developer's own file, and expat is bounded
    except (UnicodeDecodeError, ET.ParseError) as error:
        raise refuse(f"It is neither a PNG nor an SVG in UTF-8: {error}.", _PNG_HINT) from None
    if root.tag != f"{_SVG}svg":
        raise refuse(f"It is XML, but not SVG: it starts with <{root.tag}>.", _PNG_HINT)
    if any("".join(text.itertext()).strip() for text in root.iter(f"{_SVG}text")):
        raise refuse(
            "It contains text, which looks different wherever the fonts are different.",
            "Convert the text to paths: in Inkscape, Path > Object to Path.",
        )
    if outside := _reference_outside(root):
        raise refuse(
            f"It refers to another file: {outside[:80]}.", "Embed that picture in the drawing."
        )
    try:
        picture = _probe(svg)
    except ValueError as error:
        raise refuse(f"It cannot be drawn: {error}.") from None
    if picture.width != picture.height:
        raise refuse(f"Its page is not square: {picture.width} x {picture.height}.")
    return Drawing(svg, None, _reach(picture))


def _reference_outside(root: ET.Element) -> str:
    for image in root.iter(f"{_SVG}image"):
        for name in _HREFS:
            if (value := image.get(name, "data:")) and not value.startswith("data:"):
                return value
    return ""


def _probe(svg: str) -> Image.Image:
    """Draw it as wide as a probe, and as high as its page then is."""
    return decode(resvg_py.svg_to_bytes(svg_string=svg, width=_PROBE, skip_system_fonts=True))


def _render_svg(svg: str, size: int) -> bytes:
    return resvg_py.svg_to_bytes(svg_string=svg, width=size, height=size, skip_system_fonts=True)


def _framed(svg: str, scale: float) -> str:
    """Return an SVG that shows another one smaller, in the middle."""
    side = 1024
    inner = round(side * scale)
    start = (side - inner) / 2
    data = base64.b64encode(svg.encode()).decode("ascii")
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {side} {side}">'
        f'<image x="{start}" y="{start}" width="{inner}" height="{inner}" '
        f'href="data:image/svg+xml;base64,{data}"/></svg>'
    )


def _reach(picture: Image.Image) -> float:
    box = picture.getchannel("A").getbbox()
    if box is None:
        return 0.0
    left, top, right, bottom = box
    return max(right - left, bottom - top) / picture.width


def _encode(picture: Image.Image) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, "PNG", optimize=True)
    return buffer.getvalue()
