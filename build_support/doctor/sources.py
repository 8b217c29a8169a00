"""Which of the places that builds take things from answer. Every question has a time limit.

An answer's body is not read: the first byte of the status line is enough.
"""

from __future__ import annotations

import errno
import socket
import ssl
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from build_support.bundles.packages import uv_options
from build_support.debian.resolution import read_record
from build_support.debian.sources import (
    DISTRIBUTIONS,
    ETC_APT,
    OS_RELEASE,
    read_mirror,
    read_os_release,
)
from build_support.doctor.checks import Ask, Finding
from build_support.errors import BuildError, ToolError
from build_support.projects.requirements import LockedRequirement, render
from build_support.published import connection, urls
from build_support.published.limits import Deadline, Limits
from build_support.published.retry import FailedAttempt, Retry, persist
from build_support.published.sources import Source
from build_support.target import PYTHON_SERIES, Target

#: How long it may take to reach a source, and how long one answer may take, in seconds. A runner
#: of CI or a proxy that looks for viruses needs several for what elsewhere takes a tenth.
CONNECT_SECONDS = 5.0
SECONDS = 10.0
LIMITS = Limits(connect=CONNECT_SECONDS, address=2.0, read=SECONDS, total=SECONDS)
#: A source that was slow or overloaded is asked once more; one that cannot be reached is not.
RETRY = Retry(attempts=2, connect_attempts=1, longest_requested_pause=2.0)

INDEX = "package index"
DEBIAN = "Debian or Ubuntu archive"
_APT_HELPER = Path("/usr/lib/apt/apt-helper")
_NO_ROUTE = frozenset({errno.ENETUNREACH, errno.EHOSTUNREACH, errno.ENETDOWN})
_KINDS: tuple[tuple[type[BaseException], str], ...] = (
    (ssl.SSLError, "TLS problem"),
    (socket.gaierror, "no name"),
    (ConnectionRefusedError, "refused"),
)
_ANY_REQUIREMENT = "platformdirs\n"


@dataclass(frozen=True, slots=True)
class SourceAnswer:
    """What asking a source came to. `reached`: it, or a proxy, said something."""

    finding: Finding
    reached: bool


def ask_source(
    source: Source, *, limits: Limits = LIMITS, sleep: Callable[[float], None] = time.sleep
) -> SourceAnswer:
    """Ask one source for the archive, again where the first answer is of the kind that passes."""
    if urls.is_file(source.url):
        if urls.file_path(source.url).is_file():
            return SourceAnswer(Finding(source.name, "ok", "the file is there"), reached=True)
        fix = "Look at its layout: <mirror>/<release>/<file>"
        return SourceAnswer(
            Finding(source.name, "missing", "the archive is not there", fix), reached=True
        )
    try:
        persist(lambda: _ask_once(source, limits), RETRY, sleep=sleep, note=lambda _: None)
    except FailedAttempt as failure:
        finding = Finding(source.name, "missing", describe(failure), _first_line(failure.hint))
        return SourceAnswer(finding, failure.answered)
    except BuildError as error:
        finding = Finding(source.name, "missing", error.what, _first_line(error.hint))
        return SourceAnswer(finding, reached=True)
    return SourceAnswer(Finding(source.name, "ok", "answers"), reached=True)


def _ask_once(source: Source, limits: Limits) -> None:
    with (
        connection.open_client(limits) as client,
        connection.get(
            client,
            source.url,
            {"Range": "bytes=0-0"},
            limits=limits,
            deadline=Deadline(limits),
        ) as answer,
    ):
        connection.check_status(answer)


def describe(failure: FailedAttempt) -> str:
    """Return in few words why there was no answer, or what the answer was."""
    for error in _chain(failure):
        for kind, words in _KINDS:
            if isinstance(error, kind):
                return words
        if isinstance(error, OSError) and error.errno in _NO_ROUTE:
            return "no route"
    return failure.reason if failure.answered else "no answer"


