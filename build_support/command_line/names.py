"""Sessions that nox's command line names and that do not exist. Needs no build library."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from pathlib import Path

from build_support.suggestions import suggestion

_SESSION_OPTIONS = ("-s", "-e", "--session", "--sessions")


def unknown_sessions(arguments: Sequence[str], known: Collection[str]) -> list[str]:
    """Return a line for each session that nox's command line names and that there is not.

    A path is most likely a project whose option was forgotten, and `--` before it.
    """
    named = list(dict.fromkeys(_named_sessions(arguments)))
    session = next((name for name in named if name in known), "bundle")
    lines = []
    for name in named:
        if name in known:
            continue
        if "/" in name or "\\" in name or Path(name).exists():
            option = "--project " if Path(name).is_dir() else ""
            lines.append(
                f"{name} is not a session. Options come after --: "
                f"nox -s {session} -- {option or '… '}{name}"
            )
        else:
            lines.append(f"There is no session {name}{suggestion(name, known) or '.'}")
    return lines


def _named_sessions(arguments: Sequence[str]) -> Iterator[str]:
    naming = False
    for word in arguments:
        if word == "--":
            return
        option, is_assigned, value = word.partition("=")
        if word.startswith("-"):
            naming = option in _SESSION_OPTIONS
            if naming and is_assigned:
                yield value
                naming = False
            elif word[:2] in _SESSION_OPTIONS and not word.startswith("--") and word[2:]:
                yield word[2:]
        elif naming:
            yield word
