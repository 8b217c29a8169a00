"""Download one file whose SHA-256 is known: resumed, retried, verified, whole or not at all.

The bytes go to `<destination>.part`; the destination gets its name when all of them are
there and are the pinned ones. Proxies and certificates come from the environment as httpx
takes them (HTTPS_PROXY, HTTP_PROXY, ALL_PROXY, NO_PROXY, SSL_CERT_FILE, SSL_CERT_DIR).
"""

from __future__ import annotations

import hashlib
import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from http import HTTPStatus
from pathlib import Path
from typing import BinaryIO

import httpx

from build_support import digest
from build_support.errors import DownloadError, UnreachableError, from_os_error
from build_support.published import connection, urls
from build_support.published.connection import Answer
from build_support.published.limits import Deadline, Limits
from build_support.published.partial import Origin, Part, strong_validator
from build_support.published.retry import FailedAttempt, Retry, persist
from build_support.published.sources import Source
from build_support.reporter import Advance, Reporter, megabytes

__all__ = ["Limits", "Retry", "copy", "download"]

_CHUNK = 1 << 20
_CONTENT_RANGE = re.compile(r"bytes (\d{1,15})-(\d{1,15})/(\d{1,15}|\*)")


def download(
    source: Source,
    destination: Path,
    *,
    sha256: str,
    reporter: Reporter,
    limits: Limits = Limits(),  # noqa: B008 - a frozen value
    retry: Retry = Retry(),  # noqa: B008 - a frozen value
    sleep: Callable[[float], None] = time.sleep,
    clock: Callable[[], float] = time.monotonic,
) -> None:
    """Bring the file at `source` to `destination`, whose folder is made if need be.

    The caller sees to it that nobody else downloads to the same destination. Whatever
    ends a download early, what has come is kept for the next call, where the server gave a
    strong validator. Raises UnreachableError when nothing was answered at all,
    IntegrityError when the file is another one than `sha256` says (it is deleted),
    DownloadError on any other refusal or failure of the network, and BuildError when the
    file cannot be written.
    """
    part = Part(destination)
    shown = urls.redacted(source.url)
    try:
        destination.parent.mkdir(parents=True, exist_ok=True)
        if urls.is_file(source.url):
            copy(urls.file_path(source.url), destination, sha256=sha256, name=source.name)
            return
        if part.size() and digest.of_file(part.path) == sha256:
            part.install(sha256, sha256, shown)
            return
        with connection.open_client(limits) as client:
            job = _Job(client, source.url, part, limits, Deadline(limits, clock), reporter)
            actual = persist(partial(_attempt, job), retry, sleep=sleep, note=reporter.note)
        part.install(actual, sha256, shown)
    except FailedAttempt as failure:
        kind = DownloadError if failure.answered else UnreachableError
        what = "could not be downloaded from" if failure.answered else "could not be had: no way to"
        raise kind(
            f"{destination.name} {what} {source.name}.",
            why=f"{failure.reason}\n({shown})",
            hint=failure.hint or "Run again: what has come is kept where the server allows it.",
        ) from failure
    except OSError as error:
        raise from_os_error(error) from error


def copy(
    origin: Path, destination: Path, *, sha256: str, name: str, limit: int = Limits().size
) -> None:
    """Copy a file of this machine through the same check. The original is never touched.

    Not more than about `limit` bytes are copied. Raises DownloadError when there is no such
    file, IntegrityError when it is not the one of `sha256`, and OSError.
    """
    part = Part(destination)
    part.discard()
    hasher = hashlib.sha256()
    try:
        with origin.open("rb") as source, part.path.open("wb") as stream:
            while chunk := source.read(_CHUNK):
                hasher.update(chunk)
                stream.write(chunk)
                if stream.tell() > limit:
                    break
    except (FileNotFoundError, IsADirectoryError, PermissionError) as error:
        part.discard()
        if Path(error.filename or "") != origin:
            raise
        raise DownloadError(
            f"{destination.name} could not be had from {name}.",
            why=f"{origin}: {error.strerror}",
            hint="In a mirror, the file lies at <mirror>/<release>/<file>, with a plain + in it.",
        ) from None
    except BaseException:
        part.discard()
        raise
    part.install(hasher.hexdigest(), sha256, str(origin))


