"""What the example project has stored, read past the application from its data folder."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

Row = tuple[object, ...]

_EVERYTHING = (
    "SELECT id, title, text, updated FROM notes_note ORDER BY id",
    "SELECT id, note_id, name, size, file FROM notes_attachment ORDER BY id",
)


def stored_notes(data: Path) -> list[Row]:
    """Return every row of notes and attachments, also those not yet out of the write-ahead log."""
    with closing(_open(data)) as database:
        return [row for query in _EVERYTHING for row in database.execute(query)]


def titles(data: Path) -> list[str]:
    """Return the titles of all notes, oldest first."""
    with closing(_open(data)) as database:
        return [title for (title,) in database.execute("SELECT title FROM notes_note ORDER BY id")]


def is_whole(data: Path) -> bool:
    """Tell whether SQLite finds nothing wrong with the database, or there is none yet."""
    if not (data / "db.sqlite3").exists():
        return True
    with closing(_open(data)) as database:
        problems = [text for (text,) in database.execute("PRAGMA quick_check")]
    return problems == ["ok"]


def attachment_files(data: Path) -> list[bytes]:
    """Return the content of every stored attachment, in the order of their rows."""
    with closing(_open(data)) as database:
        query = "SELECT file FROM notes_attachment ORDER BY id"
        return [(data / "media" / file).read_bytes() for (file,) in database.execute(query)]


def _open(data: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"file:{data / 'db.sqlite3'}?mode=ro", uri=True, timeout=20)
