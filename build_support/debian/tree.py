"""Make a tree shaped like an `install_only` archive out of option B's packages.

The packages' interpreter wants a newer C library than the machine has, so it brings its
own: `lib/runtime/` holds the real executable, every library that it or an extension module
needs, and the dynamic loader. `bin/python3.14` is a script that starts the one with the
other, and so the tree works wherever it is put.

What is not there, and why: `_dbm` (it would bring Berkeley DB, and `dbm.sqlite3` is there),
time zones (`zoneinfo` reads the host's /usr/share/zoneinfo, as published interpreters do),
and Debian's `sitecustomize` (a link to /etc). Debian's `site` looks for packages in
`dist-packages` below its prefix, which here is this tree: the host's are never seen.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from build_support.errors import ToolError
from build_support.processes import run
from build_support.target import PYTHON_SERIES, Target
from build_support.trees.binaries import read_binary
from build_support.trees.folders import BUNDLE_PYTHON, normalise

_EXECUTABLE = f"python{PYTHON_SERIES}"
_LIBRARY = Path("lib") / _EXECUTABLE
_RUNTIME = Path("lib/runtime")
_WORKERS = 4


@dataclass(frozen=True, slots=True)
class _Platform:
    """Debian's names for a processor: of its library folder and of its dynamic loader."""

    multiarch: str
    loader: str


_PLATFORMS: Mapping[str, _Platform] = {
    "x86_64": _Platform("x86_64-linux-gnu", "ld-linux-x86-64.so.2"),
    "arm64": _Platform("aarch64-linux-gnu", "ld-linux-aarch64.so.1"),
}

#: The C library's parts that are opened by name (the resolver, thread cancellation) or that
#: wheels link to. All of one version: the host's must never be mixed with the tree's. Without
#: libmvec (1 MB of vector mathematics), which only compilers with -ffast-math link to.
_C_LIBRARY = (
    "libanl.so.1",
    "libc.so.6",
    "libdl.so.2",
    "libgcc_s.so.1",
    "libm.so.6",
    "libnsl.so.1",
    "libnss_compat.so.2",
    "libnss_dns.so.2",
    "libnss_files.so.2",
    "libpthread.so.0",
    "libresolv.so.2",
    "librt.so.1",
    "libutil.so.1",
)

#: Names in the standard library that are left out.
_DROPPED = ("EXTERNALLY-MANAGED", "sitecustomize.py", "lib-dynload/_dbm.*.so")

# `--argv0` makes sys.executable the path that was called, so that virtual environments
# find their pyvenv.cfg. A name without a slash is what `sh python3` gives: sh looks in the
# current folder, then along PATH. The longer PATH is for readlink alone.
_LAUNCHER = """\
#!/bin/sh
case $0 in
*/*) called=$0 ;;
*) if [ -f "./$0" ]; then called=./$0; else called=$(command -v "$0"); fi ;;
esac
self=$(PATH=/usr/bin:/bin:$PATH readlink -f "$called")
runtime=${{self%/bin/*}}/lib/runtime
exec "$runtime/{loader}" --argv0 "$called" --library-path "$runtime" "$runtime/{executable}" "$@"
"""


def assemble(debs: Path, folder: Path, target: Target) -> None:
    """Write `folder/python/` out of the package files in `debs`.

    The same packages give the same bytes, modes and times. `folder` must exist. Raises
    ToolError when dpkg-deb fails or the packages lack something that the tree needs.
    """
    machine = _PLATFORMS[target.machine]
    python = folder / BUNDLE_PYTHON
    for part in (_LIBRARY, _RUNTIME, Path("bin")):
        (python / part).mkdir(parents=True)
    with TemporaryDirectory(prefix="unpacked.", dir=folder) as scratch:
        packages = _unpack(debs, Path(scratch))
        used = _move_library(packages, python / _LIBRARY)
        used |= _move_runtime(packages, python, machine)
        _move_notices(packages, used, python / "share/doc")
    _write_launchers(python / "bin", machine)
    normalise(folder)


def _unpack(debs: Path, scratch: Path) -> Mapping[str, Path]:
    """Unpack every package into a folder of its own; returns the folders by package name."""
    files = sorted(debs.glob("*.deb"))
    packages = {file.name.partition("_")[0]: file for file in files}
    folders = {name: scratch / name for name in packages}
    with ThreadPoolExecutor(_WORKERS) as pool:
        unpacked = [
            pool.submit(
                run,
                ["dpkg-deb", "--extract", file, folders[name]],
                doing=f"Unpacking {file.name}",
                hint="Delete it and run again. It lies in the cache: nox -s clean -- --cache",
            )
            for name, file in packages.items()
        ]
    for each in unpacked:
        each.result()
    return folders


