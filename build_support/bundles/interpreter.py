"""Stage: which CPython a bundle gets, and its finished tree.

`choose` decides with as little work as the answer needs: a pinned archive is known by
its pin alone. `download` gets what is missing; `build` makes the pruned and compiled tree,
or finds it in the cache.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from build_support import debian, digest
from build_support.bundles.manifest import Python
from build_support.bundles.parts import finish_part
from build_support.cache import Cache
from build_support.debian.tree import assemble
from build_support.errors import ToolError, UnreachableError, UsageError
from build_support.published.fetch import fetch_archive
from build_support.published.pins import Pin, Pins
from build_support.published.sources import archive_urls
from build_support.reporter import Reporter
from build_support.target import Target, host_target
from build_support.trees.archive import check_layout, extract
from build_support.trees.bytecode import Compiler, compile_trees
from build_support.trees.folders import BUNDLE_PYTHON
from build_support.trees.prune import prune_interpreter

Choice = Literal["auto", "published", "debian"]
#: For how many seconds sources that could not be reached are not tried again.
_REMEMBER_UNREACHABLE = 3600

_STAGE = "interpreters"
#: The key of a tree's own CPython as its compiler.
OWN_COMPILER = ""

CHOICES: tuple[Choice, ...] = ("auto", "published", "debian")


@dataclass(frozen=True, slots=True)
class Wish:
    """What the user asked for.

    `release` refuses option B; `refresh` looks for newer packages of option B;
    `archive` is a file that the user has, `environment` what names mirrors.
    """

    pins: Pins
    environment: Mapping[str, str]
    choice: Choice = "auto"
    archive: Path | None = None
    release: bool = False
    refresh: bool = False


@dataclass(frozen=True, slots=True)
class Interpreter:
    """The interpreter of a target that a bundle is going to have.

    Exactly one of `pin` (published) and `resolution` (option B) is set.
    """

    target: Target
    python: Python
    pin: Pin | None
    resolution: debian.Resolution | None


def choose(target: Target, wish: Wish, *, cache: Cache, reporter: Reporter) -> Interpreter:
    """Decide which interpreter a target gets.

    Option B is taken when it is asked for, or in the automatic choice when nothing
    published could be reached, on a Debian or Ubuntu machine, for this machine's own
    target and not for a release. Raises UsageError when it is asked for where it may not
    be used, and what `fetch_archive` raises.
    """
    if wish.choice == "debian":
        _check_debian_allowed(target, wish)
        return _debian_interpreter(target, wish, cache=cache, reporter=reporter)
    pin = wish.pins.pin_for(target)
    published = _published_interpreter(target, pin)
    if wish.choice == "published" or wish.archive or not _may_fall_back(target, wish):
        return published
    if cache.archive(pin.sha256, pin.file).is_file():
        return published
    mark = _unreachable_mark(pin, wish, cache)
    reason = "could not be reached a short while ago"
    if wish.refresh or not _is_recent(mark):
        try:
            _fetch(pin, wish, cache=cache, reporter=reporter, patient=False)
        except UnreachableError:
            reason = "cannot be reached from here"
            mark.parent.mkdir(parents=True, exist_ok=True)
            mark.touch()
        else:
            return published
    interpreter = _debian_interpreter(target, wish, cache=cache, reporter=reporter)
    reporter.warning(
        f"The published interpreter {reason}: CPython {interpreter.python.version} of this "
        "machine's distribution is used instead.\nThe bundle is good for development and tests, "
        "and must not be released. To look again: --refresh. To insist: --interpreter published"
    )
    return interpreter


def download(
    interpreter: Interpreter,
    wish: Wish,
    *,
    cache: Cache,
    reporter: Reporter,
    compiler_key: str = OWN_COMPILER,
    force: bool = False,
) -> Path | None:
    """Return what the tree of an interpreter is made from: an archive or a folder of packages.

    None when the tree, compiled by that compiler, is in the cache and so nothing is needed.
    Raises what `fetch_archive` and `debian.download` raise.
    """
    key = _key(interpreter.target, interpreter.python.sha256, compiler_key)
    if not force and cache.has_tree(_STAGE, key):
        return None
    if interpreter.resolution is not None:
        return debian.download(interpreter.resolution, cache=cache, reporter=reporter)
    if interpreter.pin is None:
        raise ValueError(interpreter)
    return _fetch(interpreter.pin, wish, cache=cache, reporter=reporter)


def build(
    interpreter: Interpreter,
    source: Path | None,
    *,
    compiler: Compiler | None,
    cache: Cache,
    force: bool = False,
) -> Path:
    """Return the finished tree of an interpreter: `python/`.

    `source` is what `download` returned. Without a `compiler`, the tree's own CPython is
    it, which therefore must run here. Raises ArchiveError when the archive is unsafe or
    not of the right shape.
    """
    target = interpreter.target

    def make(folder: Path) -> None:
        if source is None:
            raise ToolError("The cache was cleaned during the build.", hint="Run it again.")
        if interpreter.resolution is not None:
            assemble(source, folder, target)
        else:
            extract(source, folder)
        python = folder / BUNDLE_PYTHON
        check_layout(python, target)
        prune_interpreter(python, target)
        executable = compiler.executable() if compiler else python / target.layout.executable
        compile_trees(executable, [(python, BUNDLE_PYTHON)], strict=False)
        finish_part(folder)

    compiler_key = compiler.key if compiler else OWN_COMPILER
    key = _key(target, interpreter.python.sha256, compiler_key)
    return cache.tree(_STAGE, key, make, force=force)


def prepare_own(
    wish: Wish, *, cache: Cache, reporter: Reporter, force: bool = False
) -> tuple[Interpreter, Path]:
    """Choose, download and build the interpreter of this machine; return it and its executable."""
    target = host_target()
    chosen = choose(target, wish, cache=cache, reporter=reporter)
    source = download(chosen, wish, cache=cache, reporter=reporter, force=force)
    with reporter.step(f"Prepare CPython {chosen.python.version} for {target}"):
        tree = build(chosen, source, compiler=None, cache=cache, force=force)
    return chosen, executable(tree, target)


def executable(tree: Path, target: Target) -> Path:
    """Where the interpreter's executable lies in a finished tree."""
    return tree / BUNDLE_PYTHON / target.layout.executable


