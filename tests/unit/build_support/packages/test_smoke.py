"""Made-up packages, whose applications report what they are told to; real ones are in
tests/integration/test_packages.py."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from build_support.errors import UsageError, VerificationError
from build_support.packages import smoke
from build_support.packages.archives import write_tar
from build_support.packages.manifest import BESIDE_SUFFIX, with_files, write_package_manifest
from build_support.packages.products import write_all_sums
from build_support.packages.smoke import find_packages, smoke_packages
from build_support.target import host_target
from tests.unit.build_support.conftest import Said
from tests.unit.build_support.packages.made_up import manifest

pytestmark = pytest.mark.skipif(
    not host_target().name.startswith("linux"), reason="the made-up applications are scripts"
)

STEM = "notes-1.0.0"
PHASES = {"ready": 1.4, "serving": 2, "page": 3, "written": 4, "end": 5}
GOOD: Mapping[str, Any] = {"ok": True, "problems": [], "phases_ms": PHASES}
_APPLICATION = """\
#!{python}
import sys, time
print("it says this", flush=True)
(report,) = [word.partition("=")[2] for word in sys.argv if word.startswith("--smoke-test=")]
if {report!r}:
    open(report, "w").write({report!r})
time.sleep({seconds})
sys.exit({code})
"""


@dataclass(frozen=True)
class Dist:
    """A folder of packages."""

    folder: Path
    said: Said

    def add(
        self,
        report: Mapping[str, Any] | None = GOOD,
        *,
        code: int = 0,
        seconds: float = 0,
        kinds: Sequence[str] = ("dir", "tar.gz"),
        target: str = host_target().name,
    ) -> None:
        """Make packages of an application that ends like this."""
        packed = self.folder / STEM
        packed.mkdir()
        text = json.dumps(report) if report is not None else ""
        program = packed / "notes"
        program.write_text(
            _APPLICATION.format(python=sys.executable, report=text, code=code, seconds=seconds),
            encoding="utf-8",
        )
        program.chmod(0o755)
        files = []
        if "tar.gz" in kinds:
            files.append(self.folder / f"{STEM}.tar.gz")
            write_tar(packed, files[0])
        if "dir" not in kinds:
            program.unlink()
            packed.rmdir()
        made = with_files(manifest(target=target, rehearsal=True), files)
        write_package_manifest(made, self.folder / f"{STEM}{BESIDE_SUFFIX}")
        write_all_sums(self.folder)

    def smoke(self, *formats: str, **variables: str) -> None:
        """Start what is there."""
        smoke_packages(
            self.folder,
            formats or None,
            install=False,
            environment={**os.environ, "DISPLAY": ":none", **variables},
            reporter=self.said.reporter,
        )


@pytest.fixture
def dist(tmp_path: Path, said: Said, monkeypatch: pytest.MonkeyPatch) -> Dist:
    monkeypatch.setattr(smoke, "REPORTS", tmp_path / "reports")
    folder = tmp_path / "dist"
    folder.mkdir()
    return Dist(folder, said)


def test_every_package_is_started(dist: Dist, tmp_path: Path) -> None:
    dist.add()
    dist.smoke()
    for name in (STEM, f"{STEM}.tar.gz"):
        assert json.loads((tmp_path / "reports" / f"{name}.json").read_text("utf-8")) == GOOD
        (row,) = [line for line in dist.said.text.splitlines() if line.split()[:1] == [name]]
        assert row.split()[1:] == ["1", "2", "3", "4", "5"]


def test_only_some_formats(dist: Dist, tmp_path: Path) -> None:
    dist.add()
    dist.smoke("tar.gz")
    assert [file.name for file in (tmp_path / "reports").iterdir()] == [f"{STEM}.tar.gz.json"]


@pytest.mark.parametrize(
    ("report", "code", "what"),
    [
        ({**GOOD, "ok": False, "problems": ["a.py has changed", "b"]}, 1, "a.py has changed"),
        ({**GOOD, "ok": False, "problems": ["late"]}, 0, "late"),
        (GOOD, 3, "ended with 3"),
        (None, 0, "ended with 0"),
    ],
)
def test_one_that_does_not_work(
    dist: Dist, report: Mapping[str, Any] | None, code: int, what: str
) -> None:
    dist.add(report, code=code)
    with pytest.raises(VerificationError, match="Not every package works") as caught:
        dist.smoke()
    assert caught.value.why.count(what) == 2, "both packages are told of"
    assert STEM in caught.value.why
    assert report is not None or "it says this" in dist.said.text


def test_one_that_does_not_end_is_ended(dist: Dist, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(smoke, "_SECONDS", 0.1)
    monkeypatch.setattr(smoke, "_END_SECONDS", 0.1)
    dist.add(seconds=600, kinds=["dir"])
    with pytest.raises(VerificationError) as caught:
        dist.smoke()
    assert "did not end" in caught.value.why


def test_a_changed_file_is_not_started(dist: Dist, tmp_path: Path) -> None:
    dist.add()
    archive = dist.folder / f"{STEM}.tar.gz"
    archive.write_bytes(archive.read_bytes() + b"x")
    with pytest.raises(VerificationError) as caught:
        dist.smoke()
    assert caught.value.why == f"{archive.name} has changed."
    assert not (tmp_path / "reports").exists()


def test_no_package_for_this_machine(dist: Dist) -> None:
    dist.add(target="windows-arm64")
    with pytest.raises(VerificationError, match="no package for") as caught:
        dist.smoke()
    assert "nox -s package-linux" in caught.value.hint


def test_a_format_that_was_not_made(dist: Dist) -> None:
    dist.add(kinds=["tar.gz"])
    assert [package.kind for package in find_packages(dist.folder, None)] == ["tar.gz"]
    with pytest.raises(VerificationError, match="of the format deb"):
        dist.smoke("tar.gz", "deb")
    with pytest.raises(UsageError, match="no format msi"):
        dist.smoke("msi")
