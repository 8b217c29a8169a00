"""Copies of the bundle in which one thing is different, so that a moment can be held on to."""

from __future__ import annotations

from pathlib import Path

from tests.e2e.desktop import replace_file

_NOTES = Path("app", "src", "djdesk", "notes")
_SETTINGS = Path("app", "src", "djdesk", "settings", "base.py")

# Waits end by themselves, so that nothing is left when a test has failed.
_WAIT = """
import pathlib as _pathlib, time as _time
def _wait_for(file, seconds=60):
    deadline = _time.monotonic() + seconds
    while not _pathlib.Path(file).exists() and _time.monotonic() < deadline:
        _time.sleep(0.02)
"""

_FIELDS = """\
    colour = models.TextField(default="red")
    shape = models.TextField(default="round")
"""

_MIGRATION = """
from django.db import migrations, models
{wait}

def slow(apps, schema_editor):
    Note = apps.get_model("notes", "Note")
    Note.objects.create(title="half a migration", text="", folded="")
    _pathlib.Path({begun!r}).touch()
    _wait_for({release!r})


class Migration(migrations.Migration):
    dependencies = [("notes", "0001_initial")]
    operations = [
        migrations.AddField("note", "colour", models.TextField(default="red")),
        migrations.RunPython(slow, migrations.RunPython.noop),
        migrations.AddField("note", "shape", models.TextField(default="round")),
    ]
"""


def hold_start(bundle: Path) -> tuple[Path, Path]:
    """Make the server of a copied bundle wait, as it starts, for a file; return both."""
    release = bundle.parent / "release"
    settings = bundle / _SETTINGS
    text = settings.read_text(encoding="utf-8")
    replace_file(settings, f"{text}\n{_WAIT}\n_wait_for({str(release)!r})\n")
    return bundle, release


def slow_migration(bundle: Path) -> tuple[Path, Path]:
    """Add a migration to a copied bundle that waits in its middle for a file.

    Returns the file that it makes when it has got there, and the one that it waits for.
    """
    begun, release = bundle.parent / "begun", bundle.parent / "release"
    text = _MIGRATION.format(wait=_WAIT, begun=str(begun), release=str(release))
    migrations = bundle / _NOTES / "migrations"
    replace_file(migrations / "0002_slow.py", text)
    models = bundle / _NOTES / "models.py"
    before, mark, after = models.read_text(encoding="utf-8").partition(
        '    title = models.CharField(_("title"),'
    )
    assert mark
    replace_file(models, before + _FIELDS + mark + after)
    return begun, release
