import re
from itertools import product
from pathlib import Path

import pytest
from django.conf import settings as configured
from django.core.management import call_command
from django.test import Client
from pytest_django import Settings

from djdesk.settings import base

STATIC = Path(base.__file__).resolve().parents[1] / "notes" / "static" / "notes"
SHEET = (STATIC / "notes.css").read_text("utf-8")
COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
REFERENCE = re.compile(r"""url\(\s*["']?([^"')]+)["']?\s*\)|@import\s+["']([^"']+)""")
TOKEN = re.compile(r"--([\w-]+):\s*(#[0-9a-f]{6});")
DARK = "@media (prefers-color-scheme: dark)"
#: What is between braces after `:root`, first for a light and then for a dark scheme.
SCHEMES = [part.partition("}")[0] for part in SHEET.split(DARK)]
SVG_NAMESPACE = "http://www.w3.org/2000/svg"

TEXT_ON = [
    *product(["text", "muted", "accent"], ["page", "surface", "sunken"]),
    *product(["text", "accent-strong"], ["accent-soft"]),
    *product(["text", "danger", "danger-strong"], ["danger-soft"]),
    ("danger", "surface"),
    ("on-accent", "accent"),
    ("on-accent", "accent-strong"),
    ("on-danger", "danger"),
    ("on-danger", "danger-strong"),
    ("text", "mark"),
]
EDGE_ON = [("field-line", "surface"), ("field-line", "page"), ("accent", "page")]


def references(sheet: str) -> list[str]:
    return [one or other for one, other in REFERENCE.findall(COMMENT.sub("", sheet))]


def contrast(one: str, other: str) -> float:
    """Return the contrast ratio of WCAG 2.2 between two colours like ``#1b211e``."""

    def luminance(colour: str) -> float:
        channels = [int(colour[index : index + 2], 16) / 255 for index in (1, 3, 5)]
        linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def test_contrast_is_measured_rightly() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize(
    ("front", "back", "least"),
    [(*pair, 4.5) for pair in TEXT_ON] + [(*pair, 3.0) for pair in EDGE_ON],
)
def test_colours_can_be_told_apart(front: str, back: str, least: float, scheme: int) -> None:
    tokens = dict(TOKEN.findall(SCHEMES[scheme]))
    assert contrast(tokens[front], tokens[back]) >= least


def test_both_schemes_have_every_colour() -> None:
    light, dark = ([name for name, _ in TOKEN.findall(part)] for part in SCHEMES)
    assert light == dark != []


def test_colours_are_written_only_as_tokens() -> None:
    rules = SHEET.partition("\n*,")[2]
    assert re.findall(r":\s[^;{]*#[0-9a-f]{3,8}", rules) == [": #ffffff"], "print's white page"


def test_every_token_used_is_defined() -> None:
    defined = set(re.findall(r"(?:^|\{)\s*--([\w-]+):", SHEET, re.MULTILINE))
    assert set(re.findall(r"var\(--([\w-]+)", SHEET)) == defined


def test_the_sheet_respects_the_reader_s_wishes() -> None:
    for wish in ("prefers-reduced-motion: no-preference", "forced-colors: active", "print"):
        assert wish in SHEET
    outside = SHEET.partition("@media (prefers-reduced-motion")[0]
    assert "transition" not in outside
    assert "animation" not in outside


def test_the_sheet_refers_only_to_its_neighbours() -> None:
    assert references(SHEET)
    for reference in references(SHEET):
        assert (STATIC / reference).is_file(), reference


def test_every_class_and_icon_of_a_page_is_known_to_the_sheet() -> None:
    templates = STATIC.parents[1] / "templates"
    icons = set()
    for template in templates.rglob("*.html"):
        icons |= set(re.findall(r"\bicon-([\w]+)", template.read_text("utf-8")))
    assert icons == {path.stem for path in (STATIC / "icons").iterdir()}
    assert icons == set(re.findall(r"\.icon-(\w+)", SHEET))


@pytest.mark.parametrize("path", sorted(STATIC.rglob("*.svg")), ids=lambda path: path.stem)
def test_pictures_refer_to_nothing(path: Path) -> None:
    picture = path.read_text("utf-8").replace(SVG_NAMESPACE, "")
    for forbidden in ("//", "href", "<script", "<style", "url(", "<!"):
        assert forbidden not in picture


@pytest.fixture
def collected(tmp_path: Path, settings: Settings) -> Path:
    """What ``base`` collects, which the pages then refer to."""
    settings.STORAGES = base.STORAGES
    settings.STATIC_ROOT = tmp_path / "static"
    call_command("collectstatic", interactive=False, verbosity=0)
    return tmp_path / "static"


def test_hashed_references_lead_to_collected_files(collected: Path) -> None:
    sheets = list(collected.glob("notes/notes.*.css"))
    assert len(sheets) == 1
    found = references(sheets[0].read_text("utf-8"))
    assert len(found) == len(references(SHEET))
    for reference in found:
        assert re.search(r"\.[0-9a-f]{12}\.svg$", reference)
        assert (sheets[0].parent / reference).is_file()


@pytest.mark.django_db
def test_pages_name_the_hashed_files(collected: Path, client: Client) -> None:
    content = client.get("/").content.decode()
    addresses = re.findall(rf'(?:href|src)="{configured.STATIC_URL}([^"]+)"', content)
    assert len(addresses) >= 4
    for address in addresses:
        assert re.search(r"\.[0-9a-f]{12}\.(css|svg)$", address)
        assert (collected / address).is_file()


def test_collected_files_can_be_read_by_everybody(collected: Path) -> None:
    for path in collected.rglob("*.css"):
        assert path.stat().st_mode & 0o444 == 0o444
