"""Writers and updates of the same databases, interleaved at random, and a count of every row.

Run as a program: a folder, a seed, and how many interleavings. Every process here is a real one,
forked from this, and the updates are killed at random moments. Prints what was lost, as JSON.
"""

import json
import math
import os
import random
import re
import sqlite3
import sys
import time
import traceback
from collections.abc import Callable
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path

import django
from django.conf import settings
from django.db import connections

from djdesk_runtime.bundle_info import BundleInfo
from djdesk_runtime.data import changing, recovery
from djdesk_runtime.data.backups import list_backups
from djdesk_runtime.data.folder import DataFolder
from djdesk_runtime.data.lock import lock_data
from djdesk_runtime.errors import DjdeskError
from tests import unix

ALIASES = ("default", "more")
UPDATES_EACH = 4
LAST = (101, 102)
ENDINGS = ("succeeds", "succeeds", "fails")
LONGEST_UPDATE = 0.5
BUNDLE = BundleInfo(Path("bundle"), "Tiny", "org.example.tiny", "2.0", "", "", "", "", "tiny", ())


class PlannedError(Exception):
    """A migration that fails."""


@dataclass(frozen=True)
class Scene:
    """One data folder, its journal mode, and where the processes note what they did."""

    data: DataFolder
    notes: Path
    aliases: tuple[str, ...]

    @property
    def files(self) -> dict[str, Path]:
        return {alias: self.data.database(alias) for alias in self.aliases}


@dataclass(frozen=True)
class Forked:
    """A process that was forked from this one."""

    pid: int

    def wait(self) -> None:
        os.waitpid(self.pid, 0)

    def kill(self) -> None:
        os.kill(self.pid, unix.SIGKILL)


def fork(work: Callable[[], None], notes: Path) -> Forked:
    """Do the work in a process of its own, and note what it did not expect."""
    if pid := unix.fork():
        return Forked(pid)
    try:
        work()
    except BaseException:  # noqa: BLE001 - whatever it is
        with (notes / "unexpected").open("a", encoding="utf-8") as file:
            file.write(traceback.format_exc())
    os._exit(0)


def start_writer(scene: Scene, name: str, chance: random.Random) -> Forked:
    own = random.Random(chance.random())
    return fork(lambda: write(scene, name, own), scene.notes)


def start_update(scene: Scene, version: int, ending: str, chance: random.Random) -> Forked:
    own = random.Random(chance.random())
    return fork(lambda: update(scene, version, ending, own), scene.notes)


def make_scene(folder: Path, chance: random.Random) -> Scene:
    data, notes = DataFolder(folder / "data"), folder / "notes"
    for made in (folder, data.root, data.logs, notes):
        made.mkdir(parents=True)
    scene = Scene(data, notes, ALIASES[: chance.choice([1, 2])])
    mode = chance.choice(["wal", "wal", "delete"])
    for path in scene.files.values():
        with closing(sqlite3.connect(path, autocommit=True)) as connection:
            connection.execute(f"PRAGMA journal_mode={mode}")
            connection.execute("CREATE TABLE things (name)")
            connection.execute("CREATE TABLE versions (version)")
            connection.execute("INSERT INTO versions VALUES (0)")
            connection.executemany("INSERT INTO things VALUES (?)", [("x" * 2000,)] * 99)
    return scene


def write(scene: Scene, name: str, chance: random.Random) -> None:
    """Commit rows until told to stop, and note each one that SQLite said was committed."""
    with (scene.notes / f"{name}.rows").open("a", encoding="utf-8") as noted:
        number = 0
        while not (scene.notes / "stop").exists():
            alias = chance.choice(scene.aliases)
            seconds = chance.choice([0.0, 0.05, 2.0])
            connection = sqlite3.connect(scene.files[alias], timeout=seconds, autocommit=True)
            with closing(connection), suppress(sqlite3.OperationalError):
                connection.execute("PRAGMA synchronous=OFF")  # No power fails here.
                for _ in range(chance.randrange(1, 8)):
                    rows = [f"{name} {number + more}" for more in range(chance.randrange(1, 4))]
                    number += len(rows)
                    connection.execute(chance.choice(["BEGIN", "BEGIN IMMEDIATE"]))
                    for row in rows:
                        connection.execute("INSERT INTO things (name) VALUES (?)", [row])
                    time.sleep(chance.choice([0.0, 0.0, 0.003, 0.05]))
                    connection.execute("COMMIT")
                    noted.writelines(f"{alias} {row}\n" for row in rows)
                    noted.flush()
                    time.sleep(chance.choice([0.0, 0.001, 0.01]))
            time.sleep(chance.choice([0.0, 0.005, 0.03]))


