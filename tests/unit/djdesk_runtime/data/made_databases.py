"""Small SQLite databases as a desktop application leaves them."""

import os
import shutil
import sqlite3
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path

from djdesk_runtime.bundle_info import BundleInfo
from djdesk_runtime.data.folder import DataFolder
from djdesk_runtime.data.sqlite_files import SIDE_FILES, beside

BUNDLE = BundleInfo(
    root=Path("bundle"),
    name="Tiny Site",
    identifier="org.example.tiny",
    version="1.0",
    revision="",
    target="",
    python_version="",
    python_provider="",
    settings_module="tiny.settings",
    source_roots=(),
)


def make_database(path: Path, names: Iterable[str]) -> Path:
    """Make a database in WAL mode that holds *names*, closed as it should be."""
    with closing(sqlite3.connect(path, autocommit=True)) as connection:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("CREATE TABLE things (name)")
    add(path, names)
    return path


def add(path: Path, names: Iterable[str]) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.executemany("INSERT INTO things VALUES (?)", [(name,) for name in names])
        connection.commit()


def make_killed_database(path: Path, names: Iterable[str]) -> Path:
    """Make a database whose last commits are in its write-ahead log only."""
    living = make_database(path.with_name(f"living-{path.name}"), [])
    with closing(sqlite3.connect(living)) as connection:
        connection.executemany("INSERT INTO things VALUES (?)", [(name,) for name in names])
        connection.commit()
        for suffix in ("", "-wal"):
            shutil.copy(beside(living, suffix), beside(path, suffix))
    living.unlink()
    return path


def make_database_to_roll_back(path: Path, names: Iterable[str]) -> Path:
    """Make a database without WAL that was killed in the middle of a transaction."""
    living = path.with_name(f"living-{path.name}")
    with closing(sqlite3.connect(living)) as connection:
        connection.execute("CREATE TABLE things (name)")
        connection.executemany("INSERT INTO things VALUES (?)", [(name,) for name in names])
        connection.commit()
        connection.execute("PRAGMA cache_size=1")
        connection.executemany("INSERT INTO things VALUES (?)", [("lost" * 200,)] * 500)
        for suffix in ("", "-journal"):
            shutil.copy(beside(living, suffix), beside(path, suffix))
    living.unlink()
    return path


def names_in(path: Path) -> list[str]:
    """Return what the database holds, read from a copy: nothing is changed."""
    scratch = path.with_name(f"read-{path.name}")
    files = [(beside(path, suffix), beside(scratch, suffix)) for suffix in ("", "-wal", "-journal")]
    try:
        for source, copy in files:
            if source.exists():
                shutil.copy(source, copy)
        with closing(sqlite3.connect(scratch)) as connection:
            return [row[0] for row in connection.execute("SELECT name FROM things ORDER BY rowid")]
    finally:
        for suffix in ("", *SIDE_FILES):
            beside(scratch, suffix).unlink(missing_ok=True)


def damage(path: Path) -> None:
    """Overwrite everything but the first page of the database."""
    with path.open("r+b") as file:
        file.seek(4096)
        file.write(os.urandom(path.stat().st_size - 4096))


def contents(folder: Path) -> dict[str, bytes]:
    """Return what is in the files below *folder*; the shared memory of WAL is no content."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and not path.name.endswith("-shm")
    }


def make_data(root: Path, names: Iterable[str] = ()) -> DataFolder:
    """Make a data folder with a database that holds *names*."""
    root.mkdir(exist_ok=True)
    data = DataFolder(root)
    make_database(data.database("default"), names)
    return data
