"""Children of the bundle's interpreter: they see what their parent sees."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from build_support.bundles.serve import launch_command
from tests.integration.running import run_command

#: Prints, as JSON, what a process imports from where, with what settings and data.
_LOOK = """
import json, sys
import django, waitress, djdesk
django.setup()
from django.conf import settings
print(json.dumps({
    "from": [django.__file__, waitress.__file__, djdesk.__file__],
    "data": settings.DJDESK["data_dir"],
    "database": str(settings.DATABASES["default"]["NAME"]),
    "bytecode": not sys.dont_write_bytecode,
}))
"""

#: Ways to start such a process; `LOOK` is the code above, `MANAGE` the shipped manage.py.
_WAYS = {
    "-c": "run([sys.executable, '-c', LOOK])",
    "-I": "run([sys.executable, '-I', '-c', LOOK])",
    "-E": "run([sys.executable, '-E', '-c', LOOK])",
    "-P": "run([sys.executable, '-P', '-X', 'utf8', '-c', LOOK])",
    "a script elsewhere": "run([sys.executable, SCRIPT])",
    "-m django": "run([sys.executable, '-m', 'django', 'shell', '-v0', '-c', LOOK])",
    "manage.py": "run([sys.executable, MANAGE, 'shell', '-v0', '-c', LOOK])",
    "a grandchild": "run([sys.executable, '-c', f'import subprocess, sys; "
    "subprocess.run([sys.executable, {SCRIPT!r}], check=True)'])",
    "spawn": "pool('spawn')",
    "forkserver": "pool('forkserver')",
}

_PARENT = """
import multiprocessing, os, runpy, subprocess, sys
from concurrent.futures import ProcessPoolExecutor
SCRIPT, MANAGE = {script!r}, {manage!r}
LOOK = open(SCRIPT, encoding="utf-8").read()

def run(words):
    subprocess.run(words, check=True)

def pool(how):
    context = multiprocessing.get_context(how)
    with ProcessPoolExecutor(1, mp_context=context) as workers:
        workers.submit(runpy.run_path, SCRIPT).exception()

sys.stdout.flush()
{way}
"""


@pytest.fixture(scope="module")
def moved(bundle: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The bundle in another folder, whose name has a space and a letter outside ASCII."""
    folder = tmp_path_factory.mktemp("moved") / "Größe ü" / "django-bundle"
    shutil.copytree(bundle, folder, symlinks=True)
    return folder


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a user who has installed another Django, and runs it at every start."""
    home = tmp_path_factory.mktemp("home")
    packages = home / ".local/lib/python3.14/site-packages"
    (packages / "django").mkdir(parents=True)
    (packages / "django" / "__init__.py").write_text("raise SystemExit('the user's Django')\n")
    return home


def _python(bundle: Path) -> str:
    return launch_command(bundle)[0]


def _files(folder: Path) -> set[Path]:
    return {path for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize("way", _WAYS)
def test_child_sees_what_its_parent_sees(moved: Path, home: Path, tmp_path: Path, way: str) -> None:
    script, data = tmp_path / "look ü.py", tmp_path / "data"
    script.write_text(_LOOK, encoding="utf-8")
    manage = str(moved / "app" / "manage.py")
    code = _PARENT.format(script=str(script), manage=manage, way=_WAYS[way])
    environment = {"HOME": str(home), "PATH": os.defpath, "LC_ALL": "C.UTF-8"}
    before = _files(moved)
    words = ("manage", "--data-dir", data, "shell", "-v0", "--command")
    seen = _seen(run_command(moved, *words, code, environment=environment))
    assert seen == _seen(run_command(moved, *words, _LOOK, environment=environment))
    assert seen["data"] == str(data)
    assert all(Path(file).is_relative_to(moved) for file in seen["from"])
    assert _files(moved) == before


def _seen(output: str) -> dict[str, Any]:
    seen: dict[str, Any] = json.loads(output)
    return seen


def test_process_that_the_launcher_did_not_start_gets_no_data(
    moved: Path, home: Path, tmp_path: Path
) -> None:
    """The shipped manage.py, typed into a terminal: it would work without a lock on the data."""
    before = _files(moved)
    done = subprocess.run(
        [_python(moved), moved / "app" / "manage.py", "migrate"],
        cwd=tmp_path,
        env={"HOME": str(home), "PATH": os.defpath},
        capture_output=True,
        encoding="utf-8",
        timeout=60,
        check=False,
    )
    assert done.returncode != 0
    assert "ImproperlyConfigured" in done.stderr
    assert f"{moved / 'run_django.py'} manage" in done.stderr
    assert _files(moved) == before
    assert not (home / ".local" / "share").exists()


def test_process_started_by_another_bundle_gets_no_data_of_its_parent(
    moved: Path, bundle: Path, tmp_path: Path
) -> None:
    code = f"import subprocess; subprocess.run([{_python(moved)!r}, '-c', {_LOOK!r}], check=True)"
    done = subprocess.run(
        [*launch_command(bundle), "manage", "--data-dir", tmp_path, "shell", "-v0", "-c", code],
        env={"PATH": os.defpath},
        capture_output=True,
        encoding="utf-8",
        timeout=60,
        check=False,
    )
    assert done.returncode != 0
    assert "ImproperlyConfigured" in done.stderr
