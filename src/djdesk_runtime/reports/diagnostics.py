"""The command ``diagnostics``: one archive for whoever is asked for help, without secrets."""

from __future__ import annotations

import json
import os
import re
import sys
import tempfile
import traceback
import zipfile
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from djdesk_runtime.bundle_info import MANIFEST_NAME, read_bundle
from djdesk_runtime.data.folder import locate_data
from djdesk_runtime.data.secret_key import read_key
from djdesk_runtime.errors import DjdeskError
from djdesk_runtime.reports.info import facts
from djdesk_runtime.reports.machine_facts import data_facts, system_facts
from djdesk_runtime.reports.masking import MASK, keep_secret, mask
from djdesk_runtime.reports.privacy import HOME, this_person
from djdesk_runtime.reports.settings_summary import settings_in_use, write_settings

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Callable, Iterator, Mapping

    from djdesk_runtime.bundle_info import BundleInfo
    from djdesk_runtime.data.folder import DataFolder

# How much of the end of each log is taken.
LOG_BYTES = 2_000_000

ABOUT = f"""\
What {{name}} {{version}} knows about itself and the computer it runs on, for
whoever helps you with a problem.

versions.json   the application and everything it is made of
bundle.json     how it was made
settings.json   the settings of the application
system.json     the operating system, language, time zone and free disk space
data.json       names and sizes of what lies in the data folder; nothing of its content
logs/           what the application wrote down while it ran

Passwords, keys and cookies are replaced by {MASK}, your home folder and your name on this
computer by {HOME}. Read the logs before you give them away: the application may have written
something into them that is nobody's business.
"""


def diagnostics(root: Path, options: Namespace, environment: Mapping[str, str]) -> int:
    """Write the archive and print its path. Raises `DjdeskError` when it cannot be written."""
    bundle = read_bundle(root)
    data = locate_data(options.data_dir, environment, bundle.identifier)
    if options.settings_to:
        return write_settings(root, data, Path(options.settings_to))
    named = Path(options.output).absolute() if options.output else None
    output = named or Path.cwd() / default_name(bundle, datetime.now(UTC))
    try:
        write_archive(output, members(bundle, data), replace=named is not None)
    except OSError as error:
        raise DjdeskError(
            "The diagnostics cannot be written.",
            why=f"{error.strerror or error} ({output})",
            next_step="Name another file with --output.",
        ) from error
    sys.stdout.write(f"{output}\n")
    return 0


def default_name(bundle: BundleInfo, moment: datetime) -> str:
    """Return the name of the archive made at *moment*, good for every file system."""
    name = re.sub(r"[^\w.-]+", "-", bundle.name).strip("-.") or "application"
    return f"{name}-diagnostics-{moment:%Y%m%dT%H%M%SZ}.zip"


def write_archive(output: Path, texts: Iterator[tuple[str, str]], *, replace: bool) -> None:
    """Write *texts*, by their names, to the file *output*, which appears when it is complete.

    It can be read by its owner alone. Raises OSError, FileExistsError without *replace*.
    """
    if output.exists() and not replace:
        raise FileExistsError(None, "There is a file of that name", str(output))
    descriptor, name = tempfile.mkstemp(dir=output.parent, prefix=f".{output.name}.")
    partial = Path(name)
    try:
        with (
            os.fdopen(descriptor, "wb") as stream,
            zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive,
        ):
            for member, text in texts:
                archive.writestr(member, text.encode("utf-8", errors="replace"))
        partial.replace(output)
    finally:
        with suppress(OSError):
            partial.unlink(missing_ok=True)


def members(bundle: BundleInfo, data: DataFolder) -> Iterator[tuple[str, str]]:
    """Yield name and text of every file of the archive, secrets and persons taken out."""
    with suppress(OSError):
        keep_secret(read_key(data.secret_key) or "")
    person = this_person()

    def clean(text: str) -> str:
        return person.hide(mask(text))

    made: dict[str, Callable[[], object]] = {
        "versions.json": lambda: facts(bundle, data),
        MANIFEST_NAME: lambda: json.loads((bundle.root / MANIFEST_NAME).read_text("utf-8")),
        "settings.json": lambda: settings_in_use(bundle.root, data),
        "system.json": lambda: system_facts(data),
        "data.json": lambda: data_facts(data),
    }
    yield "README.txt", ABOUT.format(name=bundle.name, version=bundle.version)
    for name, make in made.items():
        yield name, clean(described(make))
    if data.logs.is_dir():
        for file in sorted(data.logs.iterdir()):
            if file.is_file() and not file.is_symlink():
                yield clean(f"logs/{file.name}"), clean(log_text(file))


def described(make: Callable[[], object]) -> str:
    """Return what *make* returns as JSON, or why it could not be made: the rest is still useful."""
    try:
        return json.dumps(make(), indent=2, ensure_ascii=False) + "\n"
    except Exception:  # noqa: BLE001 - this is asked for where something is broken
        return f"This could not be found out:\n{traceback.format_exc()}"


def log_text(file: Path) -> str:
    """Return the last whole lines of *file*, at most `LOG_BYTES` bytes."""
    try:
        with file.open("rb") as stream:
            size = stream.seek(0, os.SEEK_END)
            stream.seek(max(0, size - LOG_BYTES))
            content = stream.read(LOG_BYTES)
    except OSError as error:
        return f"This log cannot be read: {error.strerror}\n"
    text = content.decode("utf-8", errors="replace")
    if size <= LOG_BYTES:
        return text
    return f"[{size - LOG_BYTES} bytes left out]\n{text.partition('\n')[2]}"