@dataclass(frozen=True, slots=True)
class _Job:
    """What stays the same from attempt to attempt."""

    client: httpx.Client
    url: str
    part: Part
    limits: Limits
    deadline: Deadline
    reporter: Reporter


def _attempt(job: _Job) -> str:
    """Ask once for what is missing, and return the SHA-256 when nothing is any more."""
    part = job.part
    address = urls.split_credentials(job.url).url
    known = part.resumable(address)
    before = part.size() if known else 0
    headers = {"Range": f"bytes={before}-", "If-Range": known.validator} if known else {}
    try:
        with connection.get(
            job.client, job.url, headers, limits=job.limits, deadline=job.deadline
        ) as answer:
            _check_answer(answer, part)
            start, origin = _match(answer.response, address, known, before, part)
            _check_size(part, origin.total or 0, job.limits)
            if start == 0:
                part.begin(origin)
            title = part.destination.name
            with job.reporter.download(title, origin.total, start) as advance:
                return _receive(job, answer, origin, advance)
    except FailedAttempt as failure:
        failure.progress = part.resumable(address) is not None and part.size() > before
        raise


def _check_answer(answer: Answer, part: Part) -> None:
    if answer.response.status_code == HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE:
        part.discard()  # the next attempt begins at the beginning
    connection.check_status(answer)


def _match(
    response: httpx.Response, url: str, known: Origin | None, before: int, part: Part
) -> tuple[int, Origin]:
    """Return where the body begins in the file, and what it belongs to."""
    if response.status_code == HTTPStatus.OK:
        return 0, _origin(response, url)
    found = _CONTENT_RANGE.fullmatch(response.headers.get("Content-Range", ""))
    start = int(found[1]) if found else -1
    total = int(found[3]) if found and found[3] != "*" else None
    etag = response.headers.get("ETag", "")
    if (
        known is None
        or start != before
        or (known.total and total and total != known.total)
        or (etag and known.validator.startswith('"') and etag != known.validator)
    ):
        part.discard()
        raise FailedAttempt("The server sent another part than it was asked for.", again=True)
    return start, Origin(url, known.validator, total or known.total)


def _origin(response: httpx.Response, url: str) -> Origin:
    headers = response.headers
    length = headers.get("Content-Length", "")
    return Origin(
        url,
        strong_validator(
            headers.get("ETag", ""), headers.get("Last-Modified", ""), headers.get("Date", "")
        ),
        int(length[:18]) if length.isascii() and length.isdigit() else None,
    )


def _receive(job: _Job, answer: Answer, origin: Origin, advance: Advance) -> str:
    part = job.part
    with part.path.open("rb+") as stream:
        hasher = _hash(stream)
        for chunk in answer.chunks(job.deadline):
            stream.write(chunk)
            stream.flush()  # what has come outlives the process, however that ends
            hasher.update(chunk)
            advance(len(chunk))
            if stream.tell() > job.limits.size:
                break
        size = stream.tell()
    _check_size(part, size, job.limits)
    if origin.total is not None and size < origin.total:
        raise FailedAttempt(f"The answer ended at {size} of {origin.total} bytes.", again=True)
    if origin.total is not None and size > origin.total:
        part.discard()
        raise FailedAttempt(f"More than the promised {origin.total} bytes came.", again=True)
    return hasher.hexdigest()


def _hash(stream: BinaryIO) -> hashlib._Hash:
    """Hash what the file holds, and leave it ready for what comes next."""
    hasher = hashlib.sha256()
    while chunk := stream.read(_CHUNK):
        hasher.update(chunk)
    return hasher


def _check_size(part: Part, size: int, limits: Limits) -> None:
    if size > limits.size:
        part.discard()
        raise FailedAttempt(
            f"The file has more than the {megabytes(limits.size)} that an interpreter may have.",
            hint="The source serves something else than an interpreter archive: use another one.",
        )
