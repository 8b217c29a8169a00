"""The gate of a real bundle's server, and what hostile clients make of it: nothing."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from http.cookies import SimpleCookie
from pathlib import Path

import httpx
import pytest

from build_support.bundles.protocol import new_token
from build_support.verification.browse import Browser, find_upload_form
from tests.integration import hostile
from tests.integration.hostile import Target
from tests.integration.running import Running, running, token_header
from tests.unit.build_support.unprivileged import unprivileged

_SECONDS = 60
_UPLOAD = ("plan.txt", b"the plan")
_SLOW = 200
_NOWHERE = Target(1, "x" * 32, "/static/a.css", "/attachments/1/", "cookie")
_NAMES = tuple(hostile.all_rows(_NOWHERE))
_FORBIDDEN = {*hostile.without_access(_NOWHERE), *hostile.in_disguise(_NOWHERE)}
#: What `same_bytes` leaves of it.
_ANSWER = (
    b"HTTP/1 403 Forbidden\r\nConnection: close\r\nContent-Length: 9\r\n"
    b"Content-Type: text/plain\r\n\r\nForbidden"
)


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    """A folder whose parents other users may enter, as a home's may be."""
    with tempfile.TemporaryDirectory(prefix="djdesk-gate-") as name:
        Path(name).chmod(0o755)
        yield Path(name)


@pytest.fixture(scope="module")
def token() -> str:
    return new_token()


@pytest.fixture(scope="module")
def server(bundle: Path, folder: Path, token: str) -> Iterator[Running]:
    with running(bundle, folder, token=token) as started:
        yield started


@pytest.fixture(scope="module")
def client(server: Running, token: str) -> Iterator[httpx.Client]:
    """Somebody who is let in."""
    with httpx.Client(
        base_url=server.url, headers=token_header(token), trust_env=False, timeout=_SECONDS
    ) as browser:
        yield browser


@pytest.fixture(scope="module")
def target(server: Running, client: httpx.Client, token: str) -> Target:
    style = re.search(r'href="(/static/[^"]+\.css)"', client.get("/").text)
    assert style
    browser = Browser(client, server.url)
    form = find_upload_form(browser)
    assert form
    links = browser.send(form, _UPLOAD).links
    uploads = [link for link in links if client.get(link).content == _UPLOAD[1]]
    upload = uploads[0].removeprefix(server.url.rstrip("/"))
    return Target(int(server.ready["port"]), token, style[1], upload, "org_djdesk_notes_djdesk")


@pytest.fixture(autouse=True)
def served_before_and_after(request: pytest.FixtureRequest, client: httpx.Client) -> Iterator[None]:
    """Whatever a test does to the server: others are served as before."""
    yield
    assert client.get("/").status_code == 200


def send(target: Target, request: bytes) -> bytes:
    """Send bytes and return all that comes until the server closes the connection.

    Nothing more will be sent, so it must not be kept open for more.
    """
    with socket.create_connection(("127.0.0.1", target.port), timeout=_SECONDS) as connection:
        received = b""
        try:
            connection.sendall(request)
            connection.shutdown(socket.SHUT_WR)
            while data := connection.recv(65536):
                received += data
        except TimeoutError:
            raise
        except OSError:
            pass  # closed while there was still something to send
        return received


def statuses(answer: bytes) -> list[int]:
    return [int(status) for status in re.findall(rb"HTTP/1\.[01] (\d{3}) ", answer)]


@pytest.mark.parametrize("name", _NAMES)
def test_hostile(target: Target, name: str) -> None:
    answer = send(target, hostile.all_rows(target)[name])
    assert all(400 <= status <= 501 for status in statuses(answer)), answer
    assert len(statuses(answer)) <= 1, "more than one request was seen in it"
    assert _UPLOAD[1] not in answer
    assert b"<html" not in answer
    if name in _FORBIDDEN and answer:
        without_body = "HEAD" in name
        assert same_bytes(answer) == _ANSWER.removesuffix(b"Forbidden" if without_body else b"")


def same_bytes(answer: bytes) -> bytes:
    """Return an answer without what the time of day and the version of HTTP make of it."""
    return re.sub(rb"Date: [^\r]+\r\n", b"", re.sub(rb"^HTTP/1\.[01]", b"HTTP/1", answer))


def test_most_rows_are_answered(target: Target) -> None:
    """With silence for everything, the test above would pass as well."""
    rows = hostile.all_rows(target)
    answered = {name for name, request in rows.items() if statuses(send(target, request))}
    assert len(rows) >= 80
    assert len(answered) >= len(rows) - 5, sorted(rows.keys() - answered)
    assert answered >= _FORBIDDEN - {"many headers", "long address"}


def test_second_request_of_a_connection_is_judged_as_well(target: Target) -> None:
    first = target.ask(line=f"GET {target.static} HTTP/1.1", token=True)
    answer = send(target, first + target.ask() + target.ask(token=True))
    assert statuses(answer) == [200, 403]