def update(scene: Scene, version: int, ending: str, chance: random.Random) -> None:
    """Start a version: recover, and change all databases step by step, as migrations do."""

    def change() -> None:
        for alias in scene.aliases:
            with connections[alias].cursor() as cursor:
                cursor.execute(f"ALTER TABLE things ADD COLUMN v{version} DEFAULT 1")
                time.sleep(chance.choice([0.0, 0.01, 0.1]))
                cursor.execute("UPDATE versions SET version = %s", [version])
            if chance.random() < 0.5:
                connections[alias].close()
        if ending == "fails":
            raise PlannedError

    settings.DATABASES = {
        alias: {"ENGINE": "django.db.backends.sqlite3", "NAME": path}
        for alias, path in scene.files.items()
    }
    django.setup()
    try:
        with lock_data(scene.data, 2.0):
            recovery.recover_data(BUNDLE, scene.data, ignore)
            changing.change_databases(
                BUNDLE, scene.data, scene.files, change, tell=ignore, cancelled=lambda: False
            )
    except PlannedError:
        pass
    except DjdeskError as error:
        with (scene.notes / "messages").open("a", encoding="utf-8") as file:
            file.write(f"{error}\n")
    else:
        (scene.notes / "updated").write_text(str(version))


def ignore(_message: str) -> None:
    pass


def play(folder: Path, chance: random.Random) -> dict[str, object]:
    """Let writers and updates run at the same time; return what came of it."""
    scene = make_scene(folder, chance)
    writers = [start_writer(scene, f"w{n}", chance) for n in range(chance.choice([2, 3]))]
    killed = 0
    for version in range(1, UPDATES_EACH + 1):
        updating = start_update(scene, version, chance.choice(ENDINGS), chance)
        if chance.random() < 0.5:
            wait_for_moment(scene, chance)
            updating.kill()
            killed += 1
        updating.wait()
        time.sleep(chance.choice([0.0, 0.02]))
    (scene.notes / "stop").touch()
    for writer in writers:
        writer.wait()
    for version in LAST:  # The first may be the one that tells what is in a copy only.
        start_update(scene, version, "succeeds", chance).wait()
    return judge(scene) | {"killed": killed}


def wait_for_moment(scene: Scene, chance: random.Random) -> None:
    """Wait for the moment to kill an update: any, or one between two databases."""
    if chance.random() < 0.5:
        time.sleep(chance.random() ** 2 * LONGEST_UPDATE)
        return
    end = time.monotonic() + LONGEST_UPDATE
    while not scene.data.update_marker.exists() and time.monotonic() < end:
        time.sleep(0.0005)
    time.sleep(chance.choice([0.0, 0.001, 0.005, 0.02]))


def judge(scene: Scene) -> dict[str, object]:
    """Return which rows are nowhere, and what else is not as it has to be."""
    messages = read(scene.notes / "messages")
    promised = {line for path in scene.notes.glob("*.rows") for line in read(path).splitlines()}
    found: set[str] = set()
    versions = set()
    wrong = []
    for alias, path in scene.files.items():
        named = [
            scene.data.backups / backup.name
            for backup in list_backups(scene.data)
            if backup.alias == alias and backup.name in messages
        ]
        for place in [path, *named]:
            with closing(sqlite3.connect(place)) as connection:
                found |= {f"{alias} {name}" for name in rows_in(connection)}
        with closing(sqlite3.connect(path)) as connection:
            versions.add(connection.execute("SELECT version FROM versions").fetchone()[0])
            if connection.execute("PRAGMA integrity_check").fetchone() != ("ok",):
                wrong.append(f"{path} is damaged")
    if versions != {LAST[-1]}:
        wrong.append(f"versions {versions} after {messages}")
    return {
        "lost": sorted(promised - found),
        "rows": len(promised),
        "updated": len(read(scene.notes / "updated")) > 0,
        "refused": len(re.findall("another program", messages)),
        "wrong": wrong,
        "unexpected": read(scene.notes / "unexpected"),
    }


def rows_in(connection: sqlite3.Connection) -> list[str]:
    return [name for (name,) in connection.execute("SELECT name FROM things WHERE name LIKE 'w%'")]


def read(path: Path) -> str:
    return path.read_text(encoding="utf-8") if path.exists() else ""


def main(folder: Path, seed: int, count: int) -> None:
    settings.configure(USE_TZ=True, DATABASES={})
    # Whoever waits longer is given up.
    for module in (changing, recovery):
        vars(module)["DATABASE_SECONDS"] = 0.4
    results = [
        play(folder / str(number), random.Random(seed + number))
        for number in range(math.ceil(count / UPDATES_EACH))
    ]
    print(json.dumps(results))  # noqa: T201 - what it is run for


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
