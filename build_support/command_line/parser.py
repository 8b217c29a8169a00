"""The parser: the words after `--` on nox's command line become one value."""

from __future__ import annotations

import argparse
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

from build_support import ROOT
from build_support.bundles.interpreter import Choice
from build_support.command_line.options import ARCHITECTURES
from build_support.command_line.sessions import SESSIONS
from build_support.errors import UsageError
from build_support.target import Target, find_target


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
    install: bool
    cache: bool
    python_version: str | None
    python_release: str | None
    json: Path | None
    runs: int
    rest: tuple[str, ...]


def make_parser(name: str) -> argparse.ArgumentParser:
    """Return the parser of a session's options. The documentation is made from it as well."""
    session = SESSIONS[name]
    parser = _Parser(
        prog=f"nox -s {name} --",
        description=session.description,
        argument_default=argparse.SUPPRESS,
        allow_abbrev=False,
    )
    for option in session.options:
        parser.add_argument(*option.names, **option.settings)
    if session.handing_on:
        parser.epilog = f"All other options go to {session.handing_on}."
    return parser


def parse(name: str, words: Sequence[str]) -> Options | None:
    """Read a session's options.

    None when `--help` was answered. Raises UsageError for options that it does not have.
    """
    parser = make_parser(name)
    rest: list[str] = []
    try:
        if SESSIONS[name].handing_on:
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
        machine=ARCHITECTURES.get(found.get("machine", "")),
        formats=_names(found["formats"]) if "formats" in found else None,
        bundle=path("bundle"),
        packages=path("packages") or ROOT / "dist",
        rehearse="rehearse" in found,
        unsigned="unsigned" in found or _is_yes(environment.get("DJDESK_UNSIGNED", "")),
        install="install" in found,
        cache="cache" in found,
        python_version=found.get("python_version"),
        python_release=found.get("python_release"),
        json=path("json"),
        runs=found.get("runs", 5),
        rest=tuple(rest),
    )


def _names(text: str) -> tuple[str, ...]:
    return tuple(name for part in text.split(",") if (name := part.strip()))


def _is_yes(text: str) -> bool:
    """Whatever does not plainly say yes is a no: signing must not be lost to a typo."""
    return text.strip().lower() in {"1", "true", "yes", "on"}


def _is_set(text: str) -> bool:
    """Whatever does not plainly say no is a yes: a release must not lose its checks to a typo."""
    return text.strip().lower() not in {"", "0", "false", "no", "off"}
