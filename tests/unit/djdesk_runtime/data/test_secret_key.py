import contextlib
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from djdesk_runtime.data import secret_key as module
from djdesk_runtime.data.secret_key import create_key, secret_key
from tests.unit.djdesk_runtime.made_bundle import RUNTIME

PROCESSES = 4
ROUNDS = 50
RACE = """
import sys
from pathlib import Path
source, folder, rounds = sys.argv[1:]
sys.path.insert(0, source)
from djdesk_runtime.data.secret_key import secret_key
print("started", flush=True)
sys.stdin.readline()
for number in range(int(rounds)):
    print(secret_key(Path(folder) / f"key{number}"))
"""


def test_key_is_long_and_stays(tmp_path: Path) -> None:
    path = tmp_path / "secret_key"
    key = secret_key(path)
    assert len(key) >= 50
    assert len(set(key)) > 5
    assert secret_key(path) == key
    assert [file.name for file in tmp_path.iterdir()] == ["secret_key"]


def test_installations_differ(tmp_path: Path) -> None:
    assert secret_key(tmp_path / "a") != secret_key(tmp_path / "b")


@pytest.mark.skipif(os.name != "posix", reason="modes mean little elsewhere")
def test_only_the_owner_may_read_it(tmp_path: Path) -> None:
    path = tmp_path / "secret_key"
    key = secret_key(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    path.chmod(0o644)
    assert secret_key(path) == key
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


@pytest.mark.parametrize("content", [b"", b"short\n", b"\xff\xfe\x00"])
def test_damaged_key_is_replaced(
    tmp_path: Path, content: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "PATIENCE", 0)
    path = tmp_path / "secret_key"
    path.write_bytes(content)
    key = secret_key(path)
    assert len(key) >= 50
    assert secret_key(path) == key


def test_key_of_another_process_is_never_replaced(tmp_path: Path) -> None:
    path = tmp_path / "secret_key"
    key = secret_key(path)
    create_key(path)
    assert secret_key(path) == key
    assert [file.name for file in tmp_path.iterdir()] == ["secret_key"]


def test_file_system_without_links(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise OSError(1, "Operation not permitted")

    monkeypatch.setattr(os, "link", refuse)
    path = tmp_path / "secret_key"
    key = secret_key(path)
    create_key(path)
    assert secret_key(path) == key
    assert [file.name for file in tmp_path.iterdir()] == ["secret_key"]


def test_racing_processes_agree(tmp_path: Path) -> None:
    with contextlib.ExitStack() as stack:
        processes = [stack.enter_context(racer(tmp_path)) for _ in range(PROCESSES)]
        for process in processes:
            assert process.stdout is not None
            assert process.stdout.readline() == "started\n"
        for process in processes:
            assert process.stdin is not None
            process.stdin.write("go\n")
            process.stdin.flush()
        keys = {process.communicate()[0] for process in processes}
    assert len(keys) == 1
    assert len(set(keys.pop().split())) == ROUNDS


def racer(folder: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-I", "-B", "-c", RACE, str(RUNTIME.parent), str(folder), str(ROUNDS)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
