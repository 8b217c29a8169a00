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
from build_support.packages.formats import FORMATS, REHEARSED, USUAL
from build_support.target import TARGETS, System, Target, find_target

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
    machine: str | None
    formats: tuple[str, ...] | None
    bundle: Path | None
    packages: Path
    rehearse: bool
    unsigned: bool
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
_GIVEN_BUNDLE = _option(
    "--bundle",
    dest="bundle",
    type=Path,
    metavar="FOLDER",
    help="a finished bundle, packaged as it is (default: the project's, built if need be)",
)
_PACKAGES = _option(
    "--output",
    dest="packages",
    type=Path,
    metavar="FOLDER",
    help="where the packages are put (default: dist)",
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
    help="an unpacked Electron (default: the pinned one; for tests and development a stand-in)",
)
_ARCHITECTURES = {"x64": "x86_64", "x86_64": "x86_64", "arm64": "arm64"}


def _packaging(system: System) -> tuple[_Option, ...]:
    formats = ", ".join(FORMATS[system])
    usual, rehearsed = ",".join(USUAL[system]), ",".join(REHEARSED[system])
    return (
        _PROJECT,
        _option(
            "--arch",
            dest="machine",
            choices=_ARCHITECTURES,
            help="the processor (default: this machine's, else x64)",
        ),
        _option(
            "--formats",
            metavar="A,B",
            help=f"some of {formats} (default: {usual}; in a rehearsal {rehearsed})",
        ),
        _GIVEN_BUNDLE,
        _PACKAGES,
        _ELECTRON,
        _option(
            "--rehearse",
            action="store_true",
            help="go through all of it with whatever can be had here: this distribution's "
            "interpreter, an old Electron. What comes out is marked, and never released",
        ),
        _option("--unsigned", action="store_true", help="do not sign, whatever the variables say"),
        *_INTERPRETER[:-1],
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
    **{
        f"package-{system}": _Session(
            f"Make packages for {system}: the bundle in Electron, as what people download. "
            "Everything that is needed is looked for before any work is done. A release "
            "(--release) is refused unless it may be given to others.",
            _packaging(system),
        )
        for system in FORMATS
    },
    "check-release": _Session(
        "Check a folder of packages before it is published, and write its checksums: no "
        "rehearsal, one commit and version, every file whole, with its bill of materials.",
        (_PACKAGES,),
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
    "lint": _Session(
        "Check style, types and workflows: ruff, mypy, zizmor, eslint and tsc, all strict."
    ),
    "docs": _Session(
        "Write the tables of the reference from the code and build the HTML pages in build/docs."
    ),
}
_HANDING_ON = {"tests": "pytest", "e2e": "pytest"}


def make_parser(session: str) -> argparse.ArgumentParser:
    """Return the parser of a session's options. The documentation is made from it as well."""
    parser = _Parser(
        prog=f"nox -s {session} --",
        description=_SESSIONS[session].description,
        argument_default=argparse.SUPPRESS,
        allow_abbrev=False,
    )
    for option in _SESSIONS[session].options:
        parser.add_argument(*option.names, **option.settings)
    if session in _HANDING_ON:
        parser.epilog = f"All other options go to {_HANDING_ON[session]}."
    return parser


def parse(session: str, words: Sequence[str]) -> Options | None:
    """Read a session's options.

    None when `--help` was answered. Raises UsageError for options that it does not have.
    """
    parser = make_parser(session)
    rest: list[str] = []
    try:
        if session in _HANDING_ON:
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
        machine=_ARCHITECTURES.get(found.get("machine", "")),
        formats=_names(found["formats"]) if "formats" in found else None,
        bundle=path("bundle"),
        packages=path("packages") or ROOT / "dist",
        rehearse="rehearse" in found,
        unsigned="unsigned" in found,
        cache="cache" in found,
        python_version=found.get("python_version"),
        python_release=found.get("python_release"),
        json=path("json"),
        runs=found.get("runs", 5),
        rest=tuple(rest),
    )


def _names(text: str) -> tuple[str, ...]:
    return tuple(name for part in text.split(",") if (name := part.strip()))


def _is_set(text: str) -> bool:
    """Whatever does not plainly say no is a yes: a release must not lose its checks to a typo."""
    return text.strip().lower() not in {"", "0", "false", "no", "off"}
