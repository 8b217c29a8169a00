"""Bring a pinned interpreter archive into the cache: from there, from a file, or from a source."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from build_support import digest
from build_support.cache import Cache
from build_support.errors import (
    DownloadError,
    IntegrityError,
    UnreachableError,
    UsageError,
    from_os_error,
)
from build_support.published.download import copy, download
from build_support.published.limits import Limits
from build_support.published.partial import mismatch
from build_support.published.pins import Pin, Pins
from build_support.published.retry import Retry
from build_support.published.sources import Source, archive_urls
from build_support.reporter import Reporter

#: Seconds after which a machine without a way out knows that it has none.
_IMPATIENCE = 5.0
_LONGEST_IMPATIENT_CONNECT = 2.5
_IMPATIENT_ADDRESS = 0.8


@dataclass(frozen=True, slots=True)
class Archive:
    """A verified archive in the cache. `source` says for people where it came from."""

    path: Path
    sha256: str
    source: str


@dataclass(frozen=True, slots=True)
class Patience:
    """How long to try."""

    limits: Limits = Limits()  # noqa: RUF009 - a frozen value
    retry: Retry = Retry()  # noqa: RUF009 - a frozen value


def patience(*, patient: bool, sources: int) -> Patience:
    """Return the limits for trying so many sources.

    Without patience, because something else can be used instead, every source gets one
    attempt to connect, and all of them together at most five seconds. A server that has
    answered is treated with the same patience either way.
    """
    if patient:
        return Patience()
    connect = min(_LONGEST_IMPATIENT_CONNECT, _IMPATIENCE / max(1, sources))
    return Patience(
        replace(Limits(), connect=connect, address=min(_IMPATIENT_ADDRESS, connect)),
        Retry(connect_attempts=1),
    )


def fetch_archive(
    pin: Pin,
    pins: Pins,
    *,
    cache: Cache,
    reporter: Reporter,
    environment: Mapping[str, str],
    given: Path | None = None,
    patient: bool = True,
    chosen: Patience | None = None,
    sleep: Callable[[float], None] = time.sleep,
) -> Archive:
    """Return the archive of a pin, verified: from the cache, else `given`, else the sources.

    `environment` may name a mirror (`sources.MIRROR_VARIABLES`), which is then the only
    source. `chosen` overrides the limits that follow from `patient`. Builds that want the
    same archive at once share one download.

    Raises IntegrityError as soon as anything, `given` included, is not the pinned archive;
    UnreachableError when no source was reached, DownloadError when at least one answered;
    UsageError for a file or mirror that cannot be used; BuildError for a cache that cannot.
    """
    path = cache.archive(pin.sha256, pin.file)
    waiting = partial(reporter.note, f"Waiting for another build's download of {pin.file}.")
    try:
        if given is not None:
            _check_given(given, pin)
        if _is_whole(path, pin):
            return Archive(path, pin.sha256, "the cache")
        with cache.lock(f"archives/{pin.sha256}", waiting):
            if _is_whole(path, pin):
                return Archive(path, pin.sha256, "the cache")
            _delete_damaged(path, reporter)
            if given is not None:
                path.parent.mkdir(parents=True, exist_ok=True)
                copy(given, path, sha256=pin.sha256, name=str(given))
                return Archive(path, pin.sha256, str(given))
            sources = archive_urls(pin, pins, environment)
            chosen = chosen or patience(patient=patient, sources=len(sources))
            bring = partial(
                download,
                destination=path,
                sha256=pin.sha256,
                reporter=reporter,
                limits=chosen.limits,
                retry=chosen.retry,
                sleep=sleep,
            )
            return Archive(path, pin.sha256, _first_working(sources, bring, pin, reporter))
    except OSError as error:
        raise from_os_error(error) from error


def _check_given(given: Path, pin: Pin) -> None:
    if problem := _problem_with(given):
        raise UsageError(
            f"The interpreter archive {given} cannot be used: {problem}.",
            hint=f"Give the file {pin.file} itself.",
        )
    try:
        actual = digest.of_file(given)
    except OSError as error:
        raise UsageError(
            f"The interpreter archive {given} cannot be read.", why=error.strerror or str(error)
        ) from None
    if actual != pin.sha256:
        raise mismatch(pin.file, str(given), pin.sha256, actual, given.stat().st_size)


def _problem_with(given: Path) -> str:
    if not given.exists():
        return "there is no such file"
    if given.is_dir():
        return "it is a folder"
    if not given.is_file():
        return "it is not a regular file"
    return "" if given.stat().st_size else "it is empty"


def _is_whole(path: Path, pin: Pin) -> bool:
    return path.is_file() and digest.of_file(path) == pin.sha256


def _delete_damaged(path: Path, reporter: Reporter) -> None:
    if path.exists():
        reporter.warning(f"{path} is damaged. It is deleted and fetched anew.")
        path.unlink()


def _first_working(
    sources: Sequence[Source], bring: Callable[[Source], None], pin: Pin, reporter: Reporter
) -> str:
    """Ask one source after the other, and return the name of the one that had the archive."""
    failures: list[tuple[Source, DownloadError]] = []
    for source in sources:
        try:
            bring(source)
        except IntegrityError:
            raise
        except DownloadError as error:
            failures.append((source, error))
            reporter.note(f"{source.name}: {_first_line(error)}")
        else:
            return source.name
    raise _summary(failures, pin)


def _summary(failures: Sequence[tuple[Source, DownloadError]], pin: Pin) -> DownloadError:
    if len(failures) == 1:
        return failures[0][1]
    answered = [error for _, error in failures if not isinstance(error, UnreachableError)]
    kind = DownloadError if answered else UnreachableError
    hint = next((error.hint for error in answered), failures[0][1].hint)
    return kind(
        f"{pin.file} could not be had from any of {len(failures)} sources.",
        why="\n".join(f"{source.name}: {_first_line(error)}" for source, error in failures),
        hint=f"{hint}\nOr give the file itself: --interpreter-archive FILE",
    )


def _first_line(error: DownloadError) -> str:
    return (error.why or error.what).splitlines()[0]
