from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from build_support.cache import Cache
from build_support.desktop import electron, release
from build_support.desktop.electron import ElectronWish
from build_support.errors import ToolError, UnreachableError, UsageError
from build_support.packages.electrons import PackagedElectron, electron_for
from build_support.reporter import Reporter
from build_support.target import TARGETS

WINDOWS = TARGETS["windows-x86_64"]
QUIET = Reporter(quiet=True)


def unpacked(folder: Path, version: str) -> Path:
    folder.mkdir(parents=True)
    (folder / "version").write_text(f"v{version}", encoding="utf-8")
    (folder / "electron.exe").touch()
    return folder


def found(tmp_path: Path, *, rehearse: bool, dist: Path | None = None) -> PackagedElectron:
    wish = ElectronWish(environment={}, dist=dist)
    return electron_for(
        WINDOWS, wish, rehearse=rehearse, cache=Cache(tmp_path / "cache"), reporter=QUIET
    )


def test_a_given_one(tmp_path: Path) -> None:
    dist = unpacked(tmp_path / "dist", "45.4.1")
    packaged = found(tmp_path, rehearse=False, dist=dist)
    assert packaged == PackagedElectron(dist, "45.4.1", "")
    assert not packaged.stand_in
    assert packaged.has_fuses


def test_an_old_one_is_for_rehearsals(tmp_path: Path) -> None:
    dist = unpacked(tmp_path / "dist", "9.4.1")
    with pytest.raises(UsageError, match=r"Electron 9\.4\.1 is too old"):
        found(tmp_path, rehearse=False, dist=dist)
    packaged = found(tmp_path, rehearse=True, dist=dist)
    assert packaged.stand_in
    assert not packaged.has_fuses


def test_one_for_another_system_is_none(tmp_path: Path) -> None:
    dist = unpacked(tmp_path / "dist", "45.4.1")
    (dist / "electron.exe").rename(dist / "electron")
    with pytest.raises(UsageError, match="There is no Electron for windows-x86_64"):
        found(tmp_path, rehearse=False, dist=dist)


def test_the_pinned_one_from_the_cache(tmp_path: Path) -> None:
    archive = release.archive_for(WINDOWS)
    folder = unpacked(tmp_path / "cache" / release.STAGE / archive.sha256, archive.version)
    expected = PackagedElectron(folder, archive.version, archive.sha256)
    assert found(tmp_path, rehearse=True) == expected
    assert found(tmp_path, rehearse=False) == expected


def test_out_of_reach(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    def fetch(*_: object, patient: bool, **__: object) -> Path:
        asked.append(patient)
        raise UnreachableError("It is out of reach.")

    def stand_in(*_: object, **__: object) -> Path:
        shutil.rmtree(tmp_path / "old", ignore_errors=True)
        return unpacked(tmp_path / "old", "9.4.1")

    monkeypatch.setattr(release, "fetch_archive", fetch)
    monkeypatch.setattr(electron, "stand_in_folder", stand_in)
    with pytest.raises(ToolError) as caught:
        found(tmp_path, rehearse=False)
    assert "cannot be had" in caught.value.what
    assert "ELECTRON_MIRROR" in caught.value.hint
    assert "--rehearse" in caught.value.hint
    assert found(tmp_path, rehearse=True).version == "9.4.1"
    # The second rehearsal within the hour does not ask again.
    assert found(tmp_path, rehearse=True).version == "9.4.1"
    assert asked == [True, False]
