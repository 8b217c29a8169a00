from __future__ import annotations

import gzip
import json
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from build_support.errors import DownloadError, IntegrityError
from build_support.published.download import download
from build_support.published.limits import Limits
from build_support.published.retry import Retry
from build_support.published.sources import Source
from tests.servers import Reply, Server, sequence, serving

if TYPE_CHECKING:
    from tests.unit.build_support.conftest import Content, Fetch, Said

#: For servers that fall silent. Longer than a busy machine makes an honest one wait.
IMPATIENT = Limits(connect=5.0, read=0.7, total=60.0)


def test_a_file_comes_whole_and_leaves_nothing_else(
    fetch: Fetch, destination: Path, content: Content
) -> None:
    with Server(serving(content.data)) as server:
        fetch(f"{server.url}/file")
    assert content.is_whole_and_alone(destination)
    assert server.requests[0].headers["accept-encoding"] == "identity"


def test_the_length_need_not_be_known(fetch: Fetch, destination: Path, content: Content) -> None:
    with Server(lambda _: Reply(body=content.data, unsized=True)) as server:
        fetch(f"{server.url}/file")
    assert content.is_whole_and_alone(destination)


def test_bytes_are_never_decoded(destination: Path, said: Said, content: Content) -> None:
    packed = gzip.compress(content.data, 1)
    headers = {"Content-Encoding": "gzip"}
    with (
        Server(lambda _: Reply(headers=headers, body=packed)) as server,
        pytest.raises(IntegrityError),
    ):
        download(
            Source("it", server.url), destination, sha256=content.sha256, reporter=said.reporter
        )


def test_dropped_at_every_tenth_no_byte_is_sent_twice(
    fetch: Fetch, destination: Path, content: Content, pauses: list[float], said: Said
) -> None:
    tenth = len(content.data) // 10
    with Server(serving(content.data, cut_after=tenth)) as server:
        fetch(f"{server.url}/file")
    assert content.is_whole_and_alone(destination)
    assert sum(server.sent) == len(content.data)
    starts = [request.headers.get("range") for request in server.requests]
    assert starts == [None, *(f"bytes={tenth * number}-" for number in range(1, 10))]
    assert {request.headers.get("if-range") for request in server.requests[1:]} == {'"v1"'}
    assert len(pauses) == 9
    assert all(pause <= Retry().first_pause for pause in pauses), "progress starts anew"
    assert "broke" in said.text


@pytest.mark.parametrize("tenth", range(10))
def test_dropped_once_at_any_tenth(
    fetch: Fetch, destination: Path, content: Content, tenth: int
) -> None:
    after = len(content.data) // 10 * tenth
    with Server(sequence(serving(content.data, cut_after=after), serving(content.data))) as server:
        fetch(f"{server.url}/file")
    assert content.is_whole_and_alone(destination)
    assert server.sent == [after, len(content.data) - after]


def test_progress_does_not_count_for_ever(fetch: Fetch, content: Content) -> None:
    with (
        Server(serving(content.data, cut_after=1000)) as server,
        pytest.raises(DownloadError, match="could not be"),
    ):
        fetch(f"{server.url}/file", retry=Retry(total_attempts=7))
    assert len(server.requests) == 7


def test_an_ignored_range_restarts(fetch: Fetch, destination: Path, content: Content) -> None:
    whole = Reply(headers={"ETag": '"v1"'}, body=content.data)
    with Server(sequence(replace(whole, cut_after=300_000), whole)) as server:
        fetch(f"{server.url}/file")
    assert content.is_whole_and_alone(destination)
    assert "range" in server.requests[1].headers


@pytest.mark.parametrize("etag", ['W/"weak"', "bare", ""])
def test_without_a_strong_validator_nothing_is_resumed(
    fetch: Fetch, destination: Path, content: Content, etag: str
) -> None:
    whole = Reply(headers={"ETag": etag} if etag else {}, body=content.data)
    with Server(sequence(replace(whole, cut_after=300_000), whole)) as server:
        fetch(f"{server.url}/file")
    assert content.is_whole_and_alone(destination)
    assert not [request for request in server.requests if "range" in request.headers]


