"""The commands ``manage`` and ``check``: Django's own, with the settings and data of ``serve``."""

from __future__ import annotations

from contextlib import nullcontext
from typing import TYPE_CHECKING

from djdesk_runtime.bundle_info import read_bundle
from djdesk_runtime.data.folder import locate_data, prepare_data, throw_away_data
from djdesk_runtime.project.loading import enter, load_project

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Mapping, Sequence
    from contextlib import AbstractContextManager
    from pathlib import Path

    from djdesk_runtime.data.folder import DataFolder

# These concern no user's data. Unless a folder is named with --data-dir they get one that is
# deleted afterwards, so that building or checking a bundle leaves nothing behind.
WITHOUT_DATA = frozenset(
    {
        "check", "collectstatic", "compilemessages", "diffsettings", "findstatic", "help",
        "makemessages", "version",
    }
)  # fmt: skip

CHECK = ("check", "--deploy", "--fail-level", "WARNING")


def manage(root: Path, options: Namespace, environment: Mapping[str, str]) -> int:
    """Run a management command; its exit code is raised as SystemExit when it is not zero."""
    return run_command(root, options.data_dir, environment, options.arguments or ["help"])


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
        enter(bundle, data)
        load_project(bundle, data)
        from django.core.management import execute_from_command_line

        # The first is the program's name in help texts.
        execute_from_command_line(["run_django.py manage", *arguments])
    return 0
