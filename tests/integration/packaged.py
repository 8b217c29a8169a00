"""A finished package as its user has it: somewhere, without root's rights, on a screen."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests import unix
from tests.e2e.processes import none_left

EXECUTABLE = "djdesk-notes"
_NOBODY = 65534
_SECONDS = 150
_END_SECONDS = 20.0


@dataclass(frozen=True, slots=True)
class Smoke:
    """What a smoke test came to: its exit code, its report, and what it wrote to standard error."""

    code: int
    report: dict[str, Any]
    errors: str


@dataclass(frozen=True, slots=True)
class Account:
    """An ordinary user's account: a home folder, and a folder that packages are put into."""

    top: Path

    @property
    def home(self) -> Path:
        """The home folder."""
        return self.top / "home"

    @property
    def place(self) -> Path:
        """Where packages are unpacked."""
        return self.top / "Über uns"

    def unpack(self, archive: Path) -> Path:
        """Unpack a tar.gz as the user does, and return the folder that was in it."""
        with archive.open("rb") as stream:
            command: list[str | Path] = ["tar", "--extract", "--gzip", "--directory", self.place]
            subprocess.run(command, stdin=stream, check=True, **_rights())
        (folder,) = self.place.iterdir()
        return folder

    def smoke(self, folder: Path, *words: str) -> Smoke:
        """Take the smoke test of an unpacked package, and wait until nothing of it is left."""
        report = self.home / "report.json"
        report.unlink(missing_ok=True)
        finished = subprocess.run(
            ["xvfb-run", "-a", folder / EXECUTABLE, f"--smoke-test={report}", *words],
            env=self._environment(),
            cwd=self.home,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            timeout=_SECONDS,
            check=False,
            **_rights(),
        )
        none_left(self.home, _END_SECONDS)
        document = json.loads(report.read_text(encoding="utf-8")) if report.exists() else {}
        return Smoke(finished.returncode, document, finished.stderr)

    def data_left(self) -> list[str]:
        """Return the names of folders for data that smoke tests have left behind."""
        return sorted(path.name for path in (self.home / "tmp").glob("djdesk-*"))

    def _environment(self) -> dict[str, str]:
        return {
            "HOME": str(self.home),
            "TMPDIR": str(self.home / "tmp"),
            "PATH": "/usr/bin:/bin",
            "LANG": "C.UTF-8",
        }


def need_screen() -> None:
    """Skip the test where no window can be opened."""
    if sys.platform != "linux" or not shutil.which("xvfb-run") or not shutil.which("Xvfb"):
        pytest.skip("needs Linux with Xvfb (Debian: apt-get install xvfb xauth); CI runs it")


@contextmanager
def account() -> Iterator[Account]:
    """Yield an account, and delete it with all that is in it."""
    top = Path(tempfile.mkdtemp(prefix="djdesk-test-"))
    try:
        top.chmod(0o755)
        made = Account(top)
        for folder in (made.home, made.home / "tmp", made.place):
            folder.mkdir()
            if unix.geteuid() == 0:
                unix.chown(folder, _NOBODY, _NOBODY)
        yield made
    finally:
        shutil.rmtree(top)


def linked_copy(folder: Path, place: Path) -> Path:
    """Return a copy that takes no room. Change its files by `replace` only."""
    copy = place / folder.name
    shutil.copytree(folder, copy, symlinks=True, copy_function=_link)
    return copy


def replace(file: Path, content: bytes) -> None:
    """Write a file of a linked copy, leaving the original's alone."""
    mode = file.stat().st_mode
    file.unlink()
    file.write_bytes(content)
    file.chmod(mode)


def _link(source: str, destination: str) -> None:
    os.link(source, destination, follow_symlinks=False)


def _rights() -> dict[str, Any]:
    """Return what makes a process one without root's rights."""
    return {"user": _NOBODY, "group": _NOBODY, "extra_groups": []} if unix.geteuid() == 0 else {}
