"""The project in the bundle: found, configured and loaded, or a clear word on why not."""

from __future__ import annotations

import importlib
import os
import sys
import traceback
from pathlib import Path
from typing import TYPE_CHECKING, Any

from djdesk_runtime.bundle_info import BundleInfo, read_bundle
from djdesk_runtime.data.completeness import require_complete
from djdesk_runtime.data.databases import UPDATING_VARIABLE
from djdesk_runtime.data.durable import restrict_new_files
from djdesk_runtime.data.folder import DataFolder, append_log, unusable
from djdesk_runtime.errors import DjdeskError, ProjectBrokenError
from djdesk_runtime.reports.source_lines import place_in

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

SETTINGS_MODULE = "djdesk_runtime.settings"

# Written by `enter` and read by this module alone, in this process and in those that the project
# starts: the data, and whose they are. A process of another bundle does not use them.
BUNDLE_VARIABLE = "DJDESK_RUNTIME_BUNDLE"
DATA_VARIABLE = "DJDESK_RUNTIME_DATA"

# The bundle that this file is in.
BUNDLE = Path(__file__).parents[3]
LAUNCHER = "run_django.py"

# Where collectstatic writes while a bundle is built. Not for a finished bundle.
STATIC_ROOT_VARIABLE = "DJDESK_STATIC_ROOT"


def enter(bundle: BundleInfo, data: DataFolder) -> None:
    """Make *bundle* and *data* what this process is about; imports nothing of the project.

    The project's folders come after the standard library, which they cannot shadow, and before
    the dependencies, as they do in development: a stray module of a dependency cannot take the
    place of one of the project's. Raises `DataMissingError` where *data*, in which an interrupted
    update was undone, is not complete: the project would make what is missing again, empty.
    """
    require_complete(bundle.root, data)
    if data.kept:
        restrict_new_files()
    os.environ["DJANGO_SETTINGS_MODULE"] = SETTINGS_MODULE
    os.environ[BUNDLE_VARIABLE] = str(bundle.root)
    os.environ[DATA_VARIABLE] = str(data.root)
    own = [os.path.realpath(folder) for folder in bundle.source_folders]
    sys.path[:] = [entry for entry in sys.path if os.path.realpath(entry) not in own]
    packages = str(bundle.packages)
    place = sys.path.index(packages) if packages in sys.path else len(sys.path)
    sys.path[place:place] = [str(folder) for folder in bundle.source_folders]


def current_settings() -> dict[str, Any]:
    """Import the project's settings module and return it with the desktop's changes.

    Raises ImproperlyConfigured in a process that neither the launcher nor one of its children has
    started, and what the project's module raises.
    """
    from djdesk_runtime.data.secret_key import secret_key
    from djdesk_runtime.project.overlay import Surroundings, overlay
    from djdesk_runtime.project.places import make_folders
    from djdesk_runtime.project.sealed import no_new_folders
    from djdesk_runtime.reports.masking import keep_secret

    bundle = read_bundle(BUNDLE)
    data = DataFolder(inherited_data(BUNDLE))
    try:
        key = secret_key(data.secret_key)
    except OSError as error:
        raise unusable(data.root, error) from error
    keep_secret(key)
    with no_new_folders(bundle.root):
        module = importlib.import_module(bundle.settings_module)
    project = {name: value for name, value in vars(module).items() if name.isupper()}
    static_root = Path(os.environ.get(STATIC_ROOT_VARIABLE) or bundle.static)
    # A program that a migration starts works on the copies, as the migration does.
    databases = DataFolder(data.working_copies) if UPDATING_VARIABLE in os.environ else None
    settings = overlay(project, Surroundings(bundle, data, static_root, key, databases))
    try:
        make_folders(settings, data)
    except OSError as error:
        raise unusable(data.root, error) from error
    return settings


def inherited_data(bundle: Path) -> Path:
    """Return the data folder that the launcher of the bundle in *bundle* has chosen.

    Without it nobody looks after the data: they may be in use, or about to be changed.
    """
    named = os.environ.get(BUNDLE_VARIABLE)
    if named and Path(named).exists() and bundle.samefile(named):
        return Path(os.environ[DATA_VARIABLE])
    from django.core.exceptions import ImproperlyConfigured

    raise ImproperlyConfigured(
        "The application's data can only be used through its launcher.\n"
        "Reason: this process was not started by it, nor by one that was\n"
        f"What to do: Run {sys.executable} -I -B -X utf8 {bundle / LAUNCHER} manage COMMAND"
    )


def load_project(bundle: BundleInfo, data: DataFolder) -> None:
    """Configure Django and import the project's applications. Raises `ProjectBrokenError`."""
    import django
    from django.conf import settings

    try:
        # Through Django, as anywhere else: settings that look at themselves while they are
        # imported meet the same half-made module that they are used to.
        _ = settings.DEBUG
        django.setup()
    except DjdeskError:
        raise
    except (Exception, SystemExit) as error:
        raise broken(bundle, data, "settings or applications", error) from error


def load_application(bundle: BundleInfo, data: DataFolder) -> WSGIApplication:
    """Return the project's WSGI application. Raises `ProjectBrokenError`."""
    from django.conf import settings
    from django.core.handlers.wsgi import WSGIHandler
    from django.utils.module_loading import import_string

    try:
        named = settings.WSGI_APPLICATION
        application: WSGIApplication = import_string(named) if named else WSGIHandler()
    except (Exception, SystemExit) as error:
        raise broken(bundle, data, "WSGI application", error) from error
    return application


def broken(
    bundle: BundleInfo, data: DataFolder, part: str, error: BaseException
) -> ProjectBrokenError:
    """Return what *error* says about the project's *part*, with the traceback left in the log."""
    from djdesk_runtime.reports.masking import mask

    told = mask("".join(traceback.format_exception(error)))
    if data.kept:
        append_log(data, told)
    else:
        # The log goes with its folder, and whoever started this command reads this.
        sys.stderr.write(f"{told}\n")
    where = f"; {data.log_file} has the traceback" if data.kept else ""
    return ProjectBrokenError(
        f"{bundle.name} cannot start: its {part} ({bundle.settings_module}) cannot be loaded.",
        why=f"{type(error).__name__}: {error}{place_of(error, bundle.root)}",
        next_step=(
            "Report this problem to the maker of the application, who has to correct the project "
            f"and build again{where}."
            if data.kept
            else "Correct the project and build again."
        ),
    )


def place_of(error: BaseException, root: Path) -> str:
    """Return " (file, line N)": where in the project, else in a dependency, *error* arose.

    Empty when no line of either was running, and for a SyntaxError, which says so itself.
    """
    if isinstance(error, SyntaxError):
        return ""
    file, line = place_in(traceback.extract_tb(error.__traceback__), root)
    return f" ({file}, line {line})" if file else ""
