"""The commands ``manage`` and ``check``: Django's own, with the settings and data of ``serve``."""

from __future__ import annotations

import logging
import sys
from contextlib import nullcontext
from typing import TYPE_CHECKING

from djdesk_runtime.bundle_info import read_bundle
from djdesk_runtime.data.alone import alone_with, recover_first, tell
from djdesk_runtime.data.command_locks import shared_access
from djdesk_runtime.data.failures import Cause, explain
from djdesk_runtime.data.folder import locate_data, prepare_data, throw_away_data
from djdesk_runtime.data.recovery import recover_data
from djdesk_runtime.errors import CommandRefusedError, DatabaseUpdateError, DjdeskError
from djdesk_runtime.project.loading import enter, load_project

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Mapping, Sequence
    from contextlib import AbstractContextManager
    from pathlib import Path

    from djdesk_runtime.bundle_info import BundleInfo
    from djdesk_runtime.data.folder import DataFolder

# These concern no user's data. Unless a folder is named with --data-dir they get one that is
# deleted afterwards, so that building or checking a bundle leaves nothing behind.
WITHOUT_DATA = frozenset(
    {
        "check", "collectstatic", "compilemessages", "diffsettings", "findstatic", "help",
        "makemessages", "version",
    }
)  # fmt: skip

# These change all data at once, as an update does, and are given the same care; with one of these
# options they only look.
CHANGING = frozenset({"flush", "loaddata", "migrate"})
LOOKING = frozenset({"--check", "--help", "--list", "--plan", "--version", "-h", "-l"})

# These would serve the data to everybody on the computer, with no care for it.
REFUSED = frozenset({"runserver", "testserver"})

CHECK = ("check", "--deploy", "--fail-level", "WARNING")
AS_BEFORE = "Your data is as it was before."

log = logging.getLogger(__name__)


def manage(root: Path, options: Namespace, environment: Mapping[str, str]) -> int:
    """Run a management command; its exit code is raised as SystemExit when it is not zero."""
    arguments = options.arguments or ["help"]
    if arguments[0] in REFUSED:
        raise refused(arguments[0])
    return run_command(root, options.data_dir, environment, arguments)


def refused(command: str) -> CommandRefusedError:
    """Return the error that says what to use instead of *command*."""
    return CommandRefusedError(
        f"The command {command} does not work inside a bundle.",
        why="it would serve your data without a lock on it and without asking who is there",
        next_step="Use 'run_django.py serve --open-browser' instead of 'manage'.",
    )


def check(root: Path, options: Namespace, environment: Mapping[str, str]) -> int:
    """Run Django's system check for deployments, failing on warnings."""
    return run_command(root, options.data_dir, environment, CHECK)


def run_command(
    root: Path, data_dir: str | None, environment: Mapping[str, str], arguments: Sequence[str]
) -> int:
    """Run ``manage.py *arguments*`` of the bundle in *root*."""
    bundle = read_bundle(root)
    folder: AbstractContextManager[DataFolder]
    if arguments[0] in WITHOUT_DATA and not data_dir:
        folder = throw_away_data()
    else:
        folder = nullcontext(prepare_data(locate_data(data_dir, environment, bundle.identifier)))
    with folder as data:
        if arguments[0] in CHANGING and LOOKING.isdisjoint(arguments):
            change_data(bundle, data, arguments)
        else:
            recover_first(bundle, data)
            with shared_access(data, f"manage {arguments[0]}"):
                enter(bundle, data)
                load_project(bundle, data)
                execute(arguments)
    return 0


def execute(arguments: Sequence[str]) -> None:
    """Let Django run the command; the project is loaded."""
    from django.core.management import execute_from_command_line

    # The first is the program's name in help texts.
    execute_from_command_line(["run_django.py manage", *arguments])


def change_data(bundle: BundleInfo, data: DataFolder, arguments: Sequence[str]) -> None:
    """Run the command with no server beside it; nothing of it is kept where it fails.

    Then it has said why: what it ends with, SystemExit among it, passes on.
    """
    with alone_with(data, f"manage {arguments[0]}"):
        recover_data(bundle, data, tell)
        enter(bundle, data)
        load_project(bundle, data)
        from django.core.management import CommandError

        from djdesk_runtime.data.migrations import guard

        try:
            guard(bundle, data, lambda: execute(arguments), tell)
        except DjdeskError:
            raise
        except (CommandError, SystemExit, KeyboardInterrupt):
            sys.stderr.write(f"{AS_BEFORE}\n")
            raise
        except Exception as error:
            log.exception("the command %s failed", arguments[0])
            raise failed(arguments[0], data, error) from error


def failed(command: str, data: DataFolder, error: Exception) -> DatabaseUpdateError:
    """Return the error that says *command* failed with *error*, and that nothing has come of it."""
    failure = explain(error, data.root)
    correct = f"Correct what is wrong and try again; {data.log_file} has the traceback."
    return DatabaseUpdateError(
        f"The command {command} failed. {AS_BEFORE}",
        why=failure.why,
        next_step=correct if failure.cause is Cause.OTHER else failure.hint,
    )
