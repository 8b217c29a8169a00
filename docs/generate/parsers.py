"""Tables of options, from parsers of command lines."""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterator, Mapping

from docs.generate.blocks import table

_LITERAL = re.compile(
    r"(?<![\w`])(--[a-z][a-z-]*|\$?[A-Z]+(?:_[A-Z0-9]+)+(?:=(?:<[^>]*>|[\w./-]+))?)"
)


def options(parser: argparse.ArgumentParser) -> str:
    """Return the table of a parser's arguments and options, empty if there are none."""
    rows = [(f"`{spelled(each)}`", marked(each.help)) for each in actions(parser)]
    return table(("option", "meaning"), rows) if rows else ""


def actions(parser: argparse.ArgumentParser) -> Iterator[argparse.Action]:
    """Yield what a parser's user may write, but for `--help`."""
    for action in parser._actions:  # noqa: SLF001 - argparse has no public way to ask
        hidden = action.help == argparse.SUPPRESS or "--help" in action.option_strings
        if not hidden and not _commands(action):
            yield action


def commands(parser: argparse.ArgumentParser) -> Mapping[str, argparse.ArgumentParser]:
    """Return the parsers of a parser's commands, but for those that its help does not list."""
    every = (_commands(action) for action in parser._actions)  # noqa: SLF001 - as above
    return next((found for found in every if found), {})


def _commands(action: argparse.Action) -> Mapping[str, argparse.ArgumentParser]:
    choices = action.choices if isinstance(action.choices, Mapping) else {}
    listed = {choice.dest for choice in getattr(action, "_choices_actions", ())}
    return {
        name: parser
        for name, parser in choices.items()
        if isinstance(parser, argparse.ArgumentParser) and name in listed
    }


def spelled(action: argparse.Action) -> str:
    """Return how an option is written, with the name of its value."""
    names = ", ".join(action.option_strings) or str(action.metavar)
    if action.nargs == 0 or not action.option_strings:
        return names
    choices = "|".join(map(str, action.choices)) if action.choices else None
    return f"{names} {choices or action.metavar}"


def marked(text: str | None) -> str:
    """Return a help text with its options and variables marked as code."""
    return _LITERAL.sub(r"`\1`", text or "")
