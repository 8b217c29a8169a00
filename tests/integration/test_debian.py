"""Option B for real: this machine's own package archive, and the interpreter made of it."""

from __future__ import annotations

import io
import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from build_support import debian, digest
from build_support.cache import Cache, open_cache
from build_support.debian.tree import assemble
from build_support.errors import UnreachableError
from build_support.reporter import Reporter
from build_support.target import host_target
from tests import unix

_NOBODY = 65534
#: The interpreter that all tests share must stay as it was made, also by what it starts.
_NO_BYTECODE = {"PYTHONDONTWRITEBYTECODE": "1"}
_IS_ROOT = os.name == "posix" and unix.geteuid() == 0

pytestmark = pytest.mark.skipif(
    debian.host_supports() is not None, reason=debian.host_supports() or ""
)


@pytest.fixture(scope="session")
def debian_cache(tmp_path_factory: pytest.TempPathFactory) -> Cache:
    """Where packages are kept: DJDESK_CACHE_DIR, else a folder that all workers share."""
    if os.environ.get("DJDESK_CACHE_DIR"):
        return open_cache()
    return Cache(_shared_folder(tmp_path_factory) / "cache")


@pytest.fixture(scope="session")
def debian_packages(debian_cache: Cache) -> Path:
    """The folder of the package files that this machine's interpreter is made of."""
    reporter = Reporter(io.StringIO())
    try:
        resolution = debian.obtain(host_target(), cache=debian_cache, reporter=reporter)
    except UnreachableError as error:
        pytest.skip(str(error))
    return debian.download(resolution, cache=debian_cache, reporter=reporter)


