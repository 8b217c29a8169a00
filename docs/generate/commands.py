"""The commands of a bundle's `run_django.py`."""

from __future__ import annotations

from djdesk_runtime.command_line import parser
from docs.generate.parsers import commands, options


def bundle_commands() -> str:
    """Return a section for each command."""
    return "\n\n".join(
        f"### `{name}`\n\n{_sentence(command.description)}\n\n{options(command)}"
        for name, command in commands(parser()).items()
    )


def _sentence(text: str | None) -> str:
    return f"{text[0].upper()}{text[1:]}." if text else ""
