import os
import stat
from pathlib import Path

import platformdirs
import pytest

from djdesk_runtime.data.folder import (
    DataFolder,
    append_log,
    locate_data,
    prepare_data,
    throw_away_data,
)
from djdesk_runtime.errors import DataFolderError

IDENTIFIER = "org.example.notes"


@pytest.mark.parametrize(
    ("option", "variable", "expected"),
    [
        ("named", None, Path("named").absolute()),
        ("named", "other", Path("named").absolute()),
        (None, "other", Path("other").absolute()),
        (None, "", platformdirs.user_data_path(IDENTIFIER, appauthor=False)),
        (None, None, platformdirs.user_data_path(IDENTIFIER, appauthor=False)),
        ("~/mine", None, Path.home() / "mine"),
    ],
)
def test_place(option: str | None, variable: str | None, expected: Path) -> None:
    environment = {} if variable is None else {"DJDESK_DATA_DIR": variable}
    assert locate_data(option, environment, IDENTIFIER) == DataFolder(expected, kept=True)


@pytest.mark.skipif(os.name != "posix", reason="modes mean little elsewhere")
def test_new_folder_is_private_and_an_old_one_keeps_its_mode(tmp_path: Path) -> None:
    old = tmp_path / "old"
    old.mkdir(mode=0o755)
    prepare_data(DataFolder(old))
    new = prepare_data(DataFolder(tmp_path / "a" / "new")).root
    assert stat.S_IMODE(old.stat().st_mode) == 0o755
    assert stat.S_IMODE(new.stat().st_mode) == 0o700
    assert {path.name for path in new.iterdir()} == {"incoming", "logs"}


def test_folder_below_a_file(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(DataFolderError, match="cannot be used") as caught:
        prepare_data(DataFolder(tmp_path / "file" / "data"))
    assert str(tmp_path / "file" / "data") in str(caught.value)
    assert "--data-dir" in caught.value.next_step


def test_full_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(**_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("tempfile.TemporaryFile", full)
    with pytest.raises(DataFolderError, match="No space left on device"):
        prepare_data(DataFolder(tmp_path))


def test_throw_away_folder_goes() -> None:
    with throw_away_data() as data:
        assert not data.kept
        append_log(data, "something")
        assert data.log_file.read_text(encoding="utf-8") == "something"
    assert not data.root.exists()


def test_log_that_cannot_be_written_is_passed_over(tmp_path: Path) -> None:
    append_log(DataFolder(tmp_path / "none"), "something")
    assert not any(tmp_path.iterdir())
