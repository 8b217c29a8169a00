from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from build_support.cache import Cache
from build_support.errors import (
    DownloadError,
    IntegrityError,
    UnreachableError,
    UsageError,
)
from build_support.published.fetch import Archive, Patience, fetch_archive, patience
from build_support.published.limits import Limits
from build_support.published.pins import Pin, Pins, load_pins
from build_support.published.retry import Retry
from build_support.target import find_target
from tests.servers import Reply, Server, refusing_port

if TYPE_CHECKING:
    from tests.unit.build_support.conftest import Content, Said

QUICK = Patience(Limits(connect=5.0, read=2.0), Retry(attempts=2, connect_attempts=1))

Obtain = Callable[..., Archive]


@pytest.fixture
def pin(content: Content) -> Pin:
    return replace(load_pins().pin_for(find_target("linux-x86_64")), sha256=content.sha256)


@pytest.fixture
def pins(pin: Pin) -> Pins:
    return replace(load_pins(), assets={pin.target: pin})


@pytest.fixture
def cache(tmp_path: Path) -> Cache:
    return Cache(tmp_path / "cache")


@pytest.fixture
def obtain(pin: Pin, pins: Pins, cache: Cache, said: Said) -> Obtain:
    def obtain(
        *servers: Server | str, environment: dict[str, str] | None = None, given: Path | None = None
    ) -> Archive:
        sources = tuple(each if isinstance(each, str) else each.url for each in servers)
        return fetch_archive(
            pin,
            replace(pins, sources=sources),
            cache=cache,
            reporter=said.reporter,
            environment=environment or {},
            chosen=QUICK,
            sleep=lambda _: None,
            given=given,
        )

    return obtain


