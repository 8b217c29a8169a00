from __future__ import annotations

import socket
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from build_support.errors import DownloadError, UnreachableError, UsageError
from build_support.published.limits import Limits
from build_support.published.retry import Retry
from tests.servers import CERTIFICATE, Reply, Server, refusing_port, serving

if TYPE_CHECKING:
    from tests.unit.build_support.conftest import Content, Fetch

SHORT = Limits(connect=5.0, read=2.0, total=60.0)


def test_an_http_proxy_is_used(
    fetch: Fetch, site: Server, monkeypatch: pytest.MonkeyPatch, content: Content
) -> None:
    with Server(serving(content.data)) as proxy:
        monkeypatch.setenv("HTTP_PROXY", proxy.url)
        fetch(f"{site.url}/file")
    assert [request.target for request in proxy.requests] == [f"{site.url}/file"]
    assert site.requests == []


def test_no_proxy_goes_around_it(
    fetch: Fetch, site: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    with refusing_port() as port:
        monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{port}")
        monkeypatch.setenv("NO_PROXY", "127.0.0.1")
        fetch(site.url)
    assert len(site.requests) == 1


def test_https_goes_through_the_proxy_as_a_tunnel(
    fetch: Fetch, tls_site: Server, monkeypatch: pytest.MonkeyPatch, destination: Path
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(CERTIFICATE))
    with Server(lambda _: Reply(tunnel=True)) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", proxy.url.replace("://", "://user:secret@"))
        fetch(f"{tls_site.url}/file")
    assert proxy.requests[0].method == "CONNECT"
    assert proxy.requests[0].headers["proxy-authorization"].startswith("Basic ")
    assert "proxy-authorization" not in tls_site.requests[0].headers
    assert destination.exists()


@pytest.mark.parametrize(("status", "attempts"), [(403, 1), (407, 1), (502, 5)])
def test_a_proxy_that_refuses_is_named(
    fetch: Fetch, monkeypatch: pytest.MonkeyPatch, status: int, attempts: int
) -> None:
    with Server(lambda _: Reply(status)) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", proxy.url.replace("://", "://user:secret@"))
        with pytest.raises(DownloadError) as caught:
            fetch("https://example.org/file")
    assert type(caught.value) is DownloadError
    assert f"the proxy 127.0.0.1:{proxy.port}" in caught.value.why
    assert str(status) in caught.value.why
    assert "secret" not in str(caught.value)
    assert len(proxy.requests) == attempts


def test_a_proxy_that_answers_for_the_server_is_named(
    fetch: Fetch, monkeypatch: pytest.MonkeyPatch, site: Server
) -> None:
    with Server(lambda _: Reply(403)) as proxy:
        monkeypatch.setenv("HTTP_PROXY", f"http://localhost:{proxy.port}")
        with pytest.raises(DownloadError) as caught:
            fetch(site.url)
    assert f"through the proxy localhost:{proxy.port}" in caught.value.why


def test_a_dead_proxy_is_named_and_unreachable(
    fetch: Fetch, monkeypatch: pytest.MonkeyPatch
) -> None:
    with refusing_port() as port:
        monkeypatch.setenv("HTTPS_PROXY", f"http://user:secret@127.0.0.1:{port}")
        with pytest.raises(UnreachableError) as caught:
            fetch("https://example.org/file")
    assert f"the proxy 127.0.0.1:{port}" in caught.value.why
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("proxy", ["ftp://user:secret@host", "socks5://user:secret@host:1"])
def test_a_proxy_of_another_kind_is_refused(
    fetch: Fetch, monkeypatch: pytest.MonkeyPatch, proxy: str
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", proxy)
    with pytest.raises(UsageError) as caught:
        fetch("https://example.org/file")
    assert "secret" not in str(caught.value)


def test_an_untrusted_certificate_is_not_unreachable(
    fetch: Fetch, tls_site: Server, pauses: list[float]
) -> None:
    with pytest.raises(DownloadError) as caught:
        fetch(tls_site.url)
    assert type(caught.value) is DownloadError
    assert "not to be trusted" in caught.value.why
    assert "SSL_CERT_FILE" in caught.value.hint
    assert tls_site.requests == []
    assert pauses == [], "asking again cannot help"


def test_a_certificate_of_the_users_own_is_trusted(
    fetch: Fetch, tls_site: Server, monkeypatch: pytest.MonkeyPatch, destination: Path
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(CERTIFICATE))
    fetch(tls_site.url)
    assert destination.exists()


def test_from_https_no_redirect_leads_to_http(
    fetch: Fetch, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(CERTIFICATE))
    away = Reply(302, {"Location": "http://example.org/file"})
    with Server(lambda _: away, tls=True) as server, pytest.raises(DownloadError) as caught:
        fetch(server.url)
    assert "not https" in caught.value.why


def test_plain_http_on_the_https_port_was_an_answer(fetch: Fetch, site: Server) -> None:
    with pytest.raises(DownloadError) as caught:
        fetch(site.url.replace("http:", "https:"), retry=Retry(attempts=1))
    assert type(caught.value) is DownloadError
    assert "could not be encrypted" in caught.value.why


def test_silence_in_place_of_a_tls_handshake_was_none(fetch: Fetch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent, pytest.raises(UnreachableError):
        fetch(
            f"https://127.0.0.1:{silent.getsockname()[1]}/",
            limits=Limits(connect=0.2),
            retry=Retry(connect_attempts=1),
        )
    for thread in threading.enumerate():
        if thread.name == "djdesk-request":
            thread.join(60)


def test_silence_behind_a_proxy_that_answered_was_an_answer(
    fetch: Fetch, monkeypatch: pytest.MonkeyPatch
) -> None:
    with (
        socket.create_server(("127.0.0.1", 0)) as silent,
        Server(lambda _: Reply(tunnel=True)) as proxy,
    ):
        monkeypatch.setenv("HTTPS_PROXY", proxy.url)
        with pytest.raises(DownloadError) as caught:
            fetch(
                f"https://127.0.0.1:{silent.getsockname()[1]}/",
                limits=Limits(address=0.2),
                retry=Retry(attempts=1),
            )
    assert type(caught.value) is DownloadError


def test_a_missing_certificate_file_is_explained(
    fetch: Fetch, site: Server, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "none.pem"))
    with pytest.raises(UsageError, match="certificates"):
        fetch(site.url)
