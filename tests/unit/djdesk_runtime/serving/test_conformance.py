"""Everything that is served, compared with RFC 9110 and RFC 9112, byte by byte."""

import os
import re
import sys
import textwrap
import time
from collections.abc import Iterator, Mapping
from email.utils import formatdate
from pathlib import Path

import pytest

from tests.unit.djdesk_runtime.made_bundle import SHELL, Running, changed_bundle, served
from tests.unit.djdesk_runtime.serving.in_process import Answer, Connection, wait_until

URLS = textwrap.dedent("""
    import asyncio
    import io
    import os

    from django.conf import settings
    from django.http import FileResponse, HttpResponse, HttpResponseRedirect, StreamingHttpResponse
    from django.shortcuts import render
    from django.urls import path
    from django.views.decorators.csrf import csrf_exempt

    CONTENT = bytes(range(256)) * 400

    def page(request):
        return HttpResponse("a page")

    def home(request):
        return render(request, "things/home.html", {"count": 0})

    def file(request):
        return FileResponse(open(os.path.join(settings.MEDIA_ROOT, "data.bin"), "rb"),
                            content_type="video/webm", filename="clip.webm")

    def memory(request):
        return FileResponse(io.BytesIO(CONTENT), filename="data.bin")

    def pipe(request):
        reading, writing = os.pipe()
        os.write(writing, CONTENT[:1000])
        os.close(writing)
        return FileResponse(os.fdopen(reading, "rb"))

    def stream(request):
        return StreamingHttpResponse(iter([b"one ", b"two ", b"three"]))

    async def asynchronous(request):
        async def pieces():
            for piece in (b"one ", b"two ", b"three"):
                await asyncio.sleep(0)
                yield piece
        return StreamingHttpResponse(pieces(), headers={"Connection": "keep-alive"})

    def endless(request):
        def pieces():
            while True:
                yield b"more"
        return StreamingHttpResponse(pieces())

    def unchanged(request):
        return HttpResponse("a page", headers={"ETag": '"1"'})

    def nothing(request):
        return HttpResponse(status=204)

    def away(request):
        return HttpResponseRedirect("/page/")

    def broken(request):
        raise RuntimeError

    @csrf_exempt
    def echo(request):
        return HttpResponse(request.body)

    @csrf_exempt
    def deaf(request):
        return HttpResponse("read nothing")

    urlpatterns = [path(f"{view.__name__}/", view) for view in (
        page, file, memory, pipe, stream, asynchronous, endless, unchanged, nothing, away, broken,
        echo, deaf)] + [path("", home)]
""")

CONTENT = bytes(range(256)) * 400
SIZE = len(CONTENT)
FILES = ("static", "media", "file", "memory")
ANYTHING = (
    *FILES, "page", "pipe", "stream", "asynchronous", "unchanged", "nothing", "away", "broken",
    "empty", "missing", "missing media", "directory",
)  # fmt: skip


