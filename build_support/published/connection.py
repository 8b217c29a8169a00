"""One HTTP request: its redirects followed safely, and its answer judged."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http import HTTPStatus

import httpx

from build_support.errors import UsageError
from build_support.published import trouble, urls
from build_support.published.limits import Deadline, Limits
from build_support.published.opening import Opening
from build_support.published.retry import FailedAttempt, retry_after

_REDIRECTS = 10


@dataclass(frozen=True, slots=True)
class Answer:
    """The response to a request, its body not read yet, and who it came through."""

    response: httpx.Response
    via: str
    limits: Limits

    def chunks(self, deadline: Deadline) -> Iterator[bytes]:
        """Yield the body's bytes as they are on the wire. Raises FailedAttempt."""
        try:
            for chunk in self.response.iter_raw():
                deadline.left()
                yield chunk
        except httpx.HTTPError as error:
            raise trouble.explained(error, self.limits, self.via, connected=True) from error


def open_client(limits: Limits) -> httpx.Client:
    """Return a client that takes proxies and certificates from the environment.

    Raises UsageError when these cannot be used.
    """
    try:
        return httpx.Client(
            headers={"User-Agent": "djdesk", "Accept": "*/*", "Accept-Encoding": "identity"},
            timeout=httpx.Timeout(limits.read, connect=min(limits.address, limits.connect)),
            # A connection for each request: who was connected to is told in its failure.
            limits=httpx.Limits(max_keepalive_connections=0),
        )
    except OSError as error:  # ssl.SSLError is one
        raise UsageError(
            "The certificates that the environment names cannot be read.",
            why=str(error),
            hint="Mend or unset SSL_CERT_FILE and SSL_CERT_DIR.",
        ) from None
    except (ValueError, ImportError, httpx.InvalidURL):
        # The text of these may hold the proxy's password.
        raise UsageError(
            "The proxy that the environment names cannot be used.",
            why="Its address cannot be read, or its kind is not supported (SOCKS is not).",
            hint="Set HTTPS_PROXY, HTTP_PROXY and ALL_PROXY to http://host:port, or unset them.",
        ) from None


@contextmanager
def get(
    client: httpx.Client,
    url: str,
    headers: Mapping[str, str],
    *,
    limits: Limits,
    deadline: Deadline,
) -> Iterator[Answer]:
    """Ask for a URL and follow redirects. Yields any answer that is not one. Raises FailedAttempt.

    A redirect never leads from https to http, and to http only from this machine to itself.
    """
    address = urls.split_credentials(url)
    secret = {"Authorization": address.authorization} if address.authorization else {}
    try:
        request = client.build_request("GET", address.url, headers={**headers, **secret})
    except httpx.InvalidURL as error:
        raise FailedAttempt(f"The address cannot be used: {error}.") from None
    for hop in range(_REDIRECTS + 1):
        opening = Opening(client, request, answered=hop > 0)
        response = opening.wait(limits, deadline)
        following = response.next_request
        if following is None:
            try:
                yield Answer(response, opening.via, limits)
            finally:
                response.close()
            return
        response.close()
        _check_redirect(request.url, following.url)
        request = following
    raise FailedAttempt(
        f"The server redirected more than {_REDIRECTS} times: a redirect loop.",
        hint="Open the address in a browser: a login page or a broken mirror is likely.",
    )


def check_status(answer: Answer) -> None:
    """Raise FailedAttempt unless the answer brings the file or a part of it."""
    status = answer.response.status_code
    if status in {HTTPStatus.OK, HTTPStatus.PARTIAL_CONTENT}:
        return
    raise FailedAttempt(
        f"The answer{answer.via} was {status} {httpx.codes.get_reason_phrase(status)}".rstrip()
        + ".",
        hint=_STATUS_HINTS.get(status, ""),
        again=status in _PASSING or status >= HTTPStatus.INTERNAL_SERVER_ERROR,
        requested_pause=retry_after(answer.response.headers.get("Retry-After")),
    )


_PASSING = frozenset({HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_EARLY, 429, 416})
_STATUS_HINTS: Mapping[int, str] = {
    401: "Put user and password into the mirror's URL: https://user:password@host/path",
    403: "The server or a proxy refuses it: ask whoever runs the network, or use a mirror.",
    404: "The file is not there: look at the mirror's layout, <mirror>/<release>/<file>.",
    407: "The proxy wants user and password: HTTPS_PROXY=http://user:password@host:port",
}


def _check_redirect(origin: httpx.URL, target: httpx.URL) -> None:
    at_home = urls.is_loopback(origin.host) and urls.is_loopback(target.host)
    if target.scheme == "https" or (target.scheme == "http" and at_home):
        return
    raise FailedAttempt(
        f"The server redirects to {urls.redacted(str(target))}, which is not https.",
        hint="A file is never taken over an open connection. Use another source.",
    )