@pytest.fixture(scope="session")
def debian_python(debian_packages: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder `python/` of an interpreter, made once for all workers. Not to be changed."""
    shared = Cache(_shared_folder(tmp_path_factory) / "trees")

    def make(folder: Path) -> None:
        assemble(debian_packages, folder, host_target())

    return shared.tree("interpreters", "debian", make) / "python"


@pytest.fixture
def moved_python(debian_python: Path) -> Iterator[Path]:
    """A read-only copy in a folder that every user can reach, with a space and a letter ü."""
    with tempfile.TemporaryDirectory(prefix="djdesk.", dir="/tmp") as name:
        Path(name).chmod(0o755)
        copy = Path(name) / "für Python" / "python"
        shutil.copytree(debian_python, copy, symlinks=True)
        for path in [copy, *copy.rglob("*")]:
            if not path.is_symlink():
                path.chmod(path.stat().st_mode & ~0o222)
        yield copy
        for path in [copy, *copy.rglob("*")]:
            if path.is_dir() and not path.is_symlink():
                path.chmod(0o755)


def _shared_folder(factory: pytest.TempPathFactory) -> Path:
    base = factory.getbasetemp()
    return base.parent if "PYTEST_XDIST_WORKER" in os.environ else base


def _ask(
    executable: Path | str,
    code: str,
    *options: str,
    environment: Mapping[str, str] | None = None,
    folder: Path | None = None,
) -> dict[str, Any]:
    """Run code, with nothing else in the environment, and return what it prints as JSON."""
    finished = subprocess.run(
        [executable, *options, "-c", f"import json, sys\n{code}"],
        check=False,
        capture_output=True,
        encoding="utf-8",
        env={**_NO_BYTECODE, **(environment or {})},
        cwd=folder,
    )
    assert (finished.stderr, finished.returncode) == ("", 0)
    said: dict[str, Any] = json.loads(finished.stdout)
    return said


def _content(folder: Path) -> dict[str, tuple[int, int, str]]:
    return {
        path.relative_to(folder).as_posix(): (
            path.lstat().st_mode,
            path.lstat().st_mtime_ns,
            os.fspath(path.readlink())
            if path.is_symlink()
            else digest.of_file(path)
            if path.is_file()
            else "",
        )
        for path in folder.rglob("*")
    }


_WHERE = """
import sysconfig
print(json.dumps({
    "version": sys.version_info[:2], "executable": sys.executable, "prefix": sys.prefix,
    "base_prefix": sys.base_prefix, "exec_prefix": sys.exec_prefix, "path": sys.path,
    "purelib": sysconfig.get_path("purelib")}))
"""


@pytest.mark.parametrize("options", [(), ("-IB",)])
def test_it_knows_where_it_is_and_sees_nothing_of_the_host(
    debian_python: Path, options: tuple[str, ...]
) -> None:
    executable = debian_python / "bin/python3"
    said = _ask(executable, _WHERE, *options)
    assert said["version"] == [3, 14]
    assert said["executable"] == str(executable)
    assert said["prefix"] == said["base_prefix"] == said["exec_prefix"] == str(debian_python)
    assert said["purelib"].startswith(f"{debian_python}/")
    outside = [path for path in said["path"] if not path.startswith(f"{debian_python}/")]
    assert outside == ([""] if not options else [])


def test_its_version_is_the_resolutions(debian_python: Path, debian_cache: Cache) -> None:
    resolution = debian.resolve(host_target(), cache=debian_cache, reporter=Reporter(io.StringIO()))
    code = "import platform\nprint(json.dumps({'version': platform.python_version()}))"
    assert _ask(debian_python / "bin/python3", code) == {"version": resolution.python_version}


def test_every_extension_module_works(debian_python: Path) -> None:
    said = _ask(
        debian_python / "bin/python3",
        """
import importlib, pathlib
folder = pathlib.Path(sys.prefix, "lib/python3.14/lib-dynload")
names = sorted({path.name.partition(".")[0] for path in folder.glob("*.so")})
for name in names:
    importlib.import_module(name)
print(json.dumps({"names": names}))
""",
        "-IB",
    )
    assert {"_ssl", "_sqlite3", "_ctypes", "_lzma", "_bz2", "_zstd", "_uuid", "readline"} < set(
        said["names"]
    )
    assert "_dbm" not in said["names"]


def test_libraries_work_and_are_its_own(debian_python: Path) -> None:
    said = _ask(
        debian_python / "bin/python3",
        """
import ctypes, lzma, socket, sqlite3, ssl, threading, zoneinfo
from compression import zstd
assert zstd.decompress(zstd.compress(b"x" * 999)) == lzma.decompress(lzma.compress(b"x" * 999))
ssl.create_default_context()
with sqlite3.connect(":memory:") as database:
    assert database.execute("select json('[1]')").fetchone() == ("[1]",)
assert ctypes.CDLL(None).strlen(b"four") == 4
ran = []
thread = threading.Thread(target=ran.append, args=(1,)); thread.start(); thread.join()
address = socket.getaddrinfo("localhost", 80, family=socket.AF_INET)[0][4][0]
mapped = {line.split(maxsplit=5)[5].strip() for line in open("/proc/self/maps") if ".so" in line}
print(json.dumps({"address": address, "ran": ran, "mapped": sorted(mapped)}))
""",
        "-IB",
        "-W",
        "ignore::ResourceWarning",
    )
    assert said["address"] == "127.0.0.1"
    assert said["ran"] == [1]
    assert [path for path in said["mapped"] if not path.startswith(str(debian_python))] == []


def test_processes_that_it_starts_are_itself(debian_python: Path, tmp_path: Path) -> None:
    code = "import subprocess\nprint(subprocess.check_output([sys.executable, '-c', "
    code += "'import json, sys; print(json.dumps({sys.executable: sys.prefix}))']).decode())"
    executable = debian_python / "bin/python3"
    assert _ask(executable, code) == {str(executable): str(debian_python)}

    script = tmp_path / "pool.py"
    script.write_text(
        "import json, multiprocessing\n"
        "if __name__ == '__main__':\n"
        "    with multiprocessing.get_context('spawn').Pool(1) as pool:\n"
        "        print(json.dumps(pool.map(abs, [-1])))\n",
        encoding="utf-8",
    )
    finished = subprocess.run(
        [executable, script], check=True, capture_output=True, encoding="utf-8", env=_NO_BYTECODE
    )
    assert json.loads(finished.stdout) == [1]


def test_a_virtual_environment_is_one(debian_python: Path, tmp_path: Path) -> None:
    environment = tmp_path / "environment"
    executable = debian_python / "bin/python3"
    subprocess.run(
        [executable, "-m", "venv", "--without-pip", environment], check=True, env=_NO_BYTECODE
    )
    said = _ask(environment / "bin/python", _WHERE)
    assert said["prefix"] == str(environment)
    assert said["base_prefix"] == str(debian_python)
    assert said["executable"] == str(environment / "bin/python")
    assert said["purelib"] == str(environment / "lib/python3.14/site-packages")


def test_every_way_of_calling_it(debian_python: Path) -> None:
    folder = debian_python / "bin"
    code = "print(json.dumps({sys.executable: sys.prefix}))"
    expected = {str(folder / "python"): str(debian_python)}
    assert _ask("./python", code, folder=folder) == expected
    assert _ask("python", code, environment={"PATH": f"{folder}:/usr/bin:/bin"}) == expected
    assert _ask(folder / "python", code, environment={"PATH": "/nowhere"}) == expected
    assert _ask(folder / "python", code, environment={"LD_LIBRARY_PATH": "/nowhere"}) == expected


def test_moved_and_read_only_as_another_user(moved_python: Path) -> None:
    before = _content(moved_python)
    executable = moved_python / "bin/python3"
    finished = subprocess.run(
        [executable, "-c", "import sys, ssl, sqlite3, asyncio; print(sys.prefix, sys.executable)"],
        check=False,
        capture_output=True,
        encoding="utf-8",
        env={},
        cwd="/",
        user=_NOBODY if _IS_ROOT else None,
        group=_NOBODY if _IS_ROOT else None,
        extra_groups=[] if _IS_ROOT else None,
    )
    assert (finished.stderr, finished.returncode) == ("", 0)
    assert finished.stdout == f"{moved_python} {executable}\n"
    assert _content(moved_python) == before


def test_made_twice_it_is_the_same(
    debian_packages: Path, debian_python: Path, tmp_path: Path
) -> None:
    before = os.umask(0o027)
    try:
        assemble(debian_packages, tmp_path, host_target())
    finally:
        os.umask(before)
    assert _content(tmp_path / "python") == _content(debian_python)


def test_it_is_small_and_brings_its_licences(debian_python: Path) -> None:
    size = sum(path.lstat().st_size for path in debian_python.rglob("*") if path.is_file())
    assert size < 45_000_000
    licensed = {path.parent.name for path in debian_python.glob("share/doc/*/copyright")}
    assert {"libc6", "libgcc-s1", "python3.14-minimal", "libpython3.14-stdlib"} < licensed
    assert not list(debian_python.rglob("EXTERNALLY-MANAGED"))
    assert not list(debian_python.rglob("sitecustomize.py"))