@pytest.fixture(scope="module")
def site(bundle: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    folder = tmp_path_factory.mktemp("conformance")
    changed = changed_bundle(bundle, folder, "app/src/tiny/urls.py", URLS)
    with served(changed, folder, start_line=SHELL) as running:
        media = folder / "data" / "media"
        media.mkdir(exist_ok=True)
        (media / "data.bin").write_bytes(CONTENT)
        (media / "empty.txt").touch()
        yield running


@pytest.fixture(scope="module")
def paths(site: Running) -> Mapping[str, str]:
    style = re.search(r'href="(/static/[^"]+)"', site.get("/").text)
    assert style
    return {
        "static": style[1], "media": "/media/data.bin", "empty": "/media/empty.txt",
        "missing": "/none/", "missing media": "/media/none", "directory": "/media/",
    }  # fmt: skip


def path_of(name: str, paths: Mapping[str, str]) -> str:
    return paths.get(name, f"/{name}/")


@pytest.fixture
def line(site: Running) -> Iterator[Connection]:
    with Connection(site.port, site.headers) as connection:
        yield connection


def next_is_answered(line: Connection) -> None:
    """The next request of a connection gets its own answer: nothing was left on it."""
    assert line.ask("GET", "/page/").body == b"a page"


def lower(answer: Answer) -> dict[str, str]:
    return {name.lower(): value for name, value in answer.headers.items()}


@pytest.mark.parametrize("name", ANYTHING)
def test_get_and_head(line: Connection, paths: Mapping[str, str], name: str) -> None:
    path = path_of(name, paths)
    got = line.ask("GET", path)
    head = line.ask("HEAD", path)
    assert head.status == got.status
    both = lower(got), lower(head)
    for headers in both:
        del headers["date"]
    assert both[0] == both[1]
    assert not {"connection", "server", "via"} & both[0].keys()
    if got.status in {204, 304}:
        assert not {"content-length", "transfer-encoding"} & both[0].keys()
    else:
        assert "content-type" in both[0]
        assert len({"content-length", "transfer-encoding"} & both[0].keys()) == 1
    next_is_answered(line)


@pytest.mark.parametrize("name", ANYTHING)
def test_http_1_0(site: Running, paths: Mapping[str, str], name: str) -> None:
    path = path_of(name, paths)
    with Connection(site.port, site.headers) as line:
        answer = line.ask("GET", path, "Connection: keep-alive", version="1.0")
        headers = lower(answer)
        assert "transfer-encoding" not in headers
        if headers["connection"].lower() == "keep-alive":
            assert answer.status == 204 or "content-length" in headers
            assert line.ask("GET", "/page/", version="1.0").body == b"a page"
        assert line.is_closed()


@pytest.mark.parametrize("name", ANYTHING)
def test_a_client_that_closes_is_obeyed(
    line: Connection, paths: Mapping[str, str], name: str
) -> None:
    answer = line.ask("GET", path_of(name, paths), "Connection: Close")
    assert lower(answer)["connection"] == "close"
    assert line.is_closed()


def test_head_of_a_stream_without_end(line: Connection) -> None:
    assert line.ask("HEAD", "/endless/").status == 200
    next_is_answered(line)


@pytest.mark.parametrize("name", ["stream", "asynchronous"])
def test_streams(line: Connection, name: str) -> None:
    assert line.ask("GET", f"/{name}/").body == b"one two three"
    next_is_answered(line)


def test_answers_keep_the_order_of_requests(line: Connection, paths: Mapping[str, str]) -> None:
    names = ("media", "nothing", "stream", "page", "missing", "file", "broken", "page")
    for name in names:
        line.send("GET", path_of(name, paths))
    assert [line.read().status for _ in names] == [200, 204, 200, 200, 404, 200, 500, 200]


@pytest.mark.parametrize("method", ["OPTIONS", "TRACE", "BREW", "PATCH"])
@pytest.mark.parametrize("name", ["static", "media"])
def test_files_allow_what_they_say(
    line: Connection, paths: Mapping[str, str], name: str, method: str
) -> None:
    answer = line.ask(method, path_of(name, paths))
    assert answer.status == 405
    assert {"GET", "HEAD"} <= set(lower(answer)["allow"].split(", "))
    next_is_answered(line)


def test_nothing_is_traced(line: Connection) -> None:
    assert line.ask("TRACE", "/page/").status == 405
    next_is_answered(line)


# Bodies of requests


def test_a_body_of_known_length_is_read_whole(line: Connection) -> None:
    assert line.ask("POST", "/echo/", "Content-Length: 5", body=b"hello").body == b"hello"
    next_is_answered(line)


def test_a_body_in_chunks_is_read_whole(line: Connection) -> None:
    chunks = b"3;a=b\r\nhel\r\n2\r\nlo\r\n0\r\nTrailer: x\r\n\r\n"
    assert line.ask("POST", "/echo/", "Transfer-Encoding: chunked", body=chunks).body == b"hello"
    next_is_answered(line)


def test_body_that_nobody_reads(line: Connection) -> None:
    body = b"x" * 3_000_000
    answer = line.ask("POST", "/deaf/", f"Content-Length: {len(body)}", body=body)
    assert answer.body == b"read nothing"
    next_is_answered(line)


def test_body_that_is_announced(line: Connection) -> None:
    line.send("POST", "/echo/", "Content-Length: 5", "Expect: 100-continue")
    status, _ = line._head()
    assert status == 100
    line.socket.sendall(b"hello")
    assert line.read().body == b"hello"
    next_is_answered(line)


@pytest.mark.parametrize("length", [(), ("Content-Length: 0",)])
def test_no_body_that_is_announced(line: Connection, length: tuple[str, ...]) -> None:
    answer = line.ask("POST", "/deaf/", "Expect: 100-continue", *length)
    assert (answer.status, answer.informational) == (200, [])
    next_is_answered(line)


@pytest.mark.parametrize(
    ("version", "headers"),
    [
        ("1.1", ("Content-Length: 5", "Transfer-Encoding: chunked")),
        ("1.0", ("Transfer-Encoding: chunked", "Connection: keep-alive")),
        ("1.0", ("Content-Length: 5", "Transfer-Encoding: chunked", "Connection: keep-alive")),
    ],
)
def test_a_body_with_two_ends_is_refused(
    line: Connection, version: str, headers: tuple[str, ...]
) -> None:
    answer = line.ask("POST", "/echo/", *headers, body=b"0\r\n\r\n", version=version)
    assert answer.status == 400
    assert line.is_closed()


# Conditions and ranges


def ask_file(line: Connection, paths: Mapping[str, str], name: str, *headers: str) -> Answer:
    return line.ask("GET", path_of(name, paths), *headers)


RANGES = [
    ("bytes=0-0", range(1)),
    ("bytes=0-1", range(2)),
    ("bytes=1-", range(1, SIZE)),
    ("bytes=0-", range(SIZE)),
    ("bytes=-1", range(SIZE - 1, SIZE)),
    (f"bytes=-{SIZE * 2}", range(SIZE)),
    (f"bytes=5-{'9' * 5000}", range(5, SIZE)),
    (f"bytes=-{'9' * 5000}", range(SIZE)),
    (f"bytes={SIZE - 1}-", range(SIZE - 1, SIZE)),
    ("bytes=0000-0001", range(2)),
    ("Bytes= 3-4 ", range(3, 5)),
]


@pytest.mark.parametrize(("header", "part"), RANGES, ids=[text[:20] for text, _ in RANGES])
@pytest.mark.parametrize("name", FILES)
def test_a_range_is_sent_as_part_of_the_file(
    line: Connection, paths: Mapping[str, str], name: str, header: str, part: range
) -> None:
    whole = ask_file(line, paths, name)
    assert lower(whole)["accept-ranges"] == "bytes"
    size = len(whole.body)
    if name == "static":
        shift = size - SIZE
        part = range(part.start + shift if part.start > 9 else part.start,
                     part.stop + shift if part.stop > 9 else part.stop)  # fmt: skip
        header = header.replace(str(SIZE - 1), str(size - 1))
    answer = ask_file(line, paths, name, f"Range: {header}")
    assert answer.status == 206
    assert lower(answer)["content-range"] == f"bytes {part.start}-{part.stop - 1}/{size}"
    assert answer.body == whole.body[part.start : part.stop]
    for same in ("content-type", "etag", "last-modified", "cache-control", "content-disposition"):
        assert lower(answer).get(same) == lower(whole).get(same)
    next_is_answered(line)


@pytest.mark.parametrize("header", ["bytes={size}-", "bytes={size}-{size}", "bytes=-0"])
@pytest.mark.parametrize("name", FILES)
def test_a_range_beyond_the_end_is_refused_with_the_length(
    line: Connection, paths: Mapping[str, str], name: str, header: str
) -> None:
    size = len(ask_file(line, paths, name).body)
    answer = ask_file(line, paths, name, f"Range: {header.format(size=size)}")
    assert answer.status == 416
    assert lower(answer)["content-range"] == f"bytes */{size}"
    next_is_answered(line)


@pytest.mark.parametrize(
    "header",
    ["bytes=1-0", "bytes=a-b", "bytes=", "bytes=-", "lines=0-1", "bytes 0-1", "bytes=0-1,3-4",
     "bytes=+1-2", "bytes=1--2", "bytes=1.0-2", "bytes=0x1-2", "0-1", "bytes=\xb2-3"],
)  # fmt: skip
@pytest.mark.parametrize("name", FILES)
def test_range_that_is_ignored(
    line: Connection, paths: Mapping[str, str], name: str, header: str
) -> None:
    whole = ask_file(line, paths, name)
    answer = ask_file(line, paths, name, f"Range: {header}")
    assert (answer.status, answer.body) == (200, whole.body)
    next_is_answered(line)


@pytest.mark.parametrize("name", FILES)
def test_range_is_for_get(line: Connection, paths: Mapping[str, str], name: str) -> None:
    whole = ask_file(line, paths, name)
    answer = line.ask("HEAD", path_of(name, paths), "Range: bytes=0-1")
    assert (answer.status, lower(answer)["content-length"]) == (200, str(len(whole.body)))
    next_is_answered(line)


@pytest.mark.parametrize("name", ["page", "pipe", "stream", "empty"])
def test_what_has_no_ranges_is_sent_as_a_whole(
    line: Connection, paths: Mapping[str, str], name: str
) -> None:
    whole = ask_file(line, paths, name)
    answer = ask_file(line, paths, name, "Range: bytes=0-1")
    assert (answer.status, answer.body) == (200, whole.body)
    next_is_answered(line)


@pytest.mark.parametrize("name", ["static", "media", "file", "unchanged"])
def test_conditions_on_the_etag(line: Connection, paths: Mapping[str, str], name: str) -> None:
    etag = lower(ask_file(line, paths, name))["etag"]
    conditions = {
        f"If-None-Match: {etag}": 304,
        f"If-None-Match: W/{etag}": 304,
        f'If-None-Match: "x", {etag}': 304,
        "If-None-Match: *": 304,
        'If-None-Match: "x"': 200,
        f"If-Match: {etag}": 200,
        f'If-Match: "x", {etag}': 200,
        "If-Match: *": 200,
        'If-Match: "x"': 412,
        f"If-Match: W/{etag}": 412,
    }
    for method in ("GET", "HEAD"):
        for header, status in conditions.items():
            answer = line.ask(method, path_of(name, paths), header)
            assert answer.status == status, (method, header)
            if status == 304:
                assert lower(answer)["etag"] == etag
            next_is_answered(line)


@pytest.mark.parametrize("name", ["static", "media", "file"])
def test_conditions_on_the_time(line: Connection, paths: Mapping[str, str], name: str) -> None:
    etag = lower(ask_file(line, paths, name))["etag"]
    later, earlier = formatdate(time.time() + 9, usegmt=True), formatdate(1, usegmt=True)
    conditions = {
        (f"If-Modified-Since: {later}",): 304,
        (f"If-Modified-Since: {earlier}",): 200,
        ("If-Modified-Since: yesterday",): 200,
        (f"If-Unmodified-Since: {later}",): 200,
        (f"If-Unmodified-Since: {earlier}",): 412,
        ("If-Unmodified-Since: yesterday",): 200,
        ('If-None-Match: "x"', f"If-Modified-Since: {later}"): 200,
        (f"If-None-Match: {etag}", f"If-Modified-Since: {earlier}"): 304,
        (f"If-Match: {etag}", f"If-Unmodified-Since: {earlier}"): 200,
        ('If-Match: "x"', f"If-None-Match: {etag}"): 412,
        (f"If-None-Match: {etag}", "Range: bytes=0-1"): 304,
        ('If-Match: "x"', "Range: bytes=0-1"): 412,
    }
    for headers, status in conditions.items():
        assert ask_file(line, paths, name, *headers).status == status, headers
        next_is_answered(line)


@pytest.mark.parametrize("name", ["static", "media", "file"])
def test_ranges_of_what_was_there_before(
    line: Connection, paths: Mapping[str, str], name: str
) -> None:
    headers = lower(ask_file(line, paths, name))
    conditions = {
        headers["etag"]: 206,
        '"x"': 200,
        f"W/{headers['etag']}": 200,
        headers.get("last-modified", headers["etag"]): 206,
        formatdate(1, usegmt=True): 200,
        "yesterday": 200,
    }
    for condition, status in conditions.items():
        answer = ask_file(line, paths, name, "Range: bytes=0-1", f"If-Range: {condition}")
        assert answer.status == status, condition
        next_is_answered(line)


def test_a_view_that_sends_a_file_is_asked_again_each_time(line: Connection) -> None:
    """A browser would guess from a Last-Modified how long it need not."""
    assert "last-modified" not in lower(line.ask("GET", "/file/"))


def test_a_changed_file_has_another_etag(site: Running, line: Connection) -> None:
    file = site.error_file.parent / "data" / "media" / "changing.txt"
    tags = set()
    for content in ("one", "two"):
        file.unlink(missing_ok=True)
        file.write_text(content)
        tags.add(lower(line.ask("GET", "/media/changing.txt"))["etag"])
    assert len(tags) == 2


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
@pytest.mark.parametrize("name", ["media", "file"])
def test_files_are_closed(
    site: Running, line: Connection, paths: Mapping[str, str], name: str
) -> None:
    etag = lower(ask_file(line, paths, name))["etag"]
    for header in (f"If-None-Match: {etag}", 'If-Match: "x"', "Range: bytes=0-1",
                   f"Range: bytes={SIZE}-", f"Range: bytes=-{SIZE}"):  # fmt: skip
        ask_file(line, paths, name, header)
        line.ask("HEAD", path_of(name, paths), header)

    def open_files() -> list[str]:
        folder = Path(f"/proc/{site.process.pid}/fd")
        links = [os.path.realpath(link) for link in folder.iterdir()]
        return [link for link in links if link.endswith("data.bin")]

    wait_until(lambda: not open_files())


# Files that change while they are sent

LARGE = 200_000_000


@pytest.fixture
def large(site: Running) -> Iterator[Path]:
    file = site.error_file.parent / "data" / "media" / "large.bin"
    with file.open("wb") as opened:
        opened.truncate(LARGE)
    yield file
    file.unlink(missing_ok=True)


def begin(line: Connection, *headers: str) -> int:
    """Ask for the large file and return the length that is announced."""
    line.send("GET", "/media/large.bin", *headers)
    _, answer = line._head()
    return int(answer["Content-Length"])


def test_a_file_that_becomes_shorter_ends_the_connection(
    site: Running, line: Connection, large: Path
) -> None:
    length = begin(line)
    large.write_bytes(b"short")
    assert len(line._file.read()) < length
    assert site.get("/page/").text == "a page"


def test_a_file_that_becomes_longer_is_sent_as_far_as_announced(
    line: Connection, large: Path
) -> None:
    length = begin(line)
    with large.open("ab") as opened:
        opened.write(b"more")
    assert len(line._file.read(length)) == length
    next_is_answered(line)


def test_a_file_that_vanishes_is_sent(line: Connection, large: Path) -> None:
    length = begin(line)
    large.unlink()
    assert len(line._file.read(length)) == length
    next_is_answered(line)


def test_a_file_that_nobody_reads_keeps_nobody_waiting(site: Running, large: Path) -> None:
    for _ in range(20):
        with Connection(site.port, site.headers) as line:
            begin(line)
            assert site.get("/page/").text == "a page"


def test_a_range_far_behind(line: Connection, large: Path) -> None:
    size = 5 << 30
    with large.open("r+b") as opened:
        opened.truncate(size)
        opened.seek(size - 3)
        opened.write(b"end")
    answer = line.ask("GET", "/media/large.bin", f"Range: bytes={size - 4}-")
    assert (answer.status, answer.body) == (206, b"\0end")
    assert line.ask("GET", "/media/large.bin", "Range: bytes=-3").body == b"end"
    assert lower(line.ask("HEAD", "/media/large.bin"))["content-length"] == str(size)
    next_is_answered(line)


# Refusals


def test_a_refusal_of_head_has_no_body(site: Running) -> None:
    with Connection(site.port) as stranger:
        answer = stranger.ask("HEAD", "/page/")
        assert (answer.status, lower(answer)["content-length"]) == (403, "9")
        assert stranger.is_closed()