def test_another_version_on_the_server_restarts(
    fetch: Fetch, destination: Path, content: Content
) -> None:
    old = Reply(headers={"ETag": '"v0"'}, body=bytes(len(content.data)), cut_after=500_000)
    with Server(sequence(old, serving(content.data))) as server:
        fetch(f"{server.url}/file")
    assert content.is_whole_and_alone(destination)
    assert server.sent[1] == len(content.data)


@pytest.mark.parametrize(
    "headers",
    [
        {"ETag": '"v2"', "Content-Range": "bytes 500000-999999/1000000"},
        {"ETag": '"v1"', "Content-Range": "bytes 400000-999999/1000000"},
        {"ETag": '"v1"', "Content-Range": "bytes 500000-999999/1000001"},
        {"ETag": '"v1"', "Content-Range": "lines 1-2"},
        {"ETag": '"v1"'},
    ],
    ids=["another etag", "another offset", "another total", "nonsense", "none"],
)
def test_a_part_that_does_not_fit_restarts(
    fetch: Fetch, destination: Path, content: Content, headers: dict[str, str]
) -> None:
    wrong = Reply(206, headers, bytes(500_000))
    with Server(
        sequence(serving(content.data, cut_after=500_000), wrong, serving(content.data))
    ) as server:
        fetch(f"{server.url}/file")
    assert content.is_whole_and_alone(destination)
    assert "range" not in server.requests[2].headers


def test_a_refused_range_restarts(fetch: Fetch, destination: Path, content: Content) -> None:
    with Server(
        sequence(serving(content.data, cut_after=500_000), Reply(416), serving(content.data))
    ) as server:
        fetch(f"{server.url}/file")
    assert content.is_whole_and_alone(destination)
    assert "range" not in server.requests[2].headers


def test_a_length_too_long_is_an_error(fetch: Fetch, destination: Path, content: Content) -> None:
    long = Reply(body=content.data, length=len(content.data) + 10)
    with Server(lambda _: long) as server, pytest.raises(DownloadError, match="could not be"):
        fetch(f"{server.url}/file")
    assert len(server.requests) == Retry().attempts
    assert not destination.exists()


def test_a_length_too_short_is_an_error(fetch: Fetch, destination: Path, content: Content) -> None:
    short = Reply(body=content.data, length=len(content.data) - 10)
    with Server(lambda _: short) as server, pytest.raises(IntegrityError, match="999990 bytes"):
        fetch(f"{server.url}/file")
    assert list(destination.parent.iterdir()) == []


@pytest.mark.parametrize("wrong", [b"", b"<html>", bytes(1_000_000)])
def test_other_content_is_deleted_and_explained(
    fetch: Fetch, destination: Path, content: Content, wrong: bytes
) -> None:
    with Server(lambda _: Reply(body=wrong)) as server, pytest.raises(IntegrityError) as caught:
        fetch(f"{server.url}/file")
    assert len(server.requests) == 1
    assert content.sha256 in str(caught.value)
    assert server.url in str(caught.value)
    assert list(destination.parent.iterdir()) == []


@pytest.mark.parametrize("status", [204, 400, 401, 403, 404, 410])
def test_a_refusal_is_not_asked_again(fetch: Fetch, status: int) -> None:
    with Server(lambda _: Reply(status)) as server, pytest.raises(DownloadError) as caught:
        fetch(f"{server.url}/file")
    assert type(caught.value) is DownloadError
    assert str(status) in caught.value.why
    assert len(server.requests) == 1


@pytest.mark.parametrize("status", [408, 429, 500, 502, 503])
def test_a_passing_failure_is_asked_again(
    fetch: Fetch, destination: Path, content: Content, status: int
) -> None:
    with Server(sequence(Reply(status), Reply(status), serving(content.data))) as server:
        fetch(f"{server.url}/file")
    assert content.is_whole_and_alone(destination)
    assert len(server.requests) == 3


def test_a_lasting_500_is_given_up(fetch: Fetch, pauses: list[float]) -> None:
    with Server(lambda _: Reply(500)) as server, pytest.raises(DownloadError, match="could not be"):
        fetch(f"{server.url}/file")
    assert len(server.requests) == Retry().attempts
    assert len(pauses) == Retry().attempts - 1


