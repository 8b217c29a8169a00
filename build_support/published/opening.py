"""Send one request and have its response's headers, or know in time that there will be none."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from queue import Empty, SimpleQueue
from typing import Any

import httpx

from build_support.published import trouble
from build_support.published.limits import Deadline, Limits
from build_support.published.retry import FailedAttempt


class Opening:
    """Sends one request in a thread of its own, up to the response's headers.

    The thread is there because asking a name server has no time limit that can be set:
    where its packets are dropped, that alone takes half a minute and more.
    """

    def __init__(self, client: httpx.Client, request: httpx.Request, *, answered: bool) -> None:
        self._client = client
        self._request = request
        self._answered = answered
        self._peer = ("", 0)
        self._connected = threading.Event()
        self._given_up = threading.Event()
        self._news: SimpleQueue[httpx.Response | Exception | None] = SimpleQueue()

    @property
    def via(self) -> str:
        """Who was connected to in place of the server: an empty text, or the proxy."""
        host, port = self._peer
        if not host or host == self._request.url.host:
            return ""
        return f" through the proxy {host}:{port}"

    def wait(self, limits: Limits, deadline: Deadline) -> httpx.Response:
        """Return the response, its body not read. Raises FailedAttempt."""
        self._request.extensions = {**self._request.extensions, "trace": self._trace}
        left = deadline.left()
        threading.Thread(target=self._send, name="djdesk-request", daemon=True).start()
        try:
            outcome = self._news.get(timeout=min(limits.connect, left))
            while outcome is None:
                outcome = self._news.get(timeout=deadline.left())
        except Empty:
            self._give_up()
            deadline.left()
            raise self._silence(limits) from None
        except BaseException:
            self._give_up()
            raise
        if isinstance(outcome, httpx.Response):
            return outcome
        raise trouble.explained(
            outcome, limits, self._place(), connected=self._answered or self._connected.is_set()
        ) from outcome

    def _send(self) -> None:
        try:
            response = self._client.send(self._request, stream=True)
        except Exception as error:  # noqa: BLE001 - whatever it is, the waiting thread raises it
            self._news.put(error)
            return
        self._news.put(response)
        if self._given_up.is_set():
            response.close()

    def _give_up(self) -> None:
        self._given_up.set()
        while not self._news.empty():
            if isinstance(late := self._news.get(), httpx.Response):
                late.close()

    def _trace(self, event: str, info: Mapping[str, Any]) -> None:
        if event.endswith("connect_tcp.started"):
            self._peer = (str(info["host"]), int(info["port"]))
        elif event.endswith("send_request_headers.started"):
            self._connected.set()
            self._news.put(None)

    def _place(self) -> str:
        return self.via or f" to {self._request.url.host}"

    def _silence(self, limits: Limits) -> FailedAttempt:
        return FailedAttempt(
            f"The connection{self._place()} was not there after {limits.connect:g} s.",
            hint=trouble.NETWORK_HINT,
            again=True,
            answered=self._answered,
        )
