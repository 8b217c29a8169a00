"""Every test module can be imported where Unix is not: otherwise no test runs at all there."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def _collect(*places: str | Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "pytest", "--collect-only", "-qq", "-n", "0", "--color=no"]
    command += ["-p", "no:cacheprovider", "-p", "no:randomly", "-p", "tests.without_unix"]
    command += ["-c", str(ROOT / "pyproject.toml"), "--rootdir", str(ROOT)]
    return subprocess.run(
        [*command, *map(str, places)],
        cwd=ROOT,
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "djdesk.settings.dev"},
        capture_output=True,
        encoding="utf-8",
        check=False,
        timeout=600,
    )


def test_all_tests_are_collected_without_unix() -> None:
    finished = _collect("tests/unit", "tests/integration", "tests/e2e")
    assert finished.returncode == 0, finished.stdout[-8000:] + finished.stderr


def test_what_windows_lacks_is_noticed(tmp_path: Path) -> None:
    lines = ("import resource", "import os; os.geteuid()", "import signal; signal.SIGKILL", "")
    for number, line in enumerate(lines):
        text = f"{line}\n\ndef test_it():\n    pass\n"
        (tmp_path / f"test_{number}.py").write_text(text, encoding="utf-8")
    said = _collect(tmp_path).stdout
    assert said.count("ERROR collecting") == 3
