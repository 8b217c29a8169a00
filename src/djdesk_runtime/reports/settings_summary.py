"""The settings in use, for diagnostics: what differs from Django's defaults, without secrets.

Made in a process of its own, with data of its own: the project's code runs, which may be what
is broken, and nothing of the user's is touched.
"""

from __future__ import annotations

import json
import logging
import re
import subprocess
import sys
import tempfile
import traceback
from collections.abc import Mapping, Set
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Any

from djdesk_runtime.bundle_info import read_bundle
from djdesk_runtime.data.folder import throw_away_data
from djdesk_runtime.errors import DjdeskError
from djdesk_runtime.project.loading import SETTINGS_MODULE, enter, load_project
from djdesk_runtime.project.working_folder import prepare_working_folder
from djdesk_runtime.reports.masking import MASK, mask

if TYPE_CHECKING:
    from djdesk_runtime.data.folder import DataFolder

# Beside Django's own pattern, for names of settings and of keys in them.
HIDDEN = re.compile(r"DSN|CREDENTIAL|PRIVATE|SALT", re.IGNORECASE)
INTERPRETER_OPTIONS = (
    "-I", "-B", "-X", "utf8", "-X", "disable-remote-debug", "-X", "faulthandler",
)  # fmt: skip
LIMIT_SECONDS = 30

# How much of what a failed process wrote to standard error is kept.
KEPT_CHARACTERS = 20_000


def settings_in_use(root: Path, data: DataFolder) -> object:
    """Return the settings of the bundle in *root* as a summary, or what came instead of it.

    Places in *data* are named as they are when the application runs.
    """
    with tempfile.TemporaryDirectory(prefix="djdesk-", ignore_cleanup_errors=True) as folder:
        file, errors = Path(folder, "settings.json"), Path(folder, "stderr")
        how = run_child(root, data, file, errors)
        try:
            return json.loads(file.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            said = errors.read_text(encoding="utf-8", errors="replace")[-KEPT_CHARACTERS:]
            return {"broken": how, "standard_error": said.splitlines()}


def run_child(root: Path, data: DataFolder, file: Path, errors: Path) -> str:
    """Let another process write the summary to *file*; return how that ended."""
    command = [sys.executable, *INTERPRETER_OPTIONS, str(root / "run_django.py"), "diagnostics"]
    command += ["--data-dir", str(data.root), "--settings-to", str(file)]
    try:
        with errors.open("wb") as standard_error:
            done = subprocess.run(
                command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=standard_error,
                timeout=LIMIT_SECONDS,
                creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
                check=False,
            )
    except subprocess.TimeoutExpired:
        return f"the project was not loaded after {LIMIT_SECONDS} seconds"
    return f"the process that loaded the project ended with {done.returncode}"


def write_settings(root: Path, data: DataFolder, file: Path) -> int:
    """Write the summary as JSON to *file*: the work of the other process."""
    bundle = read_bundle(root)
    file = file.absolute()
    with throw_away_data() as scratch:
        prepare_working_folder(bundle, scratch)
        enter(bundle, scratch)
        try:
            load_project(bundle, scratch)
            summary: dict[str, Any] = changed_settings()
        except DjdeskError as error:
            summary = broken(error)
        logging.shutdown()
    text = json.dumps(summary, indent=2, ensure_ascii=False)
    place, real = (json.dumps(str(folder.root))[1:-1] for folder in (scratch, data))
    file.write_text(text.replace(place, real), encoding="utf-8", newline="\n")
    return 0


def broken(error: DjdeskError) -> dict[str, Any]:
    """Return what keeps the project from being loaded."""
    lines = traceback.format_exception(error.__cause__ or error)
    return {"broken": f"{error.what} {error.why}", "traceback": "".join(lines).splitlines()}


def changed_settings() -> dict[str, Any]:
    """Return every setting that the project or the runtime sets."""
    settings = vars(sys.modules[SETTINGS_MODULE])
    return {name: plain(name, settings[name]) for name in sorted(settings) if name.isupper()}


def plain(name: str, value: object) -> Any:  # noqa: ANN401 - whatever JSON can hold
    """Return *value*, called *name*, as JSON can hold it and without secrets."""
    from django.views.debug import SafeExceptionReporterFilter

    if value is None or isinstance(value, bool) or value in ("", b""):
        return value
    if HIDDEN.search(name) or SafeExceptionReporterFilter.hidden_settings.search(name):
        return MASK
    if isinstance(value, Mapping):
        return {mask(str(key)): plain(str(key), item) for key, item in value.items()}
    if isinstance(value, list | tuple | Set):
        return [plain(name, item) for item in value]
    return value if isinstance(value, int | float) else mask(as_text(value))


def as_text(value: object) -> str:
    """Return *value* as a text, also when it fails to become one."""
    from django.utils.functional import Promise

    try:
        return str(value) if isinstance(value, str | PurePath | Promise) else repr(value)
    except Exception as error:  # noqa: BLE001 - any code of the project's
        return f"<{type(value).__name__} that cannot be shown: {type(error).__name__}>"
