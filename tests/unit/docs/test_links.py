"""Links and pictures of the pages lead somewhere. Addresses of others are not asked."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from build_support import ROOT
from tests.unit.docs.pages import PAGES, anchors, links, name

INSIDE = [
    (page, link)
    for page in PAGES
    for link in links(page)
    if not link.startswith(("http://", "https://", "mailto:"))
]
PICTURES = sorted((ROOT / "docs" / "pictures").glob("*.svg"))


@pytest.mark.parametrize(("page", "link"), INSIDE, ids=lambda part: str(part).rpartition("/")[2])
def test_a_link_leads_to_a_file_and_a_heading(page: Path, link: str) -> None:
    path, _, anchor = link.partition("#")
    target = (page.parent / path).resolve() if path else page
    assert target.exists(), f"{name(page)} links to {link}"
    if anchor:
        assert anchor in anchors(target), f"{name(page)} links to {link}"


def test_every_page_can_be_reached() -> None:
    index = (ROOT / "docs" / "index.md").read_text(encoding="utf-8").split()
    docs = ROOT / "docs"
    pages = {
        page.relative_to(docs).with_suffix("").as_posix()
        for page in docs.rglob("*.md")
        if page.name != "index.md"
    }
    assert pages <= set(index)


def test_every_picture_is_used() -> None:
    used = {(page.parent / link).resolve() for page, link in INSIDE}
    shown = [*PICTURES, *(ROOT / "docs").glob("*.png")]
    assert [picture for picture in shown if picture not in used] == []


@pytest.mark.parametrize("picture", PICTURES, ids=lambda picture: picture.name)
def test_a_drawing_stands_alone_and_says_what_it_shows(picture: Path) -> None:
    root = ET.parse(picture).getroot()
    tags = [element.tag.rpartition("}")[2] for element in root.iter()]
    assert {"title", "desc"} <= set(tags)
    assert not {"script", "image", "foreignObject"} & set(tags)
    text = picture.read_text(encoding="utf-8")
    assert "prefers-color-scheme: dark" in text
    assert "http" not in text.replace("http://www.w3.org/2000/svg", "")