@pytest.mark.parametrize(("asked", "waited"), [("7", 7.0), ("86400", 60.0)])
def test_retry_after_is_honoured_up_to_a_limit(
    fetch: Fetch, content: Content, pauses: list[float], asked: str, waited: float
) -> None:
    busy = Reply(503, {"Retry-After": asked})
    with Server(sequence(busy, serving(content.data))) as server:
        fetch(f"{server.url}/file")
    assert pauses == [waited]


def test_a_stall_in_the_body_is_resumed(fetch: Fetch, destination: Path, content: Content) -> None:
    stalled = serving(content.data, stall_after=400_000)
    with Server(sequence(stalled, serving(content.data))) as server:
        fetch(f"{server.url}/file", limits=IMPATIENT)
    assert content.is_whole_and_alone(destination)
    assert server.sent == [400_000, 600_000]


def test_a_server_that_never_answers_is_given_up(fetch: Fetch, destination: Path) -> None:
    with (
        Server(sequence(Reply(stall_after=0, length=5))) as server,
        pytest.raises(DownloadError) as caught,
    ):
        fetch(f"{server.url}/file", limits=IMPATIENT, retry=Retry(attempts=2))
    assert type(caught.value) is DownloadError
    assert "silent for 0.7 s" in caught.value.why
    assert len(server.requests) == 2


def test_a_slow_drip_meets_the_total_limit_and_is_kept(
    fetch: Fetch, destination: Path, content: Content
) -> None:
    dripping = serving(content.data, drip=100)
    with Server(dripping) as server, pytest.raises(DownloadError, match="could not be"):
        fetch(f"{server.url}/file", limits=Limits(read=5.0, total=0.4))
    assert len(server.requests) == 1
    assert 0 < destination.with_name(f"{destination.name}.part").stat().st_size < 100_000


@pytest.mark.parametrize("unsized", [False, True])
def test_the_size_limit(
    fetch: Fetch, destination: Path, content: Content, *, unsized: bool
) -> None:
    large = Reply(body=content.data, unsized=unsized)
    with Server(lambda _: large) as server, pytest.raises(DownloadError) as caught:
        fetch(f"{server.url}/file", limits=Limits(size=999_999))
    assert "more than the 1.0 MB" in caught.value.why
    assert len(server.requests) == 1
    assert list(destination.parent.iterdir()) == []


def test_a_whole_part_needs_no_network(destination: Path, content: Content, said: Said) -> None:
    destination.parent.mkdir()
    destination.with_name(f"{destination.name}.part").write_bytes(content.data)
    nowhere = Source("nowhere", "http://127.0.0.1:1/file")
    download(nowhere, destination, sha256=content.sha256, reporter=said.reporter)
    assert content.is_whole_and_alone(destination)


@pytest.mark.parametrize("damage", ["", "{", "[]", "{}", '{"url": 1, "validator": 2, "total": []}'])
def test_a_damaged_note_about_the_part_restarts(
    fetch: Fetch, destination: Path, content: Content, damage: str
) -> None:
    destination.parent.mkdir()
    destination.with_name(f"{destination.name}.part").write_bytes(b"leftover")
    destination.with_name(f"{destination.name}.part.json").write_text(damage)
    with Server(serving(content.data)) as server:
        fetch(f"{server.url}/file")
    assert content.is_whole_and_alone(destination)


def test_passwords_are_used_and_not_shown(
    destination: Path, content: Content, said: Said, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    with Server(sequence(serving(content.data, cut_after=10), Reply(403))) as server:
        url = server.url.replace("://", "://user:p%40ss@") + "/file"
        with pytest.raises(DownloadError) as caught:
            download(
                Source("it", url),
                destination,
                sha256=content.sha256,
                reporter=said.reporter,
                sleep=lambda _: None,
            )
    assert server.requests[0].headers["authorization"] == "Basic dXNlcjpwQHNz"
    part = json.loads(destination.with_name(f"{destination.name}.part.json").read_text())
    assert part["url"] == f"{server.url}/file"
    for text in (str(caught.value), said.text, caplog.text, str(part), repr(caught.value)):
        assert "p%40ss" not in text
        assert "dXNlcjpwQHNz" not in text
