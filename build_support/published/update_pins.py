"""Rewrite a pins file from the published index of python-build-standalone.

The index has one JSON object per line and release: `version` ("3.14.10+20261110"), and
`artifacts` of `platform` (the triple), `variant`, `url`, `archive_format` and `sha256`
(https://github.com/astral-sh/versions).
"""

from __future__ import annotations

import json
import os
import re
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

from build_support.errors import DownloadError, ProjectError, UnreachableError, from_os_error
from build_support.published import connection, urls
from build_support.published.limits import Deadline, Limits
from build_support.published.pins import PINS_FILE, Pins, load_pins, read_document
from build_support.published.retry import FailedAttempt, Retry, persist
from build_support.reporter import Reporter
from build_support.target import PYTHON_SERIES
from build_support.trees.moving import move

#: Releases that are never chosen, and why.
BAD_RELEASES: Mapping[str, str] = {
    "20261020": "it crashes on Linux x86_64 with perf trampolines "
    "(python-build-standalone pull request 1356)",
}

_INDEX_LIMITS = Limits(size=100_000_000, total=600.0)
_VERSION = re.compile(re.escape(PYTHON_SERIES) + r"\.(\d{1,3})\+(\d{8})")
_SHA256 = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Build:
    """One line of the index: the SHA-256 of each file that it names."""

    python_version: str
    release: str
    files: Mapping[str, str]

    @property
    def age(self) -> tuple[int, str]:
        """What builds are ordered by: the patch number, then the release's date."""
        return _age(self.python_version, self.release)

    def __str__(self) -> str:
        return f"CPython {self.python_version} ({self.release})"


def update_pins(
    path: Path = PINS_FILE,
    *,
    version: str | None = None,
    release: str | None = None,
    reporter: Reporter,
    index_url: str | None = None,
    retry: Retry = Retry(),  # noqa: B008 - a frozen value
    sleep: Callable[[float], None] = time.sleep,
) -> list[str]:
    """Pin the newest build (of a version, of a release), and return what changed as lines.

    Only a build that has every target of the file is taken. The file is rewritten at once
    and as a whole, its other values kept, and not touched when nothing changes. Raises
    DownloadError when the index cannot be had or understood, ProjectError when it has no
    fitting build or the file is wrong.
    """
    pins = load_pins(path)
    text = read_index(index_url or pins.index, reporter=reporter, retry=retry, sleep=sleep)
    chosen = choose(list(parse_index(text)), pins, version, release, reporter)
    asked = version is not None or release is not None
    if not asked and chosen.age < _age(pins.python_version, pins.release):
        return [f"Nothing changed: the newest in the index is {chosen}, which is older."]
    document = read_document(path)
    changes = _apply(document, pins, chosen, reporter)
    if not changes:
        return [f"Nothing changed: {chosen} is pinned already."]
    try:
        _rewrite(path, json.dumps(document, indent=2, ensure_ascii=False) + "\n")
    except OSError as error:
        raise from_os_error(error) from error
    return changes


def read_index(
    url: str,
    *,
    reporter: Reporter,
    retry: Retry,
    sleep: Callable[[float], None],
    limits: Limits = _INDEX_LIMITS,
) -> bytes:
    """Return the bytes of the index. Raises DownloadError, UnreachableError or BuildError."""
    try:
        if urls.is_file(url):
            return urls.file_path(url).read_bytes()
        deadline = Deadline(limits)
        with connection.open_client(limits) as client:

            def attempt() -> bytes:
                with connection.get(client, url, {}, limits=limits, deadline=deadline) as answer:
                    connection.check_status(answer)
                    return _read(answer.chunks(deadline), limits.size)

            return persist(attempt, retry, sleep=sleep, note=reporter.note)
    except FailedAttempt as failure:
        kind = DownloadError if failure.answered else UnreachableError
        raise kind(
            "The index of published interpreters could not be had.",
            why=f"{failure.reason}\n({urls.redacted(url)})",
            hint=failure.hint,
        ) from failure
    except OSError as error:
        raise from_os_error(error) from error