def test_request_in_the_body_of_another_is_none(target: Target) -> None:
    inner = target.ask(line=f"GET {target.static} HTTP/1.1", token=True).decode()
    length = f"Content-Length: {len(inner)}"
    answer = send(target, target.ask(length, line="POST / HTTP/1.1", body=inner, token=True))
    assert len(statuses(answer)) == 1
    answer = send(target, target.ask(length, line="POST / HTTP/1.1", body=inner))
    assert statuses(answer) == [403]


@pytest.mark.parametrize("path", ["secret_key", "db.sqlite3", "server.json", "logs/app.log"])
@pytest.mark.parametrize(
    "prefix",
    ["/attachments/../", "/attachments/%2e%2e/", "/attachments/..%2f", "/attachments/..%5c",
     "/static/../../data/", "/static/%2e%2e/%2e%2e/data/", "/attachments/x/../../",
     "/attachments//", "/../", "/attachments/%252e%252e/", "/"],
)  # fmt: skip
def test_not_even_who_is_let_in_gets_other_files(target: Target, prefix: str, path: str) -> None:
    line = f"GET {prefix}{path} HTTP/1.1"
    answer = send(target, target.ask("Connection: close", line=line, token=True))
    assert statuses(answer) in ([404], [400])


def test_slow_headers_keep_nobody_out(target: Target, client: httpx.Client) -> None:
    slow = [socket.create_connection(("127.0.0.1", target.port)) for _ in range(_SLOW)]
    for part in (b"GET / HTTP/1.1\r\n", b"X-Name: va", b"lue\r\nX-"):
        for connection in slow:
            connection.sendall(part)
        with httpx.Client(headers=client.headers, trust_env=False, timeout=_SECONDS) as another:
            assert another.get(str(client.base_url)).status_code == 200
        assert client.get("/").status_code == 200
    for connection in slow:
        connection.close()


def test_half_a_request_is_none(target: Target) -> None:
    for length in (0, 1, 20, 60):
        assert send(target, target.ask(token=True)[:length]) == b""


def test_many_at_once_and_gone_at_once(target: Target) -> None:
    rows = [*hostile.all_rows(target).values()]
    connections = [socket.create_connection(("127.0.0.1", target.port)) for _ in rows]
    for connection, request in zip(connections, rows, strict=True):
        connection.setblocking(False)
        connection.send(request[:30_000])
    for connection in connections:
        connection.close()


# The link


@pytest.fixture
def opened(bundle: Path, tmp_path: Path) -> Iterator[Running]:
    """A server that a browser is let in by its link."""
    with running(bundle, tmp_path) as started:
        yield started


def test_the_link_lets_one_in(opened: Running) -> None:
    link = str(opened.ready["link"])
    port = str(opened.ready["port"])
    with httpx.Client(trust_env=False, timeout=_SECONDS) as stranger:
        assert stranger.head(link).status_code == 403
        assert stranger.post(link).status_code == 403
        assert stranger.get(link[:-1]).status_code == 403
        assert stranger.get(link + "?x").status_code == 403
        assert stranger.get(link, headers={"Host": f"localhost:{port}"}).status_code == 403
        frame = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Dest": "iframe"}
        assert stranger.get(link, headers=frame).status_code == 403
    with httpx.Client(trust_env=False, timeout=_SECONDS) as browser:
        page = browser.get(link, headers={"Sec-Fetch-Site": "none"})
        assert page.status_code == 200
        (morsel,) = SimpleCookie(page.headers["set-cookie"]).values()
        assert (morsel["httponly"], morsel["samesite"], morsel["path"]) == (True, "Strict", "/")
        assert browser.get(opened.url).status_code == 200
        assert browser.get(link).status_code == 404, "the project has no such page"
        cookie = {"Cookie": f"{morsel.key}={morsel.value}"}
    with httpx.Client(trust_env=False, timeout=_SECONDS) as stranger:
        assert stranger.get(link).status_code == 403
        assert stranger.get(opened.url).status_code == 403
        foreign = {**cookie, "Origin": "http://127.0.0.1:1"}
        assert stranger.post(opened.url, headers=foreign).status_code == 403
        assert stranger.get(opened.url, headers=cookie).status_code == 200


# Other users of the computer


def assert_closed(server: Running, client: httpx.Client, folder: Path, files: list[Path]) -> None:
    try:
        (folder / "data").iterdir().__next__()
    except PermissionError:
        pass
    else:
        pytest.skip("this process cannot become another user")
    for file in files:
        with pytest.raises(PermissionError):
            file.read_bytes()
    assert client.get(server.url).status_code == 403
    for name in ("environ", "mem", "fd/0"):
        with pytest.raises(PermissionError):
            os.close(os.open(f"/proc/{server.process.pid}/{name}", os.O_RDONLY))


def test_another_user_reads_nothing(server: Running, folder: Path, token: str) -> None:
    data = folder / "data"
    files = [path for path in data.rglob("*") if path.is_file()]
    assert {"db.sqlite3", "secret_key", "server.json", "app.log"} <= {file.name for file in files}
    with httpx.Client(trust_env=False) as client:
        # What this needs of the checkout is read before: other users may not be able to.
        assert client.get(server.url).status_code == 403
        with unprivileged():
            assert_closed(server, client, folder, files)
    listed = subprocess.run(["ps", "axeww"], capture_output=True, check=True).stdout
    assert token.encode() not in listed
