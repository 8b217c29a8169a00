"""Tests see the same environment on a terminal, in CI and in a shell with its own habits."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

from tests.environment import foreign_variables

ROOT = Path(__file__).parents[2]
_FOREIGN = {
    **dict.fromkeys(("FORCE_COLOR", "CLICOLOR_FORCE", "PY_COLORS", "PYTHON_COLORS"), "1"),
    "NO_COLOR": "1",
    "TERM": "dumb",
    "COLUMNS": "30",
    "TZ": "Asia/Tokyo",
    "LC_ALL": "C",
    "CI": "true",
    "GITHUB_ACTIONS": "true",
    "CSC_LINK": "x",
    "PYTHONWARNINGS": "ignore",
    "GIT_DIR": "/nowhere",
    "DJDESK_RELEASE": "1",
}
_TEST = """
import os
import signal
import subprocess
import sys

import pytest

INTERRUPT = "import os, signal, time; os.kill(os.getpid(), signal.SIGINT); time.sleep(60)"


@pytest.fixture(scope="session")
def early():
    return dict(os.environ)


def test_nothing_foreign_is_seen(early):
    assert not NAMES & {*early, *os.environ}


@pytest.mark.skipif(os.name == "nt", reason="signals are another thing on Windows")
def test_programs_that_tests_start_can_be_interrupted():
    ended = subprocess.run([sys.executable, "-c", INTERRUPT], stderr=subprocess.DEVNULL, timeout=30)
    assert ended.returncode == -signal.SIGINT
"""


def test_what_tests_must_not_see_is_known_whatever_its_case() -> None:
    names = ["PATH", "Github_Actions", "force_color", "HOME", "LC_CTYPE", "CITY"]
    assert foreign_variables(names) == ["Github_Actions", "force_color", "LC_CTYPE"]


def _ignore_interrupts() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def test_what_ci_terminals_and_background_jobs_hand_on_reaches_no_test(tmp_path: Path) -> None:
    test = tmp_path / "test_it.py"
    test.write_text(f"NAMES = {set(_FOREIGN)!r}\n{_TEST}", encoding="utf-8")
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-n", "0"]
    command += ["-c", str(ROOT / "pyproject.toml"), "--confcutdir", str(ROOT)]
    finished = subprocess.run(
        [*command, "-p", "tests.conftest", str(test)],
        cwd=ROOT,
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "djdesk.settings.dev", **_FOREIGN},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
        preexec_fn=None if os.name == "nt" else _ignore_interrupts,
    )
    assert finished.returncode == 0, finished.stdout + finished.stderr