def put(path: Path, data: bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path


def test_from_a_source_then_from_the_cache(
    obtain: Obtain, site: Server, pin: Pin, cache: Cache, content: Content
) -> None:
    archive = obtain(site)
    assert archive == Archive(
        cache.archive(pin.sha256, pin.file), pin.sha256, f"127.0.0.1:{site.port}"
    )
    assert content.is_whole_and_alone(archive.path)
    assert site.requests[0].target == f"/{pin.release}/{pin.file.replace('+', '%2B')}"
    assert obtain(site).source == "the cache"
    assert len(site.requests) == 1


@pytest.mark.parametrize("damage", [b"", b"damaged"])
def test_a_damaged_cache_is_mended(
    obtain: Obtain, site: Server, content: Content, said: Said, damage: bytes
) -> None:
    path = obtain(site).path
    path.write_bytes(damage)
    assert obtain(site).path == path
    assert len(site.requests) == 2
    assert content.is_whole_and_alone(path)
    assert "is damaged" in said.text


def test_a_given_file_is_copied(
    obtain: Obtain, tmp_path: Path, content: Content, site: Server
) -> None:
    given = put(tmp_path / "given.tar.gz", content.data)
    archive = obtain(site, given=given)
    assert archive.source == str(given)
    assert content.is_whole_and_alone(archive.path)
    assert given.read_bytes() == content.data
    assert site.requests == []


@pytest.mark.parametrize("cached", [False, True])
def test_a_wrong_given_file_is_refused_and_kept(
    obtain: Obtain, tmp_path: Path, site: Server, *, cached: bool
) -> None:
    if cached:
        obtain(site)
    given = put(tmp_path / "given.tar.gz", b"something else")
    with pytest.raises(IntegrityError, match="expected SHA-256"):
        obtain(site, given=given)
    assert given.read_bytes() == b"something else"
    assert len(site.requests) == int(cached)


def test_given_files_that_are_none(obtain: Obtain, tmp_path: Path) -> None:
    for given, reason in [
        (tmp_path / "none", "no such file"),
        (tmp_path, "it is a folder"),
        (put(tmp_path / "empty", b""), "it is empty"),
    ]:
        with pytest.raises(UsageError, match=reason):
            obtain(given=given)


def test_the_next_source_is_asked(
    obtain: Obtain, site: Server, content: Content, said: Said
) -> None:
    with refusing_port() as port, Server(lambda _: Reply(404)) as missing:
        archive = obtain(f"http://127.0.0.1:{port}", missing, site)
    assert archive.source == f"127.0.0.1:{site.port}"
    assert content.is_whole_and_alone(archive.path)
    assert "refused" in said.text
    assert "404 Not Found" in said.text


def test_a_part_of_one_source_is_not_mixed_with_another(
    obtain: Obtain, site: Server, content: Content
) -> None:
    with Server(lambda _: Reply(headers={"ETag": '"v1"'}, body=bytes(9), length=99)) as short:
        archive = obtain(short, site)
    assert content.is_whole_and_alone(archive.path)
    assert "range" not in site.requests[0].headers


def test_a_mismatch_ends_everything(obtain: Obtain, site: Server, cache: Cache) -> None:
    with Server(lambda _: Reply(body=b"evil")) as evil, pytest.raises(IntegrityError):
        obtain(evil, site)
    assert site.requests == []
    assert not list(cache.root.rglob("*.part*"))


def test_all_unreachable(obtain: Obtain, said: Said) -> None:
    with (
        refusing_port() as port,
        refusing_port() as other,
        pytest.raises(UnreachableError) as caught,
    ):
        obtain(f"http://127.0.0.1:{port}", f"http://127.0.0.1:{other}")
    for source in (f"127.0.0.1:{port}: ", f"127.0.0.1:{other}: "):
        assert source in caught.value.why
        assert said.text.count(source) == 1  # in an automatic choice nobody else says why
    assert "--interpreter-archive" in caught.value.hint


@pytest.mark.parametrize("status", [403, 404, 500])
@pytest.mark.parametrize("answering_first", [False, True])
def test_one_answer_is_enough_not_to_be_unreachable(
    obtain: Obtain, status: int, *, answering_first: bool
) -> None:
    with refusing_port() as port, Server(lambda _: Reply(status)) as server:
        sources = [server.url, f"http://127.0.0.1:{port}"]
        with pytest.raises(DownloadError) as caught:
            obtain(*(sources if answering_first else reversed(sources)))
    assert type(caught.value) is DownloadError
    assert str(status) in caught.value.why


def test_a_mirror_is_exclusive(obtain: Obtain, site: Server) -> None:
    with Server(lambda _: Reply(404)) as mirror, pytest.raises(DownloadError, match="MIRROR"):
        obtain(site, environment={"UV_PYTHON_INSTALL_MIRROR": f"{mirror.url}/m"})
    assert len(mirror.requests) == 1
    assert site.requests == []


def test_a_file_mirror_with_a_plain_plus(
    obtain: Obtain, tmp_path: Path, pin: Pin, content: Content
) -> None:
    mirror = tmp_path / "ein Spiegel ä"
    original = put(mirror / pin.release / pin.file, content.data)
    archive = obtain(environment={"DJDESK_PYTHON_MIRROR": mirror.as_uri()})
    assert content.is_whole_and_alone(archive.path)
    assert original.exists()
    assert "ein Spiegel ä" in archive.source


@pytest.mark.parametrize("damage", [b"", b"damaged"])
def test_a_file_mirror_is_verified(
    obtain: Obtain, tmp_path: Path, pin: Pin, cache: Cache, damage: bytes
) -> None:
    put(tmp_path / pin.release / pin.file, damage)
    with pytest.raises(IntegrityError):
        obtain(environment={"DJDESK_PYTHON_MIRROR": tmp_path.as_uri()})
    assert list(cache.archive(pin.sha256, pin.file).parent.iterdir()) == []


def test_a_file_mirror_without_the_file_was_an_answer(
    obtain: Obtain, tmp_path: Path, pin: Pin, content: Content
) -> None:
    put(tmp_path / pin.release / pin.file.replace("+", "%2B"), content.data)
    with pytest.raises(DownloadError) as caught:
        obtain(environment={"DJDESK_PYTHON_MIRROR": tmp_path.as_uri()})
    assert type(caught.value) is DownloadError
    assert "plain +" in caught.value.hint


def test_an_open_mirror_elsewhere_is_refused(obtain: Obtain, site: Server) -> None:
    with pytest.raises(UsageError, match="DJDESK_PYTHON_MIRROR"):
        obtain(site, environment={"DJDESK_PYTHON_MIRROR": "http://mirror.example.org"})
    assert site.requests == []


def test_impatience_is_bounded() -> None:
    for sources in (1, 2, 3, 10):
        quick = patience(patient=False, sources=sources)
        assert quick.limits.connect <= 2.5
        assert quick.limits.connect * sources <= 5.0
        assert quick.retry.connect_attempts == 1
    assert patience(patient=True, sources=2) == Patience()
    assert Retry().connect_attempts > 1


def test_an_archive_in_the_cache_needs_nothing_written(
    obtain: Obtain, site: Server, content: Content, cache: Cache
) -> None:
    obtain(site)
    lock = cache.root / "archives" / f"{content.sha256}.lock"
    lock.unlink(missing_ok=True)
    assert obtain("http://127.0.0.1:1").source == "the cache"
    assert not lock.exists()
