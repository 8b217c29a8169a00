"""Stage: a hashed lock becomes a tree of installed, pruned and compiled distributions."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from packaging.utils import canonicalize_name

from build_support import digest
from build_support.bundles.overlaps import check_installed, overlap_warning, resolve_overlaps
from build_support.bundles.parts import finish_part
from build_support.cache import Cache
from build_support.errors import ProjectError, ToolError
from build_support.processes import run
from build_support.projects.requirements import LockedRequirement, render
from build_support.target import PYTHON_SERIES, Target
from build_support.trees.bytecode import Compiler, compile_trees
from build_support.trees.folders import BUNDLE_PACKAGES, copy_tree, remove_tree
from build_support.trees.prune import prune_packages
from build_support.trees.records import is_inside, read_records, write_record

#: Lies inside the tree being made, so that it goes with it when the build is killed.
_LOCK_FILE = ".requirements.lock"


#: Where uv installs. Its files may be links into uv's cache, so copies of what is kept are
#: what is worked on; copying everything and pruning afterwards would take much longer.
_INSTALLED = ".installed"
#: How scripts and programs begin: of Windows (MZ), Linux (ELF) and macOS (Mach-O).
_PROGRAM_STARTS = (
    *(b"#!", b"MZ", b"\x7fELF"),
    *(b"\xcf\xfa\xed\xfe", b"\xce\xfa\xed\xfe", b"\xca\xfe\xba\xbe"),
)
#: Where single distributions are installed, in folders of their own.
_ALONE = ".alone"


def install_packages(
    lock: Sequence[LockedRequirement],
    target: Target,
    *,
    languages: Sequence[str] | None,
    compiler: Compiler,
    cache: Cache,
    force: bool = False,
    warn: Callable[[str], None] = lambda _: None,
) -> Path:
    """Return a finished tree: `packages/` with every distribution that the lock names.

    The tree is cached by the digest of the lock, target, languages and compiler. `warn` is told
    what was decided where distributions overlap. Raises
    ProjectError when a distribution has no wheel for the target, or a wheel is not one
    that the hashes allow.
    """
    key = digest.of_values(
        digest.of_recipe(),
        render(lock),
        target.name,
        None if languages is None else [*languages],
        compiler.key,
    )

    def build(folder: Path) -> None:
        installed = folder / _INSTALLED
        _install(lock, target, installed)
        alone = partial(_install_alone, lock, target)
        if decisions := resolve_overlaps(installed, folder / _ALONE, alone):
            warn(overlap_warning(decisions, target))
        remove_tree(folder / _ALONE)
        _remove_traces(installed)
        check_installed(installed, target)
        prune_packages(installed, languages)
        packages = folder / BUNDLE_PACKAGES
        copy_tree(installed, packages)
        remove_tree(installed)
        _rewrite_records(packages)
        compile_trees(compiler.executable(), [(packages, BUNDLE_PACKAGES)], strict=False)
        finish_part(folder)

    return cache.tree("packages", key, build, force=force)


def warm_wheels(lock: Sequence[LockedRequirement], target: Target, scratch: Path) -> Path:
    """Fetch a lock's wheels for a target into uv's cache: later installs need no network.

    Returns the folder below `scratch` where they are installed whole, nothing pruned.
    """
    folder = scratch / digest.of_values(target.name, render(lock))
    _install(lock, target, folder)
    return folder


def find_uv() -> Path:
    """Find uv: the one installed with nox, else the one on PATH.

    Raises ToolError when there is none.
    """
    try:
        from uv import find_uv_bin

        return Path(find_uv_bin())
    except (ImportError, FileNotFoundError):
        pass
    if found := shutil.which("uv"):
        return Path(found)
    raise ToolError("uv is not installed.", hint='Run: python3 -m pip install "nox[uv]"')


def uv_options(python: str | Path = sys.executable) -> list[str | Path]:
    """Return the options that every command of uv's gets: for this Python, and no other.

    Without them uv looks for a Python of its own liking, and may fetch one from the network,
    whatever the command is about.
    """
    return ["--no-config", "--quiet", "--no-python-downloads", "--python", python]


def _install(lock: Sequence[LockedRequirement], target: Target, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    requirements = folder / _LOCK_FILE
    requirements.write_text(render(lock), encoding="utf-8")
    command: list[str | Path] = [find_uv(), "pip", "install", *uv_options()]
    command += ["--python-platform", target.uv_platform, "--python-version", PYTHON_SERIES]
    command += ["--only-binary", ":all:", "--no-deps", "--require-hashes"]
    command += ["--target", folder, "--requirement", requirements]
    environment = dict(os.environ, UV_NO_INSTALLER_METADATA="1")
    try:
        run(command, doing=f"Installing the locked packages for {target}", environment=environment)
    except ToolError as error:
        raise _explain(error, target) from None
    finally:
        requirements.unlink(missing_ok=True)


def _explain(error: ToolError, target: Target) -> ProjectError:
    if "no wheels" in error.why or "no usable wheels" in error.why:
        hint = (
            f"Choose a version that has a wheel for CPython {PYTHON_SERIES} on {target}, or take "
            "the package out of the project's dependencies for that system with a marker. A wheel "
            "that you build yourself does as well: docs/troubleshooting.md."
        )
    elif "ash mismatch" in error.why or "--require-hashes" in error.why:
        hint = "The lock and the package index disagree. Find out why before you write it anew."
    else:
        hint = "Look at what uv said above. Wheels that were fetched before need no network."
    return ProjectError(error.what, why=error.why, hint=hint, log=error.log)


def _install_alone(
    lock: Sequence[LockedRequirement], target: Target, info: str, folder: Path
) -> None:
    """Install the one distribution of a dist-info folder."""
    name = canonicalize_name(info.partition("-")[0])
    _install([entry for entry in lock if entry.name == name], target, folder)


def _remove_traces(folder: Path) -> None:
    """Remove what differs between two hosts: console scripts and uv's lock file.

    Scripts get the form of the host and the path of its interpreter, also for another
    target; they are of no use in a bundle (reference: pip#9141). A package may itself be
    called like the folder of scripts: its modules stay. RECORDs name what is left.
    """
    for name in ("bin", "Scripts"):
        scripts = folder / name
        if scripts.is_dir():
            for path in list(scripts.iterdir()):
                if path.is_file() and _is_script(path):
                    path.unlink()
            if not any(scripts.iterdir()):
                scripts.rmdir()
    (folder / ".lock").unlink(missing_ok=True)
    _rewrite_records(folder)


def _is_script(path: Path) -> bool:
    """Whether a file was put there to be run: it may be beside the modules of a package."""
    with path.open("rb") as stream:
        start = stream.read(4)
    if path.suffix == ".py":
        return start.startswith(b"#!") and not (path.parent / "__init__.py").is_file()
    return start.startswith(_PROGRAM_STARTS) or path.suffix.lower() in {".bat", ".cmd", ".ps1"}


def _rewrite_records(folder: Path) -> None:
    """Keep in each RECORD the files that are still there, in the order of their paths."""
    for info, rows in read_records(folder).items():
        kept = [row for row in rows if is_inside(row.path) and (folder / row.path).is_file()]
        write_record(folder, info, kept)
