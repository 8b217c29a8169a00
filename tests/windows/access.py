"""Knock at the gate of a server on Windows, and note down who is let in."""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from typing import Any

import httpx

from build_support.bundles.protocol import TOKEN_HEADER
from tests.windows.programs import SECONDS, Server

_CHANGES = frozenset({"date"})


def expected_proof(token: str, nonce: str, url: str) -> str:
    """Return what only a server that was told both can say of its address."""
    return hmac.new(token.encode(), f"djdesk-ready\n{nonce}\n{url}".encode(), "sha256").hexdigest()


def knock(server: Server, style: str, download: str) -> dict[str, Any]:
    """Send what must be refused, most of it with the token; return every answer."""
    token = {TOKEN_HEADER: server.token}
    port = server.events[-1]["port"]
    foreign = {"Origin": "http://notes.example"}
    requests: Mapping[str, tuple[str, str, Mapping[str, str]]] = {
        "no token": ("GET", server.url, {}),
        "wrong token": ("GET", server.url, {TOKEN_HEADER: "x" * len(server.token)}),
        "static file without token": ("GET", style, {}),
        "upload without token": ("GET", download, {}),
        "nothing there without token": ("GET", f"{server.url}nowhere/", {}),
        "other Host": ("GET", server.url, {**token, "Host": f"notes.example:{port}"}),
        "Host is localhost": ("GET", server.url, {**token, "Host": f"localhost:{port}"}),
        "foreign Origin": ("POST", f"{server.url}notes/new/", {**token, **foreign}),
        "from another port": ("GET", server.url, {**token, "Sec-Fetch-Site": "same-site"}),
    }
    with httpx.Client(trust_env=False) as client:
        return {name: _ask(client, *request) for name, request in requests.items()}


def use_link(server: Server) -> dict[str, Any]:
    """Use the link of a server that was told no token; return what two browsers get."""
    link, url = server.events[-1]["link"], server.url
    with httpx.Client(trust_env=False) as browser, httpx.Client(trust_env=False) as other:
        return {
            "before": _ask(browser, "GET", url)["status"],
            "link": _ask(browser, "GET", link)["status"],
            "after": _ask(browser, "GET", url)["status"],
            "link again": _ask(other, "GET", link)["status"],
            "other browser": _ask(other, "GET", url)["status"],
            "cookies": [cookie.name for cookie in browser.cookies.jar],
        }


def _ask(
    client: httpx.Client, method: str, url: str, headers: Mapping[str, str] | None = None
) -> dict[str, Any]:
    answer = client.request(method, url, headers=headers, timeout=SECONDS)
    kept = {name: value for name, value in answer.headers.items() if name not in _CHANGES}
    return {"status": answer.status_code, "headers": kept, "text": answer.text}
