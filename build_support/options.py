"""What may stand after `--` on nox's command line: one table, one parser, one value."""

from __future__ import annotations

import argparse
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

from build_support import ROOT
from build_support.bundles.interpreter import CHOICES, Choice
from build_support.errors import UsageError
from build_support.target import TARGETS, Target, find_target

_HIGHEST_PORT = 65535


@dataclass(frozen=True, slots=True)
class Options:
    """The options of a session. Those that a session does not have keep their defaults.

    `opening`: the browser is opened, and not only told where to go. `rest` is what `tests`
    and `e2e` hand on to pytest.
    """

    project: Path
    target: Target | None
    output: Path
    interpreter: Choice
    interpreter_archive: Path | None
    pins: Path | None
    release: bool
    refresh: bool
    force: bool
    data_dir: Path | None
    port: int
    browser: bool
    opening: bool
    electron_dist: Path | None
    cache: bool
    python_version: str | None
    python_release: str | None
    json: Path | None
    runs: int
    rest: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Option:
    names: tuple[str, ...]
    settings: Mapping[str, Any]


def _count(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{text} is less than 1")
    return number


def _port(text: str) -> int:
    number = int(text)
    if not 0 <= number <= _HIGHEST_PORT:
        raise argparse.ArgumentTypeError(f"{text} is not from 0 to {_HIGHEST_PORT}")
    return number


def _option(*names: str, **settings: object) -> _Option:
    return _Option(names, settings)


_PROJECT = _option(
    "--project", type=Path, metavar="FOLDER", help="the Django project (default: the example)"
)
_TARGET = _option(
    "--target", metavar="NAME", help=f"one of {', '.join(TARGETS)} (default: this machine)"
)
_BUNDLE = _option(
    "--output",
    "--bundle",
    dest="output",
    type=Path,
    metavar="FOLDER",
    help="the bundle's folder (default: electron/django-bundle)",
)
_REFRESH = _option(
    "--refresh",
    action="store_true",
    help="look again for sources and packages that were looked up before",
)
_CHOICE = (
    _option(
        "--interpreter",
        choices=CHOICES,
        help="published: python-build-standalone's pinned archive; debian: this machine's "
        "distribution, for development only; auto (default): the first, and the second "
        "only where nothing published can be reached",
    ),
    _option(
        "--interpreter-archive",
        type=Path,
        metavar="FILE",
        help="a published archive that you have; its SHA-256 must be the pinned one",
    ),
)
_INTERPRETER = (
    *_CHOICE,
    _option("--pins", type=Path, metavar="FILE", help="another file of pins than the built-in one"),
    _option(
        "--release",
        action="store_true",
        help="refuse what may not be given to others (also: DJDESK_RELEASE=1)",
    ),
    _REFRESH,
    _option("--force", action="store_true", help="do everything again, downloads excepted"),
)
_DATA = _option("--data-dir", type=Path, metavar="FOLDER", help="where the data is kept")
_ELECTRON = _option(
    "--electron-dist",
    type=Path,
    metavar="FOLDER",
    help="an unpacked Electron (default: the pinned one, else a stand-in)",
)
#: In the browser only.
_BROWSING = (
    _option("--browser", action="store_true", help="in the browser, where there is no Electron"),
    _option("--no-open", action="store_true", help="with --browser: only print the address"),
    _option(
        "--port",
        type=_port,
        metavar="NUMBER",
        help="with --browser: a fixed port (default: that of last time, else any free one)",
    ),
)


@dataclass(frozen=True, slots=True)
class _Session:
    description: str
    options: Sequence[_Option] = ()


_SESSIONS: Mapping[str, _Session] = {
    "fetch-interpreter": _Session(
        "Put the relocatable CPython of a target into the cache: from the cache, a file that "
        "you have, a mirror (DJDESK_PYTHON_MIRROR, else UV_PYTHON_INSTALL_MIRROR) or the "
        "official sources. Its SHA-256 must be the pinned one, wherever it comes from.",
        (_TARGET, *_INTERPRETER),
    ),
    "bundle": _Session(
        "Make the bundle: CPython, the locked packages, the project and its static files in "
        "one folder that runs anywhere on its target. Does nothing when nothing changed.",
        (_PROJECT, _TARGET, _BUNDLE, *_INTERPRETER),
    ),
    "verify": _Session(
        "Copy the bundle elsewhere, take away writing, network and environment, and use it: "
        "every digest, every import, pages, static files, an upload, a clean stop. Of a "
        "bundle for another system, the files are checked.",
        (_BUNDLE,),
    ),
    "run": _Session(
        "Open the bundle in Electron until its window closes, or serve it to the browser.",
        (_BUNDLE, _DATA, _ELECTRON, _REFRESH, *_BROWSING),
    ),
    "dev": _Session(
        "Open the source tree in Electron: Django's own server with autoreload, on CPython "
        "3.14 with the project's lock. Nothing of it is ever shipped.",
        (_PROJECT, *_CHOICE, _ELECTRON, _REFRESH, *_BROWSING),
    ),
    "doctor": _Session("Show what this machine can do, and how to get what is missing."),
    "bench": _Session(
        "Measure builds and the bundle, each beside what it is compared with, in one run.",
        (
            _option(
                "--json",
                type=Path,
                metavar="FILE",
                help="where to record the figures (default: build/bench.json)",
            ),
            _option("--runs", type=_count, metavar="N", help="how often to measure (default: 5)"),
        ),
    ),
    "clean": _Session(
        "Delete the bundle and what builds left beside it.",
        (
            _BUNDLE,
            _option("--cache", action="store_true", help="delete the downloads and trees as well"),
        ),
    ),
    "update-pins": _Session(
        "Pin the newest published build of CPython 3.14 for every target.",
        (
            _option("--version", dest="python_version", metavar="X.Y.Z", help="this CPython"),
            _option("--build", dest="python_release", metavar="YYYYMMDD", help="this build"),
            _option("--pins", type=Path, metavar="FILE", help="the file to rewrite"),
        ),
    ),
    "tests": _Session(
        "Run all tests but e2e's: the shell's on Node, the others on CPython 3.14, and the "
        "build's unit tests on this Python as well."
    ),
    "e2e": _Session(
        "Use a real bundle in a real Electron and in a real browser, as a user would.",
        (_ELECTRON, _REFRESH),
    ),
    "lint": _Session("Check style and types with ruff, mypy, eslint and tsc, all strict."),
}
_HANDING_ON = {"tests": "pytest", "e2e": "pytest"}


def parse(session: str, words: Sequence[str]) -> Options | None:
    """Read a session's options.

    None when `--help` was answered. Raises UsageError for options that it does not have.
    """
    parser = _Parser(
        prog=f"nox -s {session} --",
        description=_SESSIONS[session].description,
        argument_default=argparse.SUPPRESS,
        allow_abbrev=False,
    )
    for option in _SESSIONS[session].options:
        parser.add_argument(*option.names, **option.settings)
    rest: list[str] = []
    try:
        if session in _HANDING_ON:
            parser.epilog = f"All other options go to {_HANDING_ON[session]}."
            found, rest = parser.parse_known_args(list(words))
        else:
            found = parser.parse_args(list(words))
    except SystemExit:
        return None  # errors do not end here: see _Parser
    _check_browsing(parser.prog, vars(found))
    return _to_options(vars(found), rest, os.environ)


def _check_browsing(program: str, found: Mapping[str, Any]) -> None:
    """Refuse what would have no effect: the window needs no port, the browser no Electron."""
    without, with_it = ("port", "no_open"), ("electron_dist",)
    wrong = [name for name in (with_it if "browser" in found else without) if name in found]
    if wrong:
        option = f"--{wrong[0].replace('_', '-')}"
        relation = "cannot be used with" if "browser" in found else "needs"
        raise UsageError(f"{program}: {option} {relation} --browser", hint=f"See: {program} --help")


class _Parser(argparse.ArgumentParser):
    """Says what is wrong as an error of ours, without ending the process."""

    def error(self, message: str) -> NoReturn:
        raise UsageError(f"{self.prog}: {message}", hint=f"See: {self.prog} --help")


def _to_options(
    found: Mapping[str, Any], rest: Sequence[str], environment: Mapping[str, str]
) -> Options:
    def path(name: str) -> Path | None:
        return found[name].absolute() if name in found else None

    return Options(
        project=path("project") or ROOT,
        target=find_target(found["target"]) if "target" in found else None,
        output=path("output") or ROOT / "electron" / "django-bundle",
        interpreter=found.get("interpreter", "auto"),
        interpreter_archive=path("interpreter_archive"),
        pins=path("pins"),
        release="release" in found or _is_set(environment.get("DJDESK_RELEASE", "")),
        refresh="refresh" in found,
        force="force" in found,
        data_dir=path("data_dir"),
        port=found.get("port", 0),
        browser="browser" in found,
        opening="no_open" not in found,
        electron_dist=path("electron_dist"),
        cache="cache" in found,
        python_version=found.get("python_version"),
        python_release=found.get("python_release"),
        json=path("json"),
        runs=found.get("runs", 5),
        rest=tuple(rest),
    )


def _is_set(text: str) -> bool:
    """Whatever does not plainly say no is a yes: a release must not lose its checks to a typo."""
    return text.strip().lower() not in {"", "0", "false", "no", "off"}
