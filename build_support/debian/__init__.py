"""Option B: a CPython 3.14 out of the signed packages of Debian or Ubuntu.

For machines from which nothing published can be reached. `obtain` is what a build calls:
it knows the exact packages (`resolve`), has them in the cache (`download`), and looks anew
when the archive has replaced them meanwhile. `tree.assemble` makes a tree of them.
"""

from __future__ import annotations

import platform
import re
import shutil
import time
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

from build_support.cache import Cache
from build_support.debian.apt import Archive, NotInSuiteError, PackagesGoneError, closure
from build_support.debian.download import download
from build_support.debian.resolution import Package, Resolution, read_record, write_record
from build_support.debian.sources import (
    DISTRIBUTIONS,
    ETC_APT,
    OS_RELEASE,
    Distribution,
    read_mirror,
    read_os_release,
)
from build_support.errors import ToolError, UnreachableError, UsageError
from build_support.reporter import Reporter
from build_support.target import PYTHON_SERIES, Target
from build_support.trees.folders import remove_tree

__all__ = [
    "Package",
    "PackagesGoneError",
    "Resolution",
    "download",
    "host_supports",
    "obtain",
    "resolve",
]

_PACKAGE = f"python{PYTHON_SERIES}"
#: How long packages are taken to be current, in seconds.
_MAXIMUM_AGE = 7 * 24 * 3600
#: Debian's names of processors.
_ARCHITECTURES: Mapping[str, str] = {"x86_64": "amd64", "arm64": "arm64"}
_HOST_MACHINES = frozenset({"x86_64", "amd64", "aarch64", "arm64"})
_FINAL_VERSION = re.compile(rf"(?:\d+:)?({re.escape(PYTHON_SERIES)}\.\d+)(?![\d.~])")
#: Packages of which no file is copied (why: docstring of debian.tree).
_NOT_NEEDED = re.compile(
    r"debconf(-2\.0)?|cdebconf|tzdata|media-types|mime-support|netbase|readline-common"
    r"|libdb5\.3(t64)?|libc-gconv-modules-extra|openssl-provider-legacy"
)


def host_supports(
    os_release: Path = OS_RELEASE,
    *,
    find: Callable[[str], str | None] = shutil.which,
    machine: str | None = None,
) -> str | None:
    """Say why packages cannot be had on this machine; None when they can."""
    name = read_os_release(os_release).get("ID", "")
    machine = machine or platform.machine()
    if name not in DISTRIBUTIONS:
        return f"This machine does not run Debian or Ubuntu but {name or platform.system()}."
    if machine.lower() not in _HOST_MACHINES:
        return f"Its processor is of the kind {machine}, not amd64 or arm64."
    missing = [program for program in ("apt-get", "dpkg-deb") if find(program) is None]
    if missing:
        return f"There is no program {' and no '.join(missing)} on this machine."
    return None


def obtain(
    target: Target,
    *,
    cache: Cache,
    reporter: Reporter,
    refresh: bool = False,
    finished: Callable[[Resolution], bool] = lambda _: False,
) -> Resolution:
    """Resolve, and make sure that `download` will find every package in the cache.

    Nothing is downloaded for a resolution of which `finished` says that its tree is there.
    When the archive no longer has packages of an older record (sid moves daily), they are
    resolved anew, once. Raises what `resolve` and `download` raise.
    """
    resolution = resolve(target, cache=cache, reporter=reporter, refresh=refresh)
    if finished(resolution):
        return resolution
    try:
        download(resolution, cache=cache, reporter=reporter)
    except PackagesGoneError:
        resolution = resolve(target, cache=cache, reporter=reporter, refresh=True)
        if not finished(resolution):
            download(resolution, cache=cache, reporter=reporter)
    return resolution


def resolve(
    target: Target,
    *,
    cache: Cache,
    reporter: Reporter,
    refresh: bool = False,
    etc_apt: Path = ETC_APT,
    os_release: Path = OS_RELEASE,
) -> Resolution:
    """Find the exact packages of the target's interpreter.

    A record of them in the cache is used, without any network, when `refresh` is false and
    it is younger than 7 days; also an older one when the archive cannot be reached. Raises
    UsageError when the target or this machine cannot have them, UnreachableError when there
    is no way to the archive, IntegrityError when its index is not properly signed, ToolError
    when no suite has python3.14 or apt fails otherwise.
    """
    if target.system != "linux":
        raise UsageError(
            f"An interpreter for {target} cannot be made of Debian's packages.",
            why="They are for Linux only.",
            hint="Use a published one: leave out --interpreter debian.",
        )
    record = cache.root / "debian" / f"{target}.json"
    waiting = partial(reporter.note, "Waiting for another build that looks for the same packages.")
    with cache.lock(f"debian/{target}", waiting=waiting):
        known = read_record(record)
        if known is not None and not refresh and _age(record) < _MAXIMUM_AGE:
            return known
        with reporter.step(f"Find the packages of CPython {PYTHON_SERIES}"):
            try:
                found = _look_up(target, cache, etc_apt=etc_apt, os_release=os_release)
            except UnreachableError as error:
                if known is None or refresh:
                    raise
                reporter.warning(f"{error.what} The packages last seen are used: {known.suite}.")
                return known
        write_record(record, found)
        return found


def _look_up(target: Target, cache: Cache, *, etc_apt: Path, os_release: Path) -> Resolution:
    if reason := host_supports(os_release):
        raise UsageError(
            f"{_PACKAGE} packages cannot be had here.",
            why=reason,
            hint="Use a published interpreter: leave out --interpreter debian.",
        )
    fields = read_os_release(os_release)
    distribution = DISTRIBUTIONS[fields["ID"]]
    mirror = read_mirror(etc_apt, distribution)
    reasons: list[str] = []
    for suites in distribution.suites(fields.get("VERSION_CODENAME", "")):
        archive = Archive(mirror, suites, distribution.components, _ARCHITECTURES[target.machine])
        root = cache.root / "debian" / f"{target}.apt"
        remove_tree(root)
        try:
            packages = closure(archive, root, _PACKAGE)
        except NotInSuiteError as error:
            reasons.append(f"{suites[0]}: {error.why.splitlines()[-1]}")
            continue
        finally:
            remove_tree(root)
        if version := _final_version(packages):
            return Resolution(version, suites[0], _needed(packages))
        reasons.append(f"{suites[0]}: {_PACKAGE} is not a final release there")
    raise _no_python(distribution, mirror.origin, reasons)


def _no_python(distribution: Distribution, origin: Path, reasons: list[str]) -> ToolError:
    return ToolError(
        f"{distribution.name.title()}'s mirror has no {_PACKAGE}.",
        why="\n".join(reasons),
        hint=f"Use a mirror that carries it (this one is named in {origin}), or a published "
        "interpreter: --interpreter-archive FILE or DJDESK_PYTHON_MIRROR.",
    )


def _final_version(packages: tuple[Package, ...]) -> str | None:
    """CPython's own version, or None where the package is of a release candidate."""
    version = next(package.version for package in packages if package.name == _PACKAGE)
    match = _FINAL_VERSION.match(version)
    return match[1] if match else None


def _needed(packages: tuple[Package, ...]) -> tuple[Package, ...]:
    return tuple(package for package in packages if not _NOT_NEEDED.fullmatch(package.name))


def _age(path: Path) -> float:
    return time.time() - path.stat().st_mtime
