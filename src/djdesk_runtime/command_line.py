"""The commands of ``run_django.py`` and their options."""

from __future__ import annotations

import argparse
import importlib
import os
import sys
from typing import TYPE_CHECKING

from djdesk_runtime.data.folder import DATA_DIR_VARIABLE
from djdesk_runtime.data.last_port import HIGHEST_PORT
from djdesk_runtime.errors import DjdeskError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    type Command = Callable[[Path, argparse.Namespace, Mapping[str, str]], int]
    type Commands = argparse._SubParsersAction[argparse.ArgumentParser]  # noqa: SLF001 - has no public name

INTERRUPTED = 130

# Where each command is. A module is imported when its command is run.
COMMANDS = {
    "serve": "serving.serve:serve",
    "manage": "project.management:manage",
    "check": "project.management:check",
    "info": "reports.info:info",
    "diagnostics": "reports.diagnostics:diagnostics",
    "backup": "data.commands:backup",
    "backups": "data.commands:backups",
    "restore": "data.commands:restore",
    "adopt": "data.adopting:adopt",
    "collect-static": "project.collecting:collect_static",
    "try-writing": "checking.trial:try_writing",
    "check-pages": "checking.check_pages:check_pages",
    "check-data": "checking.check_data:check_data",
}


def run(root: Path, argv: Sequence[str]) -> int:
    """Run the command in *argv* of the bundle in *root*; return the exit code.

    Raises SystemExit for a wrong command line and for what a management command exits with.
    """
    options = parser().parse_args(argv)
    try:
        return dispatch(root, options)
    except DjdeskError as error:
        from djdesk_runtime.reports.masking import mask

        # The reason may be in the project's words.
        sys.stderr.write(f"{mask(str(error))}\n")
        return error.exit_code
    except KeyboardInterrupt:
        return INTERRUPTED


def dispatch(root: Path, options: argparse.Namespace) -> int:
    """Run the command that *options* name. Only that command's modules are imported."""
    module, _, function = COMMANDS[options.command].partition(":")
    command = getattr(importlib.import_module(f"djdesk_runtime.{module}"), function)
    return int(command(root, options, os.environ))


def parser() -> argparse.ArgumentParser:
    """Return the parser of the whole command line."""
    top = argparse.ArgumentParser(
        prog="run_django.py", description="Run the Django application of this bundle."
    )
    commands = top.add_subparsers(dest="command", required=True, metavar="command")
    add_serve(commands)
    manage = add_command(commands, "manage", "run a management command of the project")
    manage.add_argument(
        "arguments", nargs=argparse.REMAINDER, metavar="…", help="the command and its options"
    )
    add_command(commands, "check", "check the settings; exit code 1 for any warning")
    add_command(commands, "info", "print what the bundle is made of, as JSON")
    add_diagnostics(commands)
    add_backups(commands)
    add_collect_static(commands)
    add_command(commands, "try-writing", "write into every database, read it, and remove it again")
    add_check_pages(commands)
    add_check_data(commands)
    return top


def add_command(commands: Commands, name: str, text: str) -> argparse.ArgumentParser:
    """Add a command with the option that all have."""
    command = commands.add_parser(name, help=text, description=text, allow_abbrev=False)
    command.add_argument(
        "--data-dir",
        metavar="DIR",
        help=f"the folder of the user's data (default: ${DATA_DIR_VARIABLE}, else the system's)",
    )
    return command


def add_serve(commands: Commands) -> None:
    """Add the command that serves."""
    serve = add_command(
        commands, "serve", "serve the application and print events as lines of JSON"
    )
    serve.add_argument(
        "--port",
        type=port,
        metavar="N",
        help="the port, 0 for any (default: the one of last time, else any)",
    )
    serve.add_argument("--open-browser", action="store_true", help="show the first page")
    serve.add_argument(
        "--shell",
        action="store_true",
        help="be told how to start by a line on standard input, and stop at its end",
    )


def add_backups(commands: Commands) -> None:
    """Add the commands that copy databases and bring copies back."""
    add_command(commands, "backup", "copy the databases, also while the application runs")
    backups = add_command(commands, "backups", "list the copies of the databases")
    backups.add_argument("--json", action="store_true", help="as JSON")
    restore = add_command(
        commands, "restore", "bring a database back to a copy, keeping one of what it is now"
    )
    restore.add_argument("name", metavar="NAME", help="a name that 'backups' lists")
    add_command(
        commands,
        "adopt",
        "go on with the data folder as it is, after something in it was removed or replaced",
    )


def add_check_pages(commands: Commands) -> None:
    """Add the command that the build asks whether pages work."""
    command = add_command(
        commands, "check-pages", "ask for every page with data that is thrown away; print findings"
    )
    command.add_argument(
        "--page-seconds", type=float, default=10.0, metavar="N", help="how long one page may take"
    )
    command.add_argument(
        "--pages-seconds", type=float, default=60.0, metavar="N", help="how long all may take"
    )
    command.add_argument(
        "--attended", action="store_true", help="end at once when standard input ends"
    )


def add_check_data(commands: Commands) -> None:
    """Add the command that the build asks whether data is kept."""
    command = add_command(
        commands, "check-data", "leave a value in every database and in the storage, or find it"
    )
    command.add_argument("--find", action="store_true", help="find it again, and remove it")
    command.add_argument("value", metavar="VALUE", help="letters and digits")


def add_collect_static(commands: Commands) -> None:
    """Add the command that a build runs in what is not a bundle yet."""
    # Without a help text it is not listed.
    command = commands.add_parser("collect-static", allow_abbrev=False)
    command.add_argument("--report", required=True, metavar="FILE")
    command.add_argument("--settings-paths", required=True, metavar="FILE")


def add_diagnostics(commands: Commands) -> None:
    """Add the command that collects what helps with a problem."""
    command = add_command(
        commands, "diagnostics", "write logs, versions and settings, without secrets, to an archive"
    )
    command.add_argument(
        "--output",
        metavar="FILE",
        help="the archive, replaced if it exists (default: a new one in the current folder)",
    )
    # For the process of its own in which the project is loaded.
    command.add_argument("--settings-to", metavar="FILE", help=argparse.SUPPRESS)


def port(text: str) -> int:
    """Return *text* as a port number, 0 for any."""
    if not text.isdecimal() or int(text) > HIGHEST_PORT:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number from 0 to {HIGHEST_PORT}")
    return int(text)
