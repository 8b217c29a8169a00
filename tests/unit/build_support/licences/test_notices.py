from __future__ import annotations

from pathlib import Path

import pytest

from build_support.errors import VerificationError
from build_support.licences.notices import (
    NOTICES_FILE,
    render_notices,
    without_notices,
    write_notices,
)
from build_support.licences.parts import Notice, Part
from build_support.licences.shell import Electron, electron_part
from tests.unit.build_support.signing.made_up import write

ONE = Part("One", "1.0", "MIT", "https://one.org/", (Notice("LICENSE", "\ufeffAll\r\nmine \n\n"),))
SAME = Part("Same", "2.0", "MIT", "", (Notice("COPYING", "All\nmine"), Notice("AUTHORS", "We")))
SILENT = Part("Silent", "", "", "", ())


def test_every_part_is_listed_and_has_its_texts() -> None:
    text = render_notices("My App", [ONE, SAME, SILENT])
    head, _, rest = text.partition("=====")
    assert head.splitlines() == [
        "My App contains the work of others, which is listed here with its licences.",
        *("", "One 1.0  MIT  https://one.org/", "Same 2.0  MIT", "Silent", ""),
    ]
    assert "--- LICENSE ---\n\nAll\nmine\n" in rest
    assert "--- COPYING ---\n\nThe same text as above, under One.\n" in rest
    assert "--- AUTHORS ---\n\nWe\n" in rest
    assert rest.count("All\nmine") == 1
    assert "without a text of its licence" in rest.partition("Silent")[2]
    assert without_notices([ONE, SAME, SILENT]) == ("Silent",)


@pytest.fixture
def electron(tmp_path: Path) -> Electron:
    folder = tmp_path / "electron"
    write(folder, {"LICENSE": b"MIT of Electron", "LICENSES.chromium.html": b"<p>many"})
    return Electron("45.4.1", "0" * 64, folder)


def test_electrons_own_files_lie_beside_the_notices(electron: Electron, tmp_path: Path) -> None:
    part = electron_part(electron)
    for folder in (tmp_path / "one", tmp_path / "two"):
        write_notices(folder, "My App", [part, ONE], electron)
    files = {path.name: path.read_bytes() for path in (tmp_path / "one").iterdir()}
    assert files == {path.name: path.read_bytes() for path in (tmp_path / "two").iterdir()}
    assert sorted(files) == ["LICENSE.electron.txt", "LICENSES.chromium.html", NOTICES_FILE]
    assert files["LICENSES.chromium.html"] == b"<p>many"
    text = files[NOTICES_FILE].decode()
    assert "MIT of Electron" in text
    assert "LICENSES.chromium.html" in text


def test_a_bundle_alone_has_notices_too(tmp_path: Path) -> None:
    write_notices(tmp_path, "My App", [ONE], None)
    assert [path.name for path in tmp_path.iterdir()] == [NOTICES_FILE]


@pytest.mark.parametrize("name", ["LICENSE", "LICENSES.chromium.html"])
def test_electron_is_not_shipped_without_its_licences(electron: Electron, name: str) -> None:
    (electron.folder / name).unlink()
    with pytest.raises(VerificationError, match=name):
        electron_part(electron)
