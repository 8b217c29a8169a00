"""The parser: the words after `--` on nox's command line become one value."""

from __future__ import annotations

import argparse
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

from build_support import ROOT
from build_support.bundles.interpreter import Choice
from build_support.command_line.options import ARCHITECTURES, Option
from build_support.command_line.sessions import SESSIONS
from build_support.errors import UsageError
from build_support.suggestions import suggestion
from build_support.target import Target

_HELP = frozenset({"-h", "--help"})


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
    facts: Path
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


def parse(name: str, words: Sequence[str], *, check_paths: bool = True) -> Options | None:
    """Read a session's options.

    None when `--help` was answered. Raises UsageError that names everything that is wrong; with
    `check_paths` also files and folders that are not there.
    """
    parser = make_parser(name)
    words = list(words)
    try:
        if _HELP.intersection(words):
            parser.parse_args(["--help"])
        if problems := find_problems(parser, name, words, check_paths=check_paths):
            raise _usage_error(parser.prog, problems)
        found, rest = parser.parse_known_args(words)
    except SystemExit:
        return None  # errors do not end here: see _Parser
    return _to_options(vars(found), rest, os.environ)


def find_problems(
    parser: argparse.ArgumentParser, name: str, words: Sequence[str], *, check_paths: bool
) -> list[str]:
    """Return all that is wrong with a session's options, each as part of a sentence."""
    session = SESSIONS[name]
    known = [option for each in session.options for option in each.names]
    problems: list[str] = []
    found: dict[str, Any] = {}
    for chunk in _chunks(words):
        try:
            values, unknown = parser.parse_known_args(chunk)
        except UsageError as error:
            problems.append(error.what)
            continue
        found |= vars(values)
        if not session.handing_on:
            problems += [
                f"there is no option {word}{suggestion(word.partition('=')[0], known)}"
                if word.startswith("-")
                else f"{word} belongs to no option"
                for word in unknown
            ]
    if check_paths:
        problems += _wrong_paths(session.options, found)
    return problems + _without_effect(found)


def _chunks(words: Sequence[str]) -> Iterator[list[str]]:
    """Yield each option with the words behind it, which are no options. A number is none."""
    chunk: list[str] = []
    for word in words:
        if chunk and re.match(r"-(?!\d)", word):
            yield chunk
            chunk = []
        chunk.append(word)
    if chunk:
        yield chunk


def _wrong_paths(options: Sequence[Option], found: Mapping[str, Any]) -> Iterator[str]:
    for option in options:
        name = option.names[0].lstrip("-").replace("-", "_")
        path = found.get(option.settings.get("dest", name))
        if not option.existing or path is None:
            continue
        if not path.exists():
            yield f"{option.names[0]}: there is no {option.existing} {path}"
        elif path.is_dir() != (option.existing == "folder"):
            is_a, needed = ("a folder", "a file") if path.is_dir() else ("a file", "a folder")
            yield f"{option.names[0]}: {path} is {is_a}, not {needed}"


def _without_effect(found: Mapping[str, Any]) -> list[str]:
    """Refuse what would have no effect: the window needs no port, the browser no Electron."""
    without, with_it = ("port", "no_open"), ("electron_dist",)
    wrong = [name for name in (with_it if "browser" in found else without) if name in found]
    relation = "cannot be used with" if "browser" in found else "needs"
    return [f"--{name.replace('_', '-')} {relation} --browser" for name in wrong]


def _usage_error(program: str, problems: Sequence[str]) -> UsageError:
    hint = f"See: {program} --help"
    if len(problems) == 1:
        return UsageError(f"{program}: {problems[0]}", hint=hint)
    return UsageError(
        f"{program}: {len(problems)} things are wrong.", why="\n".join(problems), hint=hint
    )


class _Parser(argparse.ArgumentParser):
    """Says what is wrong as an error of ours, without ending the process."""

    def error(self, message: str) -> NoReturn:
        raise UsageError(message, hint=f"See: {self.prog} --help")


def _to_options(
    found: Mapping[str, Any], rest: Sequence[str], environment: Mapping[str, str]
) -> Options:
    def path(name: str) -> Path | None:
        return found[name].absolute() if name in found else None

    return Options(
        project=path("project") or ROOT,
        target=found.get("target"),
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
        formats=found.get("formats"),
        bundle=path("bundle"),
        packages=path("packages") or ROOT / "dist",
        rehearse="rehearse" in found,
        unsigned="unsigned" in found or _is_yes(environment.get("DJDESK_UNSIGNED", "")),
        install="install" in found,
        cache="cache" in found,
        python_version=found.get("python_version"),
        python_release=found.get("python_release"),
        json=path("json"),
        facts=path("facts") or ROOT / "build" / "first-contact",
        runs=found.get("runs", 5),
        rest=tuple(rest),
    )


def _is_yes(text: str) -> bool:
    """Whatever does not plainly say yes is a no: signing must not be lost to a typo."""
    return text.strip().lower() in {"1", "true", "yes", "on"}


def _is_set(text: str) -> bool:
    """Whatever does not plainly say no is a yes: a release must not lose its checks to a typo."""
    return text.strip().lower() not in {"", "0", "false", "no", "off"}
