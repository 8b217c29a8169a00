"""Requests as nobody in good faith sends them, byte by byte.

Every row is made for one server: `Target` has its port, its token, and the names of its static
file, its upload and its cookie. No row may be answered with anything but a refusal.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

KEY = "x" * 43
#: The header limit of the runtime, in bytes.
HEADER_BYTES = 65536


@dataclass(frozen=True, slots=True)
class Target:
    """What an attacker would like to know, and in some rows does."""

    port: int
    token: str
    static: str
    upload: str
    cookie: str

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self.port}"

    def ask(
        self,
        *headers: str,
        line: str = "GET / HTTP/1.1",
        host: str | None = None,
        token: bool = False,
        body: str = "",
    ) -> bytes:
        """Return a request; with `token` it would be let in if the rest were right."""
        lines = [line, f"Host: {self.host if host is None else host}", *headers]
        lines += [f"X-DJDesk-Token: {self.token}"] if token else []
        return ("\r\n".join(lines) + f"\r\n\r\n{body}").encode("latin-1")


def without_access(to: Target) -> Mapping[str, bytes]:
    """Requests of somebody who does not know the token, or does not know where it belongs."""
    token = to.token
    return {
        "nothing": to.ask(),
        "wrong token": to.ask(f"X-DJDesk-Token: {'x' * len(token)}"),
        "empty token": to.ask("X-DJDesk-Token:"),
        "token in another case": to.ask(f"X-DJDesk-Token: {token.swapcase()}"),
        "part of the token": to.ask(f"X-DJDesk-Token: {token[:-1]}"),
        "token and more": to.ask(f"X-DJDesk-Token: {token}x"),
        "token after a wrong one": to.ask(f"X-DJDesk-Token: x\r\nX-DJDesk-Token: {token}"),
        "token twice": to.ask(f"X-DJDesk-Token: {token}\r\nX-DJDesk-Token: {token}"),
        "token by underscores": to.ask(f"X_DJDesk_Token: {token}"),
        "token folded": to.ask(f"X-DJDesk-Token: {token[:20]}\r\n {token[20:]}"),
        "token in the query": to.ask(line=f"GET /?token={token}&X-DJDesk-Token={token} HTTP/1.1"),
        "token in the cookie": to.ask(f"Cookie: {to.cookie}={token}; token={token}"),
        "token as authorization": to.ask(f"Authorization: Bearer {token}"),
        "token as a password": to.ask(host=f"{token}:{token}@{to.host}"),
        "token in the body": to.ask(
            f"Content-Length: {len(token) + 6}", line="POST / HTTP/1.1", body=f"token={token}"
        ),
        "token in a trailer": to.ask(
            "Transfer-Encoding: chunked", "Trailer: X-DJDesk-Token", line="POST / HTTP/1.1",
            body=f"0\r\nX-DJDesk-Token: {token}\r\n\r\n",
        ),
        "static file": to.ask(line=f"GET {to.static} HTTP/1.1"),
        "static file, part of it": to.ask("Range: bytes=0-9", line=f"GET {to.static} HTTP/1.1"),
        "static file by HEAD": to.ask(line=f"HEAD {to.static} HTTP/1.1"),
        "upload": to.ask(line=f"GET {to.upload} HTTP/1.1"),
        "upload if newer": to.ask(
            "If-Modified-Since: Mon, 01 Jan 2001 00:00:00 GMT", line=f"GET {to.upload} HTTP/1.1"
        ),
        "no such page": to.ask(line="GET /no/such/page/ HTTP/1.1"),
        "no slash at the end": to.ask(line="GET /about HTTP/1.1"),
        "unused link": to.ask(line=f"GET /.djdesk/open/{KEY} HTTP/1.1"),
        "link without a key": to.ask(line="GET /.djdesk/open/ HTTP/1.1"),
        "form": to.ask("Content-Length: 3", line="POST /notes/new/ HTTP/1.1", body="a=b"),
        "form with a body that never comes": to.ask(
            "Content-Length: 900000000", line="POST /notes/new/ HTTP/1.1"
        ),
        "form after a question": to.ask(
            "Content-Length: 9", "Expect: 100-continue", line="POST /notes/new/ HTTP/1.1"
        ),
        "WebSocket": to.ask("Upgrade: websocket", "Connection: Upgrade"),
        "many headers": to.ask(*(f"X-{number}: {number}" for number in range(3000))),
        "long address": to.ask(line=f"GET /{'a' * 30_000} HTTP/1.1"),
        "dots": to.ask(line="GET /static/../../secret_key HTTP/1.1"),
        "encoded dots": to.ask(line="GET /attachments/%2e%2e/secret_key HTTP/1.1"),
        "backslashes": to.ask(line="GET /attachments/..%5csecret_key HTTP/1.1"),
        "encoded slashes": to.ask(line="GET /static/..%2f..%2fbundle.json HTTP/1.1"),
        "encoded NUL": to.ask(line=f"GET {to.static}%00.png HTTP/1.1"),
        "two slashes": to.ask(line="GET //etc/passwd HTTP/1.1"),
        "CONNECT": to.ask(line=f"CONNECT {to.host} HTTP/1.1"),
        "TRACE": to.ask(line="TRACE / HTTP/1.1"),
        "OPTIONS": to.ask(line="OPTIONS * HTTP/1.1"),
        "unknown method": to.ask(line="BREW / HTTP/1.1"),
        "HTTP/0.9": b"GET /\r\n\r\n",
        "HTTP/1.0": b"GET / HTTP/1.0\r\n\r\n",
        "HTTP/2": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        "HTTP/9.9": to.ask(line="GET / HTTP/9.9"),
    }  # fmt: skip


def in_disguise(to: Target) -> Mapping[str, bytes]:
    """Requests that a browser could be made to send for somebody else.

    All but one have the token: the shell gives it to pages of the application alone, and what
    reads for a sandboxed frame of theirs looks like what reads for another site.
    """
    post = "POST /notes/new/ HTTP/1.1"
    hosts = {
        "rebinding": f"evil.example:{to.port}", "localhost": f"localhost:{to.port}",
        "IPv6": f"[::1]:{to.port}", "IPv4 in IPv6": f"[::ffff:127.0.0.1]:{to.port}",
        "any address": f"0.0.0.0:{to.port}", "another loopback": f"127.0.0.2:{to.port}",
        "number": f"2130706433:{to.port}", "final dot": f"127.0.0.1.:{to.port}",
        "no port": "127.0.0.1", "another port": f"127.0.0.1:{to.port ^ 1}",
        "user": f"user@{to.host}", "zeros": f"127.0.0.1:0{to.port}", "empty": "",
        "capitals": f"LOCALHOST:{to.port}", "path": f"{to.host}/", "two in one": f"{to.host}, x",
    }  # fmt: skip
    return {
        **{f"Host: {name}": to.ask(host=host, token=True) for name, host in hosts.items()},
        "Host twice": to.ask(f"Host: {to.host}", token=True),
        "Host twice, two of them": to.ask("Host: evil.example", token=True),
        "no Host": f"GET / HTTP/1.0\r\nX-DJDesk-Token: {to.token}\r\n\r\n".encode(),
        "whole address": to.ask(line=f"GET http://{to.host}/ HTTP/1.1", token=True),
        "whole foreign address": to.ask(line="GET http://evil.example/ HTTP/1.1", token=True),
        "foreign form": to.ask("Origin: http://evil.example", line=post, token=True),
        "form of another port": to.ask("Origin: http://127.0.0.1:1", line=post, token=True),
        "form from nowhere": to.ask("Origin: null", line=post, token=True),
        "foreign script": to.ask("Origin: http://evil.example", token=True),
        "foreign image": to.ask(
            "Sec-Fetch-Site: cross-site", "Sec-Fetch-Mode: no-cors", "Sec-Fetch-Dest: image",
            line=f"GET {to.upload} HTTP/1.1",
        ),
        "image of another port": to.ask(
            "Sec-Fetch-Site: same-site", "Sec-Fetch-Mode: no-cors", "Sec-Fetch-Dest: image",
            line=f"GET {to.upload} HTTP/1.1", token=True,
        ),
        "foreign image that names its origin": to.ask(
            "Origin: http://evil.example", "Sec-Fetch-Site: cross-site",
            line=f"GET {to.upload} HTTP/1.1", token=True,
        ),
        "form in a sandboxed frame": to.ask(
            "Origin: null", "Sec-Fetch-Site: cross-site", line=post, token=True,
        ),
        "frame of another port": to.ask(
            "Sec-Fetch-Site: same-site", "Sec-Fetch-Mode: navigate", "Sec-Fetch-Dest: iframe",
            token=True,
        ),
        "foreign form, by its site": to.ask(
            "Sec-Fetch-Site: cross-site", "Sec-Fetch-Mode: navigate", "Sec-Fetch-Dest: document",
            line=post, token=True,
        ),
    }  # fmt: skip


def malformed(to: Target) -> Mapping[str, bytes]:
    """What is no request, or two at once, for those who read it differently. All with the token."""
    post = "POST /notes/new/ HTTP/1.1"
    inner = f"GET / HTTP/1.1\r\nHost: {to.host}\r\n\r\n"
    return {
        "headers too large": to.ask(f"X-Large: {'x' * HEADER_BYTES}", token=True),
        "headers without an end": to.ask(f"X-Large: {'x' * HEADER_BYTES * 2}", token=True)[:-4],
        "no colon": to.ask("no colon", token=True),
        "blank before the colon": to.ask("X-Name : value", token=True),
        "empty name": to.ask(": value", token=True),
        "NUL in a header": to.ask("X-Name: a\0b", token=True),
        "NUL in the address": to.ask(line="GET /\0 HTTP/1.1", token=True),
        "NUL in the token": to.ask(f"X-DJDesk-Token: {to.token}\0"),
        "lone LF": to.ask("X-Name: a\nX-Other: b", token=True),
        "lone CR": to.ask("X-Name: a\rX-Other: b", token=True),
        "LF only": to.ask(token=True).replace(b"\r\n", b"\n"),
        "folded first header": to.ask(line="GET / HTTP/1.1\r\n folded: yes", token=True),
        "blank in the address": to.ask(line="GET / / HTTP/1.1", token=True),
        "no method": to.ask(line="/ HTTP/1.1", token=True),
        "small letters": to.ask(line="get / HTTP/1.1", token=True),
        "broken address": to.ask(line="GET http://[::1 HTTP/1.1", token=True),
        "length and chunks": to.ask(
            "Content-Length: 4", "Transfer-Encoding: chunked, identity", line=post, token=True,
            body=f"0\r\n\r\n{inner}",
        ),
        "two lengths": to.ask(
            "Content-Length: 0", "Content-Length: 50", line=post, token=True, body=inner
        ),
        "negative length": to.ask("Content-Length: -1", line=post, token=True, body=inner),
        "signed length": to.ask("Content-Length: +1", line=post, token=True, body=inner),
        "hexadecimal length": to.ask("Content-Length: 0x10", line=post, token=True, body=inner),
        "length of 5000 digits": to.ask(f"Content-Length: {'9' * 5000}", line=post, token=True),
        "length beyond everything": to.ask(f"Content-Length: {'9' * 20}", line=post, token=True),
        "unknown coding": to.ask("Transfer-Encoding: xchunked", line=post, token=True, body=inner),
        "coding with a tab": to.ask(
            "Transfer-Encoding: \x0bchunked", line=post, token=True, body=inner
        ),
        "chunks of garbage": to.ask(
            "Transfer-Encoding: chunked", line=post, token=True, body="zz\r\nabc\r\n0\r\n\r\n"
        ),
        "chunk without its end": to.ask(
            "Transfer-Encoding: chunked", line=post, token=True, body="1\r\nabc\r\n0\r\n\r\n"
        ),
        "chunk of negative size": to.ask(
            "Transfer-Encoding: chunked", line=post, token=True, body="-1\r\na\r\n0\r\n\r\n"
        ),
        "TLS": bytes.fromhex("16030100f1010000ed0303") + bytes(range(200)) + b"\r\n\r\n",
        "garbage": bytes(range(256)) * 8 + b"\r\n\r\n",
    }  # fmt: skip


def all_rows(to: Target) -> Mapping[str, bytes]:
    """Return every row."""
    return {**without_access(to), **in_disguise(to), **malformed(to)}
