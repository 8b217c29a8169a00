"""Where the user's data lies, and how that folder comes to be."""

from __future__ import annotations

import re
import tempfile
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from djdesk_runtime.data.durable import private, restrict
from djdesk_runtime.data.failures import explain
from djdesk_runtime.data.inventory import require_own
from djdesk_runtime.errors import DataFolderError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

DATA_DIR_VARIABLE = "DJDESK_DATA_DIR"

# Aliases whose file would be that of "default", also where upper and lower case are the same, and
# those that these give way to.
GIVES_WAY = re.compile("db_*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class DataFolder:
    """The places inside the folder *root*. Nothing here changes the disk.

    *kept* is False for a folder that is deleted when the command has ended. *identifier* is that
    of the application whose data it is, empty where that does not matter.
    """

    root: Path
    kept: bool = True
    identifier: str = field(default="", compare=False)

    @property
    def secret_key(self) -> Path:
        """The file of the installation's secret key."""
        return self.root / "secret_key"

    @property
    def media(self) -> Path:
        """The folder of uploaded files."""
        return self.root / "media"

    @property
    def storages(self) -> Path:
        """The folder of further file storages of the project."""
        return self.root / "storages"

    @property
    def incoming(self) -> Path:
        """The folder of uploads while they arrive, on the disk where they are kept afterwards."""
        return self.root / "incoming"

    @property
    def cache(self) -> Path:
        """The folder of what can be deleted at any time."""
        return self.root / "cache"

    @property
    def logs(self) -> Path:
        """The folder of log files."""
        return self.root / "logs"

    @property
    def log_file(self) -> Path:
        """The log of the running application."""
        return self.logs / "app.log"

    @property
    def server_lock(self) -> Path:
        """The file that is locked while a program works with the data. It holds nothing."""
        return self.root / "server.lock"

    @property
    def change_lock(self) -> Path:
        """The file that is locked while all of the data is changed, and no command may begin."""
        return self.root / "change.lock"

    @property
    def commands(self) -> Path:
        """The folder of the lock files of commands that work with the data."""
        return self.root / "commands"

    @property
    def working_copies(self) -> Path:
        """The folder of the copies of databases that an update works on."""
        return self.root / "updating"

    @property
    def server_file(self) -> Path:
        """The file that says which process serves, or served last, and on which port."""
        return self.root / "server.json"

    @property
    def backups(self) -> Path:
        """The folder of copies of the databases."""
        return self.root / "backups"

    @property
    def update_marker(self) -> Path:
        """The file that is there while updated databases replace several, and says which."""
        return self.root / "updating.json"

    @property
    def schema_file(self) -> Path:
        """The file that says which migrations the version that started last knew."""
        return self.root / "schema.json"

    @property
    def inventory_file(self) -> Path:
        """The file that says what the folder held when the application last started."""
        return self.root / "inventory.json"

    def database(self, alias: str) -> Path:
        """Return the file of the SQLite database called *alias* in the settings."""
        return self.root / f"{stem_of(alias)}.sqlite3"

    def databases(self) -> dict[str, Path]:
        """Return the files of databases that exist, by alias. Looks at the disk."""
        return dict(sorted((alias_of(x.stem), x) for x in self.root.glob("*.sqlite3")))

    def storage(self, name: str) -> Path:
        """Return the folder of the file storage called *name* in the settings."""
        return self.storages / name


def stem_of(alias: str) -> str:
    """Return the name, without its ending, of the file of the database *alias*: each its own."""
    if alias == "default":
        return "db"
    return f"{alias}_" if GIVES_WAY.fullmatch(alias) else alias


def alias_of(stem: str) -> str:
    """Return the alias of the database whose file is called *stem* and an ending."""
    if stem == "db":
        return "default"
    return stem.removesuffix("_") if GIVES_WAY.fullmatch(stem) else stem


def locate_data(option: str | None, environment: Mapping[str, str], identifier: str) -> DataFolder:
    """Return the data folder: *option* (``--data-dir``), else the variable, else the system's.

    Creates nothing. A relative path is taken from the current folder.
    """
    named = option or environment.get(DATA_DIR_VARIABLE)
    if named:
        return DataFolder(Path(named).expanduser().absolute(), identifier=identifier)
    from platformdirs import user_data_path

    return DataFolder(user_data_path(identifier, appauthor=False), identifier=identifier)


def prepare_data(data: DataFolder) -> DataFolder:
    """Create the folder, closed to other users, and make sure that it can be written.

    A folder that exists keeps its mode: it may have been chosen by its owner. What is in it is
    closed when the application first takes it over, and afterwards keeps what its owner gives it.
    Raises `DataFolderError`, also where the folder is another application's.
    """
    require_own(data)
    try:
        data.root.mkdir(mode=0o700, parents=True, exist_ok=True)
        data.logs.mkdir(mode=0o700, exist_ok=True)
        if not data.inventory_file.exists():
            restrict_contents(data)
        data.incoming.mkdir(mode=0o700, exist_ok=True)
        with tempfile.TemporaryFile(dir=data.root) as probe:
            probe.write(b"djdesk")
    except OSError as error:
        raise unusable(data.root, error) from error
    return data


def restrict_contents(data: DataFolder) -> None:
    """Close what an earlier version, or the user, has put where this one writes to other users."""
    folders = (data.media, data.storages, data.cache, data.logs, data.backups)
    for path in (*folders, *data.root.glob("*.sqlite3*"), data.secret_key, data.server_file):
        restrict(path)


def unusable(path: Path, error: OSError) -> DataFolderError:
    """Return the error that says the data at *path* cannot be used because of *error*."""
    failure = explain(error, path)
    return DataFolderError(
        "The folder for your data cannot be used.",
        why=failure.why,
        next_step=(
            f"{failure.hint} Or choose another folder with --data-dir or {DATA_DIR_VARIABLE}."
        ),
    )


@contextmanager
def throw_away_data() -> Iterator[DataFolder]:
    """Give a data folder to work that concerns no user's data, and delete it afterwards."""
    with tempfile.TemporaryDirectory(prefix="djdesk-", ignore_cleanup_errors=True) as folder:
        yield prepare_data(DataFolder(Path(folder), kept=False))


def append_log(data: DataFolder, text: str) -> None:
    """Add *text* to the log, for what happens before logging is configured.

    A log that cannot be written is passed over: there is something worse to report.
    """
    with suppress(OSError), open(data.log_file, "a", encoding="utf-8", opener=private) as log:
        log.write(text)
