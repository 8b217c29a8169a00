"""The sessions: what each does, in a few sentences, and which options it has."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from build_support.command_line import options
from build_support.command_line.options import Option
from build_support.packages.formats import FORMATS
from build_support.target import System


@dataclass(frozen=True, slots=True)
class Session:
    """A session. `handing_on` names the program that is given all options but these, if any."""

    description: str
    options: Sequence[Option] = ()
    handing_on: str = ""


_CHOICE = (options.INTERPRETER, options.INTERPRETER_ARCHIVE)
_INTERPRETER = (*_CHOICE, options.PINS, options.RELEASE, options.REFRESH)
_WINDOW = (options.ELECTRON_DIST, options.REFRESH)
_BROWSING = (options.BROWSER, options.NO_OPEN, options.PORT)


def _packaging(system: System) -> tuple[Option, ...]:
    return (
        options.PROJECT,
        options.ARCHITECTURE,
        options.formats(system),
        options.GIVEN_BUNDLE,
        options.PACKAGES,
        options.ELECTRON_DIST,
        options.REHEARSE,
        options.UNSIGNED,
        *_INTERPRETER,
    )


SESSIONS: Mapping[str, Session] = {
    "fetch-interpreter": Session(
        "Put the relocatable CPython of a target into the cache: from the cache, a file that "
        "you have, a mirror (DJDESK_PYTHON_MIRROR, else UV_PYTHON_INSTALL_MIRROR) or the "
        "official sources. Its SHA-256 must be the pinned one, wherever it comes from.",
        (options.TARGET, *_INTERPRETER, options.FORCE),
    ),
    "bundle": Session(
        "Make the bundle: CPython, the locked packages, the project and its static files in "
        "one folder that runs anywhere on its target. Does nothing when nothing changed.",
        (options.PROJECT, options.TARGET, options.BUNDLE, *_INTERPRETER, options.FORCE),
    ),
    "verify": Session(
        "Copy the bundle elsewhere, take away writing, network and environment, and use it: "
        "every digest, every import, pages, static files, stored data, a clean stop. Of a "
        "bundle for another system, the files are checked.",
        (options.BUNDLE,),
    ),
    "run": Session(
        "Open the bundle in Electron until its window closes, or serve it to the browser.",
        (options.BUNDLE, options.DATA_DIR, *_WINDOW, *_BROWSING),
    ),
    "dev": Session(
        "Open the source tree in Electron: Django's own server with autoreload, on CPython "
        "3.14 with the project's lock. Nothing of it is ever shipped.",
        (options.PROJECT, *_CHOICE, *_WINDOW, *_BROWSING),
    ),
    **{
        f"package-{system}": Session(
            f"Make packages for {system}: the bundle in Electron, as what people download. "
            "Everything that is needed is looked for before any work is done. A release "
            "(--release) is refused unless it may be given to others.",
            _packaging(system),
        )
        for system in FORMATS
    },
    "smoke": Session(
        "Start every package for this machine as its user does, without showing a window: its "
        "application checks its files, loads its page, writes into its database and ends. "
        "Fails if one of them does not.",
        (options.PACKAGES, options.FINISHED_FORMATS, options.INSTALL),
    ),
    "check-release": Session(
        "Check a folder of packages before it is published, and write its checksums: no "
        "rehearsal, one commit and version, every file whole, with its bill of materials.",
        (options.PACKAGES,),
    ),
    "draft-release": Session(
        "Check a folder of packages as check-release does, and put them into a draft of a "
        "release on GitHub, with the changelog's words for their version. Needs gh, logged in.",
        (options.PROJECT, options.PACKAGES),
    ),
    "doctor": Session("Show what this machine can do, and how to get what is missing."),
    "bench": Session(
        "Measure builds and the bundle, each beside what it is compared with, in one run.",
        (options.JSON, options.RUNS),
    ),
    "first-contact": Session(
        "Build, verify, package and start the example on a machine that is new to us, and write "
        "down what was seen, whatever fails: times, sizes, the published archive's members, what "
        "was pruned, how the application started.",
        (options.FACTS, options.REHEARSE),
    ),
    "clean": Session(
        "Delete the bundle and what builds left beside it.", (options.BUNDLE, options.CACHE)
    ),
    "update-pins": Session(
        "Pin the newest published build of CPython 3.14 for every target.",
        (options.PYTHON_VERSION, options.PYTHON_RELEASE, options.REWRITTEN_PINS),
    ),
    "tests": Session(
        "Run all tests but e2e's: the shell's on Node, the others on CPython 3.14, and the "
        "build's unit tests on this Python as well.",
        handing_on="pytest",
    ),
    "e2e": Session(
        "Use a real bundle in a real Electron and in a real browser, as a user would.",
        _WINDOW,
        handing_on="pytest",
    ),
    "lint": Session(
        "Check style, types and workflows, all strictly: ruff, mypy, actionlint, zizmor, eslint "
        "and tsc."
    ),
    "docs": Session(
        "Write the tables of the reference from the code and build the HTML pages in build/docs."
    ),
}
