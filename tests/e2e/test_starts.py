"""Starts that go wrong, or that are broken off."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.e2e import processes
from tests.e2e.actions import write_note
from tests.e2e.changed import hold_start, slow_migration
from tests.e2e.desktop import Application, Desktop, copy_bundle
from tests.e2e.devtools import Page
from tests.e2e.notes import is_whole, titles
from tests.e2e.waiting import LEFT_SECONDS, SLACK_SECONDS, until

_NEW_COLUMNS = {"colour", "shape"}


def _columns(data: Path) -> set[str]:
    with closing(sqlite3.connect(f"file:{data / 'db.sqlite3'}?mode=ro", uri=True)) as database:
        return {row[1] for row in database.execute("PRAGMA table_info(notes_note)")}


@dataclass(frozen=True, slots=True)
class Updating:
    """The application in the middle of a migration, after a note was written without it."""

    application: Application
    splash: Page
    bundle: Path
    release: Path


@pytest.fixture
def updating(desktop: Desktop, tmp_path: Path) -> Updating:
    application = desktop.start()
    write_note(application.page(), "Before the update")
    assert application.close() == 0
    newer = copy_bundle(desktop.bundle, tmp_path)
    begun, release = slow_migration(newer)
    application = desktop.start(bundle=newer)
    splash = application.shell_page("splash.html")
    until(begun.exists, "the migration has begun")
    splash.wait_for_text("#message", "Updating your data…")
    return Updating(application, splash, newer, release)


def test_quitting_during_a_migration_finishes_it(
    desktop: Desktop, updating: Updating, artifacts: Path
) -> None:
    updating.splash.screenshot(artifacts / "updating.png")
    updating.splash.evaluate("djdeskShell.quit()")
    updating.splash.wait_for_text("#message", "Finishing the update, then closing…")
    updating.splash.screenshot(artifacts / "finishing-the-update.png")
    updating.release.touch()
    assert updating.application.wait() == 0
    processes.none_left(desktop.home, 5)
    assert _columns(desktop.data) >= _NEW_COLUMNS
    assert sorted(titles(desktop.data)) == ["Before the update", "half a migration"]
    _starts_with_all_notes(desktop, updating)


def test_a_shell_killed_during_a_migration_undoes_it(desktop: Desktop, updating: Updating) -> None:
    updating.application.kill()
    seconds = processes.seconds_until_no_server(desktop.home, 8)
    assert seconds <= LEFT_SECONDS + SLACK_SECONDS
    assert is_whole(desktop.data)
    assert not _columns(desktop.data) & _NEW_COLUMNS
    assert titles(desktop.data) == ["Before the update"]
    updating.release.touch()
    _starts_with_all_notes(desktop, updating)


def test_a_server_killed_during_a_migration_can_be_tried_again(
    desktop: Desktop, updating: Updating, artifacts: Path
) -> None:
    processes.kill(updating.application.server())
    failure = updating.application.shell_page("failure.html")
    failure.wait_for_text("#what", "The application ended while it was starting.")
    failure.screenshot(artifacts / "killed-while-updating.png")
    assert titles(desktop.data) == ["Before the update"]
    updating.release.touch()
    failure.click("#retry")
    updating.application.page().wait_for_text_within("body", "Before the update")
    assert updating.application.close() == 0
    _starts_with_all_notes(desktop, updating)


def _starts_with_all_notes(desktop: Desktop, updating: Updating) -> None:
    """Start the newer version: the migration is there once, and what was written before."""
    application = desktop.start(bundle=updating.bundle)
    application.page().wait_for_text_within("body", "Before the update")
    assert application.close() == 0
    assert is_whole(desktop.data)
    assert _columns(desktop.data) >= _NEW_COLUMNS
    assert sorted(titles(desktop.data)) == ["Before the update", "half a migration"]
    processes.none_left(desktop.home, 5)


def test_a_newer_database_is_refused_and_says_so(
    desktop: Desktop, tmp_path: Path, artifacts: Path
) -> None:
    newer = copy_bundle(desktop.bundle, tmp_path)
    slow_migration(newer)[1].touch()
    application = desktop.start(bundle=newer)
    write_note(application.page(), "Of the newer version")
    assert application.close() == 0
    before = (desktop.data / "db.sqlite3").read_bytes()

    application = desktop.start()
    failure = application.shell_page("failure.html")
    failure.wait_for_text_within("#why", "newer")
    failure.screenshot(artifacts / "newer-database.png")
    assert application.close() == 0
    assert (desktop.data / "db.sqlite3").read_bytes() == before


def test_an_app_image_is_started_again_by_its_file(desktop: Desktop, tmp_path: Path) -> None:
    """A start that comes while the server ends is made up for, from outside of the image."""
    started, image = tmp_path / "started", tmp_path / "Notes.AppImage"
    image.write_text(f"#!/bin/sh\npwd >{started}.partial\nmv {started}.partial {started}\n")
    image.chmod(0o755)
    inside = {"APPIMAGE": str(image), "APPDIR": str(Path(desktop.electron[0]).parent)}
    held, release = hold_start(copy_bundle(desktop.bundle, tmp_path))
    application = desktop.start(bundle=held, environment=inside)
    # Not at once: the page goes, and with it whoever waits for its answer.
    application.shell_page("splash.html").evaluate("setTimeout(djdeskShell.quit, 200)")
    until(lambda: "supervisor: stop, stopping" in desktop.shell_log(), "it ends")
    assert desktop.start(bundle=held).wait() == 0
    release.touch()
    assert application.wait() == 0
    until(started.exists, "the image is started")
    assert started.read_text().strip() == str(desktop.home)
    processes.none_left(desktop.home, 5)


@pytest.mark.parametrize("missing", ["bundle.json", "run_django.py", "python/bin/python3"])
def test_a_damaged_bundle_is_named_and_nothing_else_is_used(
    desktop: Desktop, tmp_path: Path, artifacts: Path, missing: str
) -> None:
    damaged = copy_bundle(desktop.bundle, tmp_path)
    (damaged / missing).unlink()
    application = desktop.start(bundle=damaged)
    failure = application.shell_page("failure.html")
    failure.wait_for_text_within("#why", str(damaged / missing))
    failure.screenshot(artifacts / f"damaged-{Path(missing).name}.png")
    assert processes.servers(desktop.home) == []
    assert application.close() == 0
    processes.none_left(desktop.home, 5)


def test_settings_that_are_missing_are_named(desktop: Desktop, tmp_path: Path) -> None:
    damaged = copy_bundle(desktop.bundle, tmp_path)
    manifest = json.loads((damaged / "bundle.json").read_text(encoding="utf-8"))
    (damaged / "bundle.json").unlink()
    manifest["settings_module"] = "djdesk.settings.gone"
    (damaged / "bundle.json").write_text(json.dumps(manifest), encoding="utf-8")
    application = desktop.start(bundle=damaged)
    failure = application.shell_page("failure.html")
    failure.wait_for_text_within("body", "djdesk.settings.gone")
    assert application.close() == 0
