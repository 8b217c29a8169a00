"""Ask for pages, in this process: a page that fails shows its exception, not only its status."""

from __future__ import annotations

import time
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urljoin, urlsplit

from djdesk_runtime.checking.effects import shown_effects, was_blocked
from djdesk_runtime.checking.findings import (
    FAILED,
    SKIPPED,
    WARNING,
    Finding,
    of_exception,
)
from djdesk_runtime.checking.workers import TookTooLongError
from djdesk_runtime.reports.source_lines import place_in

if TYPE_CHECKING:
    from pathlib import Path

    from django.contrib.auth.models import AbstractBaseUser
    from django.test import Client

    from djdesk_runtime.checking.effects import Effects
    from djdesk_runtime.checking.findings import Findings
    from djdesk_runtime.checking.workers import Worker

MOST_REDIRECTS = 20
# A page may set a cookie and redirect to itself, once.
MOST_VISITS = 2

# How much is read of an answer that streams, which may have no end.
STREAM_CHUNKS = 20
STREAM_BYTES = 1_000_000

LOGIN_SECONDS = 30.0

SERVER_ERROR = 500
CLIENT_ERROR = 400
HOST = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class Limits:
    """In seconds: for one page, and for all of them together."""

    page: float = 10.0
    pages: float = 60.0


@dataclass(slots=True)
class Visitor:
    """Asks for pages, and tells what came of it."""

    root: Path
    worker: Worker
    effects: Effects
    findings: Findings
    limits: Limits
    user: AbstractBaseUser | None = None

    def visit_first_page(self) -> None:
        """Ask for ``/`` as a user does who has just started the application."""
        client = new_client()
        address, visits = "/", {"/": 1}
        for _ in range(MOST_REDIRECTS):
            response = self.ask(Finding("first page", address, FAILED), client)
            location = "" if response is None else str(response.headers.get("Location", ""))
            if not location:
                return
            target = urlsplit(urljoin(f"http://{HOST}{address}", location))
            if target.hostname != HOST or target.scheme != "http":
                reason = f"redirects to {location}, which is not the application's"
                self.findings.add(Finding("first page", address, WARNING, reason))
                return
            address = target.path + (f"?{target.query}" if target.query else "")
            visits[address] = visits.get(address, 0) + 1
            if visits[address] > MOST_VISITS:
                break
        reason = f"redirects without end, the last time to {address}"
        self.findings.add(Finding("first page", "/", WARNING, reason))

    def visit_all(self, addresses: list[str]) -> None:
        """Ask for pages, behind a login if there is an account."""
        until = time.monotonic() + self.limits.pages
        client = new_client()
        for index, address in enumerate(addresses):
            if time.monotonic() > until:
                reason = f"not asked for after {self.limits.pages:.0f} s: {len(addresses) - index}"
                self.findings.add(Finding("page", "the other pages", SKIPPED, reason))
                return
            self.log_in(client)
            response = self.ask(Finding("page", quote(address), WARNING), client)
            if response is None:
                client = new_client()

    def log_in(self, client: Client) -> None:
        """Log the user in unless it is: one page may have logged it out."""
        from django.conf import settings

        cookie = client.cookies.get(settings.SESSION_COOKIE_NAME)
        if self.user is None or (cookie is not None and cookie.value):
            return
        user = self.user
        try:
            self.worker.run(lambda: client.force_login(user), LOGIN_SECONDS)
        except Exception as error:  # noqa: BLE001 - any code of the project's
            self.user = None
            failed = Finding("account", "login", SKIPPED)
            self.findings.add(of_exception(failed, error, self.root))

    def ask(self, finding: Finding, client: Client) -> Any:  # noqa: ANN401 - of Django's client
        """Ask for a page; tell what came, as *finding* if it is a server error.

        Returns the response, None if none came.
        """
        self.findings.add(Finding("asking", finding.subject))
        self.effects.take_blocked()
        error: BaseException | None = None
        response: Any = None
        try:
            response = self.worker.run(lambda: client.get(finding.subject), self.limits.page)
            if response.streaming:
                self.read_stream(response)
            error = response.exc_info[1] if getattr(response, "exc_info", None) else None
        except TookTooLongError as late:
            file, line = place_in(late.frames, self.root)
            told = replace(finding, outcome=WARNING, reason=str(late), file=file, line=line)
            self.findings.add(self.unless_blocked(told, None))
            return None
        except BaseException as raised:  # noqa: BLE001 - SystemExit of a page, among others
            error = raised
        if response is not None and response.status_code < SERVER_ERROR and error is None:
            self.findings.add(answered(finding, response))
        else:
            self.findings.add(
                self.unless_blocked(self.server_error(finding, response, error), error)
            )
        return response

    def server_error(
        self,
        finding: Finding,
        response: Any,  # noqa: ANN401 - of Django's client
        error: BaseException | None,
    ) -> Finding:
        """Return *finding* with what went wrong."""
        from django.utils.datastructures import MultiValueDictKeyError

        if isinstance(error, MultiValueDictKeyError):
            finding = replace(finding, outcome=SKIPPED)  # asked for without its parameters
        if error is not None:
            return of_exception(finding, error, self.root)
        return replace(finding, reason=f"answers {response.status_code}, without an exception")

    def unless_blocked(self, finding: Finding, error: BaseException | None) -> Finding:
        """Return *finding*, as one that was not tried if the check itself stood in its way."""
        blocked = self.effects.take_blocked()
        if not blocked and not was_blocked(error):
            return finding
        reason = f"wants {shown_effects(blocked)}, which this check does not reach"
        return Finding(finding.kind, finding.subject, SKIPPED, reason, finding.file, finding.line)

    def read_stream(self, response: Any) -> None:  # noqa: ANN401 - of Django's client
        """Read the beginning of an answer that streams; one that waits has begun well."""

        def read() -> None:
            size = 0
            for count, chunk in enumerate(response.streaming_content, 1):
                size += len(chunk)
                if count >= STREAM_CHUNKS or size >= STREAM_BYTES:
                    break
            with suppress(Exception):
                response.close()

        with suppress(TookTooLongError):
            self.worker.run(read, min(1.0, self.limits.page))


def answered(finding: Finding, response: Any) -> Finding:  # noqa: ANN401 - of Django's client
    """Return that a page answered; that there is none at the first address is worth a word."""
    reason = f"answers {response.status_code}"
    if finding.kind == "first page" and response.status_code >= CLIENT_ERROR:
        reason = f"{reason}, and the window opens with it"
        return Finding(finding.kind, finding.subject, WARNING, reason)
    return Finding(finding.kind, finding.subject, reason=reason)


def new_client() -> Client:
    """Return a browser that has no cookies yet."""
    from django.test import Client

    return Client(
        raise_request_exception=False,
        SERVER_NAME=HOST,
        headers={"accept": "text/html,application/xhtml+xml,*/*;q=0.8"},
    )