def _key(target: Target, sha256: str, compiler_key: str = OWN_COMPILER) -> str:
    return digest.of_values(digest.of_recipe(), target.name, sha256, compiler_key)


def _fetch(pin: Pin, wish: Wish, *, cache: Cache, reporter: Reporter, patient: bool = True) -> Path:
    archive = fetch_archive(
        pin,
        wish.pins,
        cache=cache,
        reporter=reporter,
        environment=wish.environment,
        given=wish.archive,
        patient=patient,
    )
    return archive.path


def _published_interpreter(target: Target, pin: Pin) -> Interpreter:
    python = Python(
        version=pin.python_version,
        provider="python-build-standalone",
        archive=pin.file,
        sha256=pin.sha256,
        redistributable=True,
    )
    return Interpreter(target, python, pin=pin, resolution=None)


def _debian_interpreter(
    target: Target, wish: Wish, *, cache: Cache, reporter: Reporter
) -> Interpreter:
    resolution = debian.obtain(
        target,
        cache=cache,
        reporter=reporter,
        refresh=wish.refresh,
        finished=lambda found: cache.has_tree(_STAGE, _key(target, found.digest)),
    )
    python = Python(
        version=resolution.python_version,
        provider="debian",
        archive=f"python3.14 of {resolution.suite}",
        sha256=resolution.digest,
        redistributable=False,
    )
    return Interpreter(target, python, pin=None, resolution=resolution)


def _check_debian_allowed(target: Target, wish: Wish) -> None:
    if wish.release:
        raise UsageError(
            "A release cannot be made with the interpreter of this machine's distribution.",
            why="It needs libraries and patches of one distribution, and nobody else builds it.",
            hint="Leave out --interpreter debian, or --release (DJDESK_RELEASE).",
        )
    if wish.archive:
        raise UsageError(
            "--interpreter debian and --interpreter-archive exclude each other.",
            hint="Leave out one of them.",
        )
    if reason := debian.host_supports():
        raise UsageError("--interpreter debian cannot be used here.", why=reason)
    if target.system != "linux":
        raise UsageError(
            f"--interpreter debian cannot make an interpreter for {target}.",
            hint="Leave it out: the published interpreters exist for every target.",
        )


def _may_fall_back(target: Target, wish: Wish) -> bool:
    return not wish.release and target == host_target() and debian.host_supports() is None


def _unreachable_mark(pin: Pin, wish: Wish, cache: Cache) -> Path:
    """Return the file whose age tells when these sources were last found out of reach."""
    urls = [source.url for source in archive_urls(pin, wish.pins, wish.environment)]
    return cache.root / "debian" / f"unreachable-{digest.of_values(urls)[:16]}"


def _is_recent(mark: Path) -> bool:
    return mark.exists() and time.time() - mark.stat().st_mtime < _REMEMBER_UNREACHABLE