def ask_index(uv: Callable[[], Path], ask: Ask, scratch: Path) -> Finding:
    """Let uv look a package up, as it is configured on this machine and without its cache."""
    file = scratch / "any.in"
    file.write_text(_ANY_REQUIREMENT, encoding="utf-8")
    limits = {
        "UV_HTTP_CONNECT_TIMEOUT": f"{CONNECT_SECONDS:.0f}",
        "UV_HTTP_TIMEOUT": f"{SECONDS:.0f}",
        "UV_HTTP_RETRIES": "1",
    }
    try:
        command: list[str | Path] = [uv(), "pip", "compile", *uv_options(), "--no-cache"]
        command += ["--no-deps", "--python-version", PYTHON_SERIES, file]
        ask(command, limits)
    except ToolError as error:
        fix = "Look at the network and the proxy, or name an index in UV_DEFAULT_INDEX."
        return Finding(INDEX, "missing", _last_line(error.why or error.what), fix)
    return Finding(INDEX, "ok", "answers")


def has_wheels(
    lock: tuple[LockedRequirement, ...],
    target: Target,
    uv: Callable[[], Path],
    ask: Ask,
    folder: Path,
) -> bool:
    """Whether uv could install a lock for a target from its cache, without any network."""
    file = folder / f"{target}.lock"
    file.write_text(render(lock), encoding="utf-8")
    try:
        command: list[str | Path] = [uv(), "pip", "install", *uv_options(), "--offline"]
        command += ["--dry-run", "--no-deps", "--require-hashes", "--only-binary", ":all:"]
        command += ["--python-platform", target.uv_platform, "--python-version", PYTHON_SERIES]
        ask([*command, "--target", folder / target.name, "--requirement", file], {})
    except ToolError:
        return False
    return True


def ask_debian(
    unsupported: str | None,
    ask: Ask,
    scratch: Path,
    *,
    etc_apt: Path = ETC_APT,
    os_release: Path = OS_RELEASE,
) -> Finding:
    """Let apt fetch the index' first file, by the way to the network that apt has here.

    `unsupported` is what `debian.host_supports` said.
    """
    if unsupported:
        return Finding(DEBIAN, "missing", unsupported)
    fields = read_os_release(os_release)
    distribution = DISTRIBUTIONS[fields["ID"]]
    suite = distribution.suites(fields.get("VERSION_CODENAME", ""))[0][0]
    options = {
        "APT::Sandbox::User": "root",
        "Acquire::Retries": "0",
        "Acquire::http::Timeout": f"{CONNECT_SECONDS:.0f}",
        "Acquire::https::Timeout": f"{CONNECT_SECONDS:.0f}",
    }
    words = [word for name, value in options.items() for word in ("-o", f"{name}={value}")]
    try:
        mirror = read_mirror(etc_apt, distribution)
        address = f"{mirror.uri}/dists/{suite}/InRelease"
        ask([_APT_HELPER, *words, "download-file", address, scratch / "InRelease"], {})
    except ToolError as error:
        fix = error.hint or "Check that this machine's apt works: apt-get update"
        return Finding(DEBIAN, "missing", _last_line(error.why or error.what), _first_line(fix))
    return Finding(DEBIAN, "ok", f"answers, {suite} (named in {mirror.origin})")


def has_debian_packages(cache: Path, target: Target) -> bool:
    """Whether every package of a target's option B is in the cache."""
    known = read_record(cache / "debian" / f"{target}.json")
    if known is None:
        return False
    folder = cache / "debian" / "packages" / known.digest
    return all((folder / package.file).is_file() for package in known.packages)


def _chain(error: BaseException) -> Iterator[BaseException]:
    at: BaseException | None = error
    while at is not None:
        yield at
        at = at.__cause__ or at.__context__


def _first_line(text: str) -> str:
    return text.partition("\n")[0]


def _last_line(text: str) -> str:
    return text.strip().rpartition("\n")[2].strip()
