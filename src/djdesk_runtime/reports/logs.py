"""Where log records go: a rotating file in the data folder, and what the project asks for.

No secret that we know of gets there: every handler, the project's as well, has our filter.
"""

from __future__ import annotations

import time
from logging import Formatter
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

from djdesk_runtime.reports.log_file import LogFile
from djdesk_runtime.reports.masking import SecretsFilter

if TYPE_CHECKING:
    from collections.abc import Mapping

    from djdesk_runtime.data.folder import DataFolder

FILE_BYTES = 1_000_000
FILES_KEPT = 5
FILE_HANDLER = "djdesk_file"
STDERR_HANDLER = "djdesk_stderr"
FORMATTER = "djdesk"
SECRETS_FILTER = "djdesk_secrets"
OWN_FILES = frozenset({"app.log", "shell.log"})
LINE: dict[str, Any] = {
    "format": "{asctime} {levelname} {name} {process} {message}",
    "style": "{",
}

# Named, so that a project's ``disable_existing_loggers`` does not silence them. Django's own
# handlers would mail errors to the project's administrators from the user's computer.
LOGGERS: dict[str, dict[str, Any]] = {
    "djdesk_runtime": {"level": "INFO"},
    "django": {"level": "INFO", "handlers": []},
    "waitress": {"level": "INFO"},
    "waitress.queue": {"level": "ERROR"},
}


class UtcFormatter(Formatter):
    """Writes times as the shell's log and the names of backups do, whatever zone Django sets."""

    converter = staticmethod(time.gmtime)
    default_time_format = "%Y-%m-%dT%H:%M:%S"
    default_msec_format = "%s.%03dZ"


def desktop_logging(project: Mapping[str, Any] | None, data: DataFolder) -> dict[str, Any]:
    """Return the project's LOGGING, writing to *data* only, with our log file at the root.

    Records go to standard error as well where the project has no logging of its own.
    """
    theirs = dict(project or {})
    if theirs.get("incremental"):
        return theirs
    ours = [FILE_HANDLER] if theirs else [FILE_HANDLER, STDERR_HANDLER]
    loggers = LOGGERS | dict(theirs.get("loggers") or {})
    # Both ways of naming the root logger are allowed, and the second would win.
    root = dict(loggers.pop("", None) or theirs.get("root") or {"level": "INFO"})
    root["handlers"] = [*root.get("handlers", ()), *ours]
    handlers = {name: relocate(h, data) for name, h in dict(theirs.get("handlers") or {}).items()}
    return {
        "disable_existing_loggers": False,
        **theirs,
        "version": 1,
        "formatters": dict(theirs.get("formatters") or {}) | formatters(),
        "filters": dict(theirs.get("filters") or {}) | filters(data),
        "handlers": {
            name: without_secrets(handler)
            for name, handler in (handlers | our_handlers(ours, data)).items()
        },
        "loggers": loggers,
        "root": root,
    }


def relocate(handler: Mapping[str, Any], data: DataFolder) -> dict[str, Any]:
    """Return *handler*, writing the file of the same name in the folder of logs if to any.

    Our own files are not two programs' to write and rotate.
    """
    if "filename" not in handler:
        return dict(handler)
    name = PurePath(handler["filename"]).name
    name = f"project-{name}" if name in OWN_FILES else name
    return {**handler, "filename": str(data.logs / name)}


def without_secrets(handler: Mapping[str, Any]) -> dict[str, Any]:
    """Return *handler* with our filter behind its own."""
    return {**handler, "filters": [*(handler.get("filters") or ()), SECRETS_FILTER]}


def filters(data: DataFolder) -> dict[str, Any]:
    """Return our filter, which learns the secret key when logging is configured."""
    factory = "djdesk_runtime.reports.masking.secrets_filter"
    return {SECRETS_FILTER: {"()": factory, "key_file": str(data.secret_key)}}


def formatters() -> dict[str, Any]:
    """Return the one format of our records."""
    return {FORMATTER: {"class": "djdesk_runtime.reports.logs.UtcFormatter", **LINE}}


def our_handlers(names: list[str], data: DataFolder) -> dict[str, Any]:
    """Return those of our handlers that *names* asks for."""
    handlers: dict[str, Any] = {
        FILE_HANDLER: {
            "class": "djdesk_runtime.reports.log_file.LogFile",
            "formatter": FORMATTER,
            "filename": str(data.log_file),
            "maxBytes": FILE_BYTES,
            "backupCount": FILES_KEPT,
            "encoding": "utf-8",
            "delay": True,
        },
        STDERR_HANDLER: {"class": "logging.StreamHandler", "formatter": FORMATTER},
    }
    return {name: handlers[name] for name in names}


def early_handler(data: DataFolder) -> LogFile:
    """Return a handler for our log file, for what happens before Django configures logging.

    That removes it, unless the project configures logging by itself.
    """
    handler = LogFile(
        data.log_file, maxBytes=FILE_BYTES, backupCount=FILES_KEPT, encoding="utf-8", delay=True
    )
    handler.setFormatter(UtcFormatter(LINE["format"], style=LINE["style"]))
    handler.addFilter(SecretsFilter())
    return handler
