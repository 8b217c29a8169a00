"""Versions of the example application and its data, for tests of what can happen to the data."""

from __future__ import annotations

import http.client
import json
import re
import shutil
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from build_support.bundles.protocol import TOKEN_HEADER, new_token, send_start
from build_support.bundles.serve import launch_command

SECONDS = 60
ENOUGH = 3
ENDS = frozenset({"ready", "failed"})
DATABASE = "db.sqlite3"
MIGRATIONS = Path("app/src/djdesk/notes/migrations")
SHARED_PARTS = ("python", "packages", "static")

#: What a later version does to the notes, in steps that a power cut can come between.
LATER: Mapping[str, str] = {
    "0002_size.py": """
        operations = [migrations.AddField("note", "size", models.IntegerField(null=True))]
    """,
    "0003_words.py": """
        atomic = False
        def fill(apps, schema_editor):
            Note, Word = apps.get_model("notes", "Note"), apps.get_model("notes", "Word")
            for note in Note.objects.iterator(chunk_size=50):
                Word.objects.create(text=note.title, note_id=note.pk)
        operations = [
            migrations.CreateModel("Word", [
                ("id", models.AutoField(primary_key=True)),
                ("text", models.TextField()),
                ("note_id", models.IntegerField()),
            ]),
            migrations.RunPython(fill),
            migrations.AddField("word", "length", models.IntegerField(null=True)),
        ]
    """,
    "0004_sizes.py": """
        def measure(apps, schema_editor):
            for note in apps.get_model("notes", "Note").objects.iterator(chunk_size=50):
                note.size = len(note.text)
                note.save()
        operations = [migrations.RunPython(measure)]
    """,
    "0005_wider.py": """
        operations = [migrations.AlterField("note", "title", models.CharField(max_length=300))]
    """,
}
HEAD = """from django.db import migrations, models

class Migration(migrations.Migration):
    dependencies = [("notes", "{before}")]
"""


@dataclass(frozen=True, slots=True)
class State:
    """What a database holds: the notes' titles, the last migration, the columns of every table."""

    titles: frozenset[str]
    migration: str
    columns: Mapping[str, tuple[str, ...]] = field(hash=False)


def make_version(
    bundle: Path, folder: Path, version: str, migrations: Mapping[str, str] | None = None
) -> Path:
    """Make a bundle of another version, which shares what is the same, with more migrations."""
    made = folder / f"bundle {version}"
    made.mkdir()
    for name in SHARED_PARTS:
        (made / name).symlink_to(bundle / name, target_is_directory=True)
    shutil.copytree(bundle / "app", made / "app")
    shutil.copy(bundle / "run_django.py", made)
    manifest = json.loads((bundle / "bundle.json").read_text(encoding="utf-8"))
    manifest["app"]["version"] = version
    (made / "bundle.json").write_text(json.dumps(manifest), encoding="utf-8")
    before = "0001_initial"
    for name, body in (migrations or {}).items():
        path = made / MIGRATIONS / name
        path.write_text(HEAD.format(before=before) + indented(body), encoding="utf-8")
        before = path.stem
    return made


def indented(body: str) -> str:
    """Return the body of a class as it stands in these tests, moved to where it belongs."""
    lines = [line[4:] for line in body.splitlines()]
    return "\n".join(line if line.strip() else "" for line in lines) + "\n"


@dataclass(slots=True)
class Starting:
    """A server that has been started. `events` is what has been read of what it says."""

    process: subprocess.Popen[str]
    token: str
    events: list[dict[str, Any]] = field(default_factory=list)

    @property
    def end(self) -> dict[str, Any]:
        """The last event: of a start that has ended the one that says how."""
        return self.events[-1]

    def wait_for(self, *names: str) -> bool:
        """Read events until one of these; say whether it came before the end."""
        for line in self.process.stdout or ():
            self.events.append(json.loads(line))
            if self.end["event"] in names:
                return True
        return False

    def kill(self) -> None:
        """Let the power fail."""
        self.process.kill()
        self.process.wait(SECONDS)

    @property
    def updates(self) -> list[str]:
        """What it has said of its databases, each thing once."""
        said = [str(event["message"]) for event in self.events if event.get("phase") == "updating"]
        return list(dict.fromkeys(said))


@contextmanager
def starting(bundle: Path, data: Path) -> Iterator[Starting]:
    """Start a server as the shell does; it does not outlive the block."""
    with subprocess.Popen(
        [*launch_command(bundle), "serve", "--shell"],
        env={},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        encoding="utf-8",
    ) as process:
        watchdog = threading.Timer(SECONDS, process.kill)
        watchdog.start()
        try:
            token = new_token()
            send_start(process.stdin, token=token, data_dir=str(data))
            yield Starting(process, token)
        finally:
            watchdog.cancel()
            process.kill()


