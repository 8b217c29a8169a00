"""The options of sessions, each once: what it is called, and how argparse reads it."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from build_support.bundles.interpreter import CHOICES
from build_support.packages.formats import FORMATS, REHEARSED, USUAL
from build_support.suggestions import suggestion
from build_support.target import TARGETS, System, Target

#: The names that users give to processors, and ours.
ARCHITECTURES = {"x64": "x86_64", "x86_64": "x86_64", "arm64": "arm64"}

#: What a path has to be: nothing that is there yet, a file or a folder.
Existing = Literal["", "file", "folder"]

_HIGHEST_PORT = 65535


@dataclass(frozen=True, slots=True)
class Option:
    """An option: its names, and the settings that `add_argument` of argparse takes.

    `existing`: the path that it takes must be there, and be of this kind.
    """

    names: tuple[str, ...]
    settings: Mapping[str, Any]
    existing: Existing = ""


def _option(*names: str, existing: Existing = "", **settings: object) -> Option:
    return Option(names, settings, existing)


def _target(text: str) -> Target:
    if text not in TARGETS:
        meant = suggestion(text, TARGETS) or f"; choose one of: {', '.join(TARGETS)}"
        raise argparse.ArgumentTypeError(f"there is no target {text!r}{meant}")
    return TARGETS[text]


def _formats_of(system: System | None) -> Callable[[str], tuple[str, ...]]:
    known = {name for each, names in FORMATS.items() if system in {each, None} for name in names}
    lower = {name.lower() for name in known}

    def read(text: str) -> tuple[str, ...]:
        names = tuple(name for part in text.split(",") if (name := part.strip()))
        wrong = [
            f"there is no format {name}{suggestion(name, known)}"
            for name in names
            if name.lower() not in lower
        ]
        if wrong or not names:
            what = "; ".join(wrong) or "it names no format"
            raise argparse.ArgumentTypeError(f"{what} (there are: {', '.join(sorted(known))})")
        return names

    return read


def _number(text: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number") from None


def _count(text: str) -> int:
    number = _number(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{text} is less than 1")
    return number


def _port(text: str) -> int:
    number = _number(text)
    if not 0 <= number <= _HIGHEST_PORT:
        raise argparse.ArgumentTypeError(f"{text} is not from 0 to {_HIGHEST_PORT}")
    return number


PROJECT = _option(
    "--project",
    existing="folder",
    type=Path,
    metavar="FOLDER",
    help="the Django project (default: the example)",
)
TARGET = _option(
    "--target",
    type=_target,
    metavar="NAME",
    help=f"one of {', '.join(TARGETS)} (default: this machine)",
)
BUNDLE = _option(
    "--output",
    "--bundle",
    dest="output",
    type=Path,
    metavar="FOLDER",
    help="the bundle's folder (default: electron/django-bundle)",
)
INTERPRETER = _option(
    "--interpreter",
    choices=CHOICES,
    help="published: python-build-standalone's pinned archive; debian: this machine's "
    "distribution, for development only; auto (default): the first, and the second "
    "only where nothing published can be reached",
)
INTERPRETER_ARCHIVE = _option(
    "--interpreter-archive",
    existing="file",
    type=Path,
    metavar="FILE",
    help="a published archive that you have; its SHA-256 must be the pinned one",
)
PINS = _option(
    "--pins",
    existing="file",
    type=Path,
    metavar="FILE",
    help="another file of pins than the built-in one",
)
RELEASE = _option(
    "--release",
    action="store_true",
    help="refuse what may not be given to others (also: DJDESK_RELEASE=1)",
)
REFRESH = _option(
    "--refresh",
    action="store_true",
    help="look again for sources and packages that were looked up before",
)
FORCE = _option("--force", action="store_true", help="do everything again, downloads excepted")

DATA_DIR = _option("--data-dir", type=Path, metavar="FOLDER", help="where the data is kept")
ELECTRON_DIST = _option(
    "--electron-dist",
    existing="folder",
    type=Path,
    metavar="FOLDER",
    help="an unpacked Electron (default: the pinned one; for tests and development a stand-in)",
)
BROWSER = _option(
    "--browser", action="store_true", help="in the browser, where there is no Electron"
)
NO_OPEN = _option("--no-open", action="store_true", help="with --browser: only print the address")
PORT = _option(
    "--port",
    type=_port,
    metavar="NUMBER",
    help="with --browser: a fixed port (default: that of last time, else any free one)",
)

ARCHITECTURE = _option(
    "--arch",
    dest="machine",
    choices=ARCHITECTURES,
    help="the processor (default: this machine's, else x64)",
)
GIVEN_BUNDLE = _option(
    "--bundle",
    existing="folder",
    dest="bundle",
    type=Path,
    metavar="FOLDER",
    help="a finished bundle, packaged as it is (default: the project's, built if need be)",
)
PACKAGES = _option(
    "--output",
    dest="packages",
    type=Path,
    metavar="FOLDER",
    help="where the packages are put (default: dist)",
)
REHEARSE = _option(
    "--rehearse",
    action="store_true",
    help="go through all of it with whatever can be had here: this distribution's "
    "interpreter, an old Electron. What comes out is marked, and never released",
)
UNSIGNED = _option(
    "--unsigned",
    action="store_true",
    help="do not sign, whatever the variables say (also: DJDESK_UNSIGNED=1)",
)
FINISHED_FORMATS = _option(
    "--formats",
    type=_formats_of(None),
    metavar="A,B",
    help="only packages of these formats (default: all that are there)",
)
INSTALL = _option(
    "--install",
    action="store_true",
    help="run the installer for Windows as well, which replaces an installed application, "
    "and uninstall it",
)


def formats(system: System) -> Option:
    """Return the option that chooses among the formats of a system's packages."""
    every = ", ".join(FORMATS[system])
    usual, rehearsed = ",".join(USUAL[system]), ",".join(REHEARSED[system])
    return _option(
        "--formats",
        type=_formats_of(system),
        metavar="A,B",
        help=f"some of {every} (default: {usual}; in a rehearsal {rehearsed})",
    )


JSON = _option(
    "--json",
    type=Path,
    metavar="FILE",
    help="where to record the figures (default: build/bench.json)",
)
FACTS = _option(
    "--output",
    dest="facts",
    type=Path,
    metavar="FOLDER",
    help="where to build, and to write what was seen (default: build/first-contact)",
)
RUNS = _option("--runs", type=_count, metavar="N", help="how often to measure (default: 5)")
CACHE = _option("--cache", action="store_true", help="delete the downloads and trees as well")
PYTHON_VERSION = _option("--version", dest="python_version", metavar="X.Y.Z", help="this CPython")
PYTHON_RELEASE = _option("--build", dest="python_release", metavar="YYYYMMDD", help="this build")
REWRITTEN_PINS = _option(
    "--pins", existing="file", type=Path, metavar="FILE", help="the file to rewrite"
)