def parse_index(text: bytes) -> Iterator[Build]:
    """Yield the builds of our Python line. Raises DownloadError at a line that makes no sense."""
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip():
            continue
        try:
            entry = json.loads(line)
            found = _VERSION.fullmatch(entry["version"])
            if found:
                version, _, tag = entry["version"].partition("+")
                yield Build(version, tag, _files(entry["artifacts"]))
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise DownloadError(
                "The index of published interpreters cannot be understood.",
                why=f"line {number}: {type(error).__name__}: {error}",
                hint="It is damaged or has a new format; the pins were not touched.",
            ) from None


def choose(
    builds: Sequence[Build],
    pins: Pins,
    version: str | None,
    release: str | None,
    reporter: Reporter,
) -> Build:
    """Return the newest build that fits and is complete. Raises ProjectError if none is."""
    fitting = [
        build
        for build in builds
        if version in {None, build.python_version} and release in {None, build.release}
    ]
    for build in sorted(fitting, key=lambda build: build.age, reverse=True):
        missing = [name for name, file in _names(pins, build).items() if file not in build.files]
        if build.release in BAD_RELEASES:
            reporter.note(f"{build} is left out: {BAD_RELEASES[build.release]}.")
        elif missing:
            reporter.note(f"{build} is left out: it has nothing for {', '.join(missing)}.")
        else:
            return build
    wanted = " ".join(part for part in (version or PYTHON_SERIES, release) if part)
    newest = max(builds, key=lambda build: build.age, default=None)
    raise ProjectError(
        f"The index has no usable build of CPython {wanted} for every target.",
        why=f"The newest of {PYTHON_SERIES} in it is {newest}." if newest else "",
        hint="The pins were not touched. Ask for another --version or --release.",
    )


def _apply(document: dict[str, object], pins: Pins, build: Build, reporter: Reporter) -> list[str]:
    """Change the document, and say what was changed."""
    changes: list[str] = []
    same = (pins.python_version, pins.release) == (build.python_version, build.release)
    if not same:
        changes.append(f"CPython {pins.python_version} ({pins.release}) -> {build}")
    document["python_version"] = build.python_version
    document["release"] = build.release
    assets = document["assets"]
    for name, file in _names(pins, build).items():
        old, new = pins.assets[name], build.files[file]
        if (old.file, old.sha256) == (file, new):
            continue
        if same:
            reporter.warning(f"{file} has another SHA-256 than it had. Find out why.")
        changes.append(f"{name}: {file}, SHA-256 {old.sha256[:12]} -> {new[:12]}")
        assets[name].update(file=file, sha256=new)  # type: ignore[index]  # load_pins checked it
    return changes


def _names(pins: Pins, build: Build) -> dict[str, str]:
    """Return the file name of each target.

    A whole name says more than `variant` does: free-threaded and debug builds end in the
    same flavor (`freethreaded+install_only_stripped`).
    """
    label = f"{build.python_version}+{build.release}"
    return {
        name: f"cpython-{label}-{pin.triple}-{pins.flavor}.tar.gz"
        for name, pin in pins.assets.items()
    }


def _files(artifacts: Sequence[Mapping[str, object]]) -> dict[str, str]:
    files: dict[str, str] = {}
    for artifact in artifacts:
        name = unquote(urlsplit(str(artifact["url"])).path.rpartition("/")[2])
        sha256 = artifact["sha256"]
        if isinstance(sha256, str) and _SHA256.fullmatch(sha256):
            files[name] = sha256
    return files


def _age(version: str, release: str) -> tuple[int, str]:
    return int(version.rpartition(".")[2]), release


def _read(chunks: Iterator[bytes], limit: int) -> bytes:
    content = bytearray()
    for chunk in chunks:
        content += chunk
        if len(content) > limit:
            raise FailedAttempt(f"It has more than {limit} bytes.")
    return bytes(content)


def _rewrite(path: Path, text: str) -> None:
    new = path.with_name(f"{path.name}.new")
    try:
        with new.open("w", encoding="utf-8", newline="\n") as stream:
            stream.write(text)
            stream.flush()
            os.fsync(stream.fileno())
        move(new, path)
    finally:
        new.unlink(missing_ok=True)