def start_and_end(bundle: Path, data: Path) -> Starting:
    """Start a server, and end it as soon as it is ready, if it ever is."""
    with starting(bundle, data) as server:
        server.wait_for(*ENDS)
        if server.end["event"] == "ready" and server.process.stdin is not None:
            server.process.stdin.close()
        server.process.wait(SECONDS)
    return server


def run(bundle: Path, data: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Run one of the other commands to its end."""
    return subprocess.run(
        [*launch_command(bundle), *words, "--data-dir", str(data)],
        env={},
        capture_output=True,
        encoding="utf-8",
        timeout=SECONDS,
        check=False,
    )


def write_notes(data: Path, count: int, characters: int = 2000) -> None:
    """Add notes as the application does, all at once and much faster."""
    note = "INSERT INTO notes_note (title, text, folded, created, updated) VALUES (?, ?, ?, ?, ?)"
    moment = "2026-11-23 12:00:00"
    with closing(sqlite3.connect(data / DATABASE)) as connection:
        for number in range(count):
            title = f"written {number}"
            connection.execute(note, (title, "x" * characters, title, moment, moment))
        connection.commit()


def state_of(database: Path) -> State:
    """Return what a database holds, which must be whole. Reads a copy, and leaves it alone."""
    scratch = database.with_name("state of " + database.name)
    scratch.mkdir()
    try:
        for suffix in ("", "-wal", "-journal"):
            file = database.with_name(database.name + suffix)
            if file.exists():
                shutil.copy(file, scratch)
        with closing(sqlite3.connect(scratch / database.name)) as connection:
            return read_state(connection)
    finally:
        shutil.rmtree(scratch)


def read_state(connection: sqlite3.Connection) -> State:
    """Return what a database holds, which must be whole."""
    assert connection.execute("PRAGMA quick_check").fetchall() == [("ok",)]
    titles = [row[0] for row in connection.execute("SELECT title FROM notes_note")]
    assert len(titles) == len(set(titles))
    applied = connection.execute("SELECT max(name) FROM django_migrations WHERE app = 'notes'")
    tables = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
    columns = {
        name: tuple(row[1] for row in connection.execute(f"PRAGMA table_info({name})"))
        for (name,) in tables
    }
    return State(frozenset(titles), applied.fetchone()[0], columns)


class Writer(threading.Thread):
    """Writes notes through the pages until the server is gone; keeps those that were answered."""

    def __init__(self, server: Starting, name: str) -> None:
        super().__init__(daemon=True)
        self._server = server
        self._name = name
        self.answered: list[str] = []

    def run(self) -> None:
        """Write one note after the other."""
        port = int(self._server.end["port"])
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=SECONDS)
        headers = {TOKEN_HEADER: self._server.token}
        try:
            with closing(connection):
                connection.request("GET", "/notes/new/", headers=headers)
                answer = connection.getresponse()
                page = answer.read().decode()
                headers["Cookie"] = str(answer.getheader("Set-Cookie")).partition(";")[0]
                key = re.findall(r'name="csrfmiddlewaretoken" value="(\w+)"', page)[0]
                while True:
                    self._write(connection, headers, key)
        except (OSError, http.client.HTTPException):
            return

    def _write(
        self, connection: http.client.HTTPConnection, headers: Mapping[str, str], key: str
    ) -> None:
        title = f"{self._name} {len(self.answered)}"
        form = {"title": title, "text": "x" * 500, "csrfmiddlewaretoken": key}
        kind = {"Content-Type": "application/x-www-form-urlencoded"}
        connection.request("POST", "/notes/new/", urlencode(form), {**headers, **kind})
        answer = connection.getresponse()
        # With the first line of the answer the note is promised.
        if answer.status == http.HTTPStatus.FOUND:
            self.answered.append(title)
        else:
            sys.stderr.write(f"{answer.status} {answer.read()!r}\n")
            return
        answer.read()


def use(bundle: Path, data: Path, name: str) -> list[str]:
    """Write notes through the pages, and have the server killed; return the promised titles."""
    with starting(bundle, data) as server:
        assert server.wait_for("ready"), server.events
        writer = Writer(server, name)
        writer.start()
        while len(writer.answered) < ENOUGH and writer.is_alive():
            writer.join(0.01)
        server.kill()
        writer.join()
    assert set(writer.answered) <= state_of(data / DATABASE).titles
    return writer.answered
