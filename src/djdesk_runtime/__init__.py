"""What every bundle holds to serve its Django project on the computer of the person who uses it.

Works on CPython 3.13 and newer and with any project: the project is named in ``bundle.json``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


def main(*, bundle: Path, argv: Sequence[str]) -> int:
    """Run one command of the bundle in the folder *bundle* and return the exit code.

    *argv* is the command with its options, without the program's name. Exit codes: see `errors`.
    """
    from djdesk_runtime.command_line import run

    return run(bundle, argv)