def _move_library(packages: Mapping[str, Path], library: Path) -> set[str]:
    """Move the standard library, and return the names of the packages that it came from."""
    used: set[str] = set()
    for name, folder in packages.items():
        source = folder / "usr" / _LIBRARY
        for path in sorted(source.rglob("*")) if source.is_dir() else []:
            relative = path.relative_to(source)
            # Links are second names for Debian's own use, or lead out of the package.
            if path.is_dir() or path.is_symlink() or any(map(relative.match, _DROPPED)):
                continue
            (library / relative).parent.mkdir(parents=True, exist_ok=True)
            path.rename(library / relative)
            used.add(name)
    return used


def _move_runtime(packages: Mapping[str, Path], python: Path, machine: _Platform) -> set[str]:
    """Move executable, loader and needed libraries, and return the packages they came from."""
    runtime = python / _RUNTIME
    extensions = sorted((python / _LIBRARY / "lib-dynload").glob("*.so"))
    libraries = _libraries(packages, machine)
    used: set[str] = set()
    for name, folder in packages.items():
        executable = folder / "usr/bin" / _EXECUTABLE
        if executable.is_file():
            executable.rename(runtime / _EXECUTABLE)
            used.add(name)
    if not (runtime / _EXECUTABLE).is_file() or machine.loader not in libraries:
        raise _incomplete(f"neither of them holds {_EXECUTABLE} with {machine.loader}")
    needed = _closure([runtime / _EXECUTABLE, *extensions], libraries)
    for name in sorted({machine.loader, *needed, *(set(_C_LIBRARY) & libraries.keys())}):
        package, path = libraries[name]
        # A copy, because several names can be links to one file.
        (runtime / name).write_bytes(path.read_bytes())
        used.add(package)
    (runtime / machine.loader).chmod(0o755)
    return used


def _libraries(packages: Mapping[str, Path], machine: _Platform) -> Mapping[str, tuple[str, Path]]:
    """Every shared library of the packages: by file name, its package and real path."""
    found: dict[str, tuple[str, Path]] = {}
    for package, folder in packages.items():
        for place in (f"usr/lib/{machine.multiarch}", f"lib/{machine.multiarch}"):
            for path in (folder / place).glob("*.so*"):
                real = path.resolve()
                if real.is_file() and real.is_relative_to(folder.resolve()):
                    found[path.name] = package, real
    return found


def _closure(binaries: Iterable[Path], libraries: Mapping[str, tuple[str, Path]]) -> frozenset[str]:
    """Names of all libraries that some binaries need, and those that these need in turn."""
    needed: set[str] = set()
    waiting = list(binaries)
    while waiting:
        path = waiting.pop()
        binary = read_binary(path)
        for name in sorted(binary.needed - needed) if binary else ():
            if name not in libraries:
                raise _incomplete(f"{path.name} needs {name}, which is in none of them")
            needed.add(name)
            waiting.append(libraries[name][1])
    return frozenset(needed)


def _move_notices(packages: Mapping[str, Path], used: Iterable[str], documents: Path) -> None:
    """Keep the licence of every package that something was taken from."""
    for name in sorted(used):
        notices = packages[name] / "usr/share/doc" / name
        # Packages of one source share one folder: `libgcc-s1 -> gcc-16-base`.
        owner = notices.readlink().name if notices.is_symlink() else name
        notice = packages.get(owner, packages[name]) / "usr/share/doc" / owner / "copyright"
        if notice.is_file():
            (documents / name).mkdir(parents=True)
            (documents / name / "copyright").write_bytes(notice.read_bytes())


def _write_launchers(folder: Path, machine: _Platform) -> None:
    launcher = folder / _EXECUTABLE
    text = _LAUNCHER.format(loader=machine.loader, executable=_EXECUTABLE)
    launcher.write_text(text, encoding="utf-8")
    launcher.chmod(0o755)
    for name in ("python3", "python"):
        (folder / name).symlink_to(_EXECUTABLE)


def _incomplete(why: str) -> ToolError:
    return ToolError(
        "The distribution's packages do not make a whole interpreter.",
        why=f"Of the packages in the cache, {why}.",
        hint="Look for newer ones with --refresh, or use a published interpreter.",
    )
