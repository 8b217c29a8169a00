from __future__ import annotations

import pytest

from build_support.errors import UsageError
from build_support.published.pins import load_pins
from build_support.published.sources import Source, archive_urls
from build_support.target import find_target

PINS = load_pins()
PIN = PINS.pin_for(find_target("linux-x86_64"))
TAIL = f"{PIN.release}/{PIN.file.replace('+', '%2B')}"


def test_the_pinned_places_in_their_order() -> None:
    sources = archive_urls(PIN, PINS, {})
    assert [source.url for source in sources] == [f"{base}/{TAIL}" for base in PINS.sources]
    assert [source.name for source in sources] == ["releases.astral.sh", "github.com"]
    assert "+" not in sources[0].url


@pytest.mark.parametrize("variable", ["DJDESK_PYTHON_MIRROR", "UV_PYTHON_INSTALL_MIRROR"])
def test_a_mirror_is_the_only_source(variable: str) -> None:
    sources = archive_urls(PIN, PINS, {variable: "https://mirror.example.org/python/"})
    assert [source.url for source in sources] == [f"https://mirror.example.org/python/{TAIL}"]
    assert "mirror.example.org" in sources[0].name
    assert variable in sources[0].name


def test_our_variable_comes_before_uvs() -> None:
    environment = {
        "UV_PYTHON_INSTALL_MIRROR": "https://uv.example.org",
        "DJDESK_PYTHON_MIRROR": "https://ours.example.org",
    }
    assert archive_urls(PIN, PINS, environment)[0].url.startswith("https://ours.")


def test_an_empty_variable_is_not_set() -> None:
    environment = {"DJDESK_PYTHON_MIRROR": " ", "UV_PYTHON_INSTALL_MIRROR": "https://uv.example"}
    assert archive_urls(PIN, PINS, environment)[0].url.startswith("https://uv.example/")


@pytest.mark.parametrize(
    "mirror", ["http://user:secret@example.org/m", "ftp://user:secret@host", "/srv/mirror"]
)
def test_an_unusable_mirror_is_explained_without_its_password(mirror: str) -> None:
    with pytest.raises(UsageError, match="DJDESK_PYTHON_MIRROR") as caught:
        archive_urls(PIN, PINS, {"DJDESK_PYTHON_MIRROR": mirror})
    assert "https" in caught.value.why
    assert "secret" not in str(caught.value)
    assert TAIL in caught.value.hint


def test_passwords_do_not_show() -> None:
    environment = {"DJDESK_PYTHON_MIRROR": "https://user:secret@example.org/m"}
    (source,) = archive_urls(PIN, PINS, environment)
    assert source.url.startswith("https://user:secret@")
    assert "secret" not in f"{source!r} {source.name}"
    assert isinstance(source, Source)
