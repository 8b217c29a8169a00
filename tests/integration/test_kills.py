"""Builds killed at many moments: the previous bundle stays whole, and nothing is left behind."""

from __future__ import annotations

import subprocess
import time
from pathlib import Path

import pytest

from build_support.bundles.manifest import read_manifest
from build_support.verification.files import check_files
from tests import unix
from tests.integration.conftest import Shared
from tests.integration.sessions import ROOT, environment, session_command

#: Kills of a rebuild after one changed file, and of one that does everything again.
_CHANGED, _EVERYTHING = 34, 16


def _kill_after(command: list[str], seconds: float, variables: dict[str, str]) -> bool:
    """Start a session, kill it and all its children; say whether it was still running."""
    process = subprocess.Popen(
        command,
        cwd=ROOT,
        env=environment(**variables),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        unix.killpg(process.pid, unix.SIGKILL)
        process.wait()
        return True
    return False


def _problems(bundle: Path) -> list[str]:
    return [problem for _, problem in check_files(bundle, read_manifest(bundle)) if problem]


@pytest.mark.parametrize(
    ("kills", "words"), [(_CHANGED, []), (_EVERYTHING, ["--force"])], ids=["changed", "everything"]
)
def test_killed_builds_lose_nothing_and_leave_nothing(
    shared: Shared, project: Path, tmp_path: Path, kills: int, words: list[str]
) -> None:
    output = tmp_path / "out" / "django-bundle"
    cache = tmp_path / "cache"
    cache.mkdir()
    for name in ("archives", "debian"):
        if (shared.cache / name).is_dir():
            (cache / name).symlink_to(shared.cache / name)
    temporary = tmp_path / "tmp"
    temporary.mkdir()
    variables = {
        "DJDESK_CACHE_DIR": str(cache),
        "UV_OFFLINE": "1",
        "TMPDIR": str(temporary),
    }
    command = session_command("bundle", "--project", project, "--output", output, *words)
    urls = project / "src" / "djdesk" / "urls.py"

    def change(number: int) -> None:
        with urls.open("a", encoding="utf-8") as stream:
            stream.write(f"# {number}\n")

    def build() -> float:
        started = time.monotonic()
        subprocess.run(
            command, cwd=ROOT, env=environment(**variables), check=True, capture_output=True
        )
        return time.monotonic() - started

    build()
    change(0)
    duration = build()
    killed = attempts = 0
    while killed < kills:
        attempts += 1
        assert attempts <= 4 * kills, "builds end before they can be killed"
        change(attempts)
        # Multiples of the golden ratio: every next moment is far from the earlier ones.
        if _kill_after(command, duration * (attempts * 0.618 % 1), variables):
            killed += 1
        else:
            duration *= 0.9  # builds are faster than the one that was measured
        assert _problems(output) == [], f"after attempt {attempts}"
    change(attempts + 1)
    build()
    assert _problems(output) == []
    assert f"# {attempts + 1}\n" in (output / "app/src/djdesk/urls.py").read_text(encoding="utf-8")
    assert {path.name for path in output.parent.iterdir()} <= {
        "django-bundle",
        ".django-bundle.lock",
    }
    assert not list(cache.glob("*/*.partial"))
    assert not list(temporary.iterdir())
