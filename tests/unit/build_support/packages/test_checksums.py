from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from build_support.errors import VerificationError
from build_support.packages.checksums import SUMS_FILE, check_sums, read_sums, write_sums


@pytest.fixture
def files(tmp_path: Path) -> list[Path]:
    paths = [tmp_path / name for name in ("b.zip", "My App-1.0.AppImage", "a.tar.gz")]
    for path in paths:
        path.write_bytes(path.name.encode())
    return paths


def test_lists_files_in_order(files: list[Path], tmp_path: Path) -> None:
    sums = write_sums(files, tmp_path)
    assert sums == tmp_path / SUMS_FILE
    names = ["My App-1.0.AppImage", "a.tar.gz", "b.zip"]
    expected = [f"{hashlib.sha256(name.encode()).hexdigest()}  {name}\n" for name in names]
    assert sums.read_bytes().decode() == "".join(expected)
    assert list(read_sums(sums)) == names
    check_sums(sums)


@pytest.mark.skipif(shutil.which("sha256sum") is None, reason="coreutils only")
def test_sha256sum_reads_it(files: list[Path], tmp_path: Path) -> None:
    sums = write_sums(files, tmp_path)
    command = ["sha256sum", "--check", "--strict", sums.name]
    assert subprocess.run(command, cwd=tmp_path, capture_output=True, check=False).returncode == 0
    files[0].write_bytes(b"other")
    assert subprocess.run(command, cwd=tmp_path, capture_output=True, check=False).returncode == 1


def test_every_difference_is_named(files: list[Path], tmp_path: Path) -> None:
    sums = write_sums(files, tmp_path)
    files[0].write_bytes(b"other")
    files[1].unlink()
    with pytest.raises(VerificationError) as caught:
        check_sums(sums)
    assert caught.value.why.splitlines() == [
        "My App-1.0.AppImage is missing.",
        "b.zip has changed.",
    ]


def test_only_files_of_the_folder_are_listed(files: list[Path], tmp_path: Path) -> None:
    (tmp_path / "deep").mkdir()
    for outside in (tmp_path / "none.zip", tmp_path / "deep"):
        with pytest.raises(VerificationError, match="cannot be listed"):
            write_sums([*files, outside], tmp_path)
    with pytest.raises(VerificationError, match="cannot be listed"):
        write_sums(files, tmp_path / "deep")


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such names")
@pytest.mark.parametrize("name", ["two\nlines.zip", "back\\slash.zip"])
def test_odd_names_are_refused(name: str, tmp_path: Path) -> None:
    (tmp_path / name).touch()
    with pytest.raises(VerificationError, match="cannot be listed"):
        write_sums([tmp_path / name], tmp_path)


@pytest.mark.parametrize(
    "line", ["", "abc  a.zip", "0" * 64 + " a.zip", "0" * 64 + "  ../a.zip", "0" * 63 + "g  a.zip"]
)
def test_odd_lines_are_refused(line: str, tmp_path: Path) -> None:
    sums = tmp_path / SUMS_FILE
    sums.write_text(f"{'0' * 64}  first.zip\n{line}\n", encoding="utf-8")
    with pytest.raises(VerificationError, match="line 2"):
        read_sums(sums)


def test_a_name_is_listed_once(tmp_path: Path) -> None:
    sums = tmp_path / SUMS_FILE
    sums.write_text(f"{'0' * 64}  a.zip\n{'1' * 64}  a.zip\n", encoding="utf-8")
    with pytest.raises(VerificationError, match="line 2"):
        read_sums(sums)
