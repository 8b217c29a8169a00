import contextlib
import errno
import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from djdesk_runtime.data.alone import alone_with
from djdesk_runtime.data.folder import DataFolder
from djdesk_runtime.data.lock import lock_data
from djdesk_runtime.errors import DataFolderError, DataInUseError
from tests.unit.djdesk_runtime.made_bundle import RUNTIME

HOLD = r"""
import os, subprocess, sys
from pathlib import Path
sys.path.insert(0, sys.argv[1])
from djdesk_runtime.data.folder import DataFolder
from djdesk_runtime.data.lock import lock_data
pipe = int(sys.argv[3])
with lock_data(DataFolder(Path(sys.argv[2]))):
    child = [sys.executable, "-c", "import os; os.write(1, b'up\\n'); os.read(0, 1)"]
    subprocess.Popen(child, stdin=pipe)
    subprocess.Popen(child, stdin=pipe, close_fds=False)
    if not os.fork():
        os.write(1, b"up\n")
        os.read(pipe, 1)
        os._exit(0)
    sys.stdin.read()
"""


@contextlib.contextmanager
def held(data: DataFolder) -> Iterator[subprocess.Popen[str]]:
    """Have another process hold the lock that has three children, which live until the end."""
    read, write = os.pipe()
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(RUNTIME.parent), str(data.root), str(read)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        pass_fds=[read],
    )
    os.close(read)
    with process:
        assert process.stdout is not None
        try:
            assert [process.stdout.readline() for _ in range(3)] == ["up\n"] * 3
            yield process
        finally:
            os.close(write)
            process.kill()


pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="starts programs as POSIX does")


def test_second_is_refused_and_told_who_was_first(tmp_path: Path) -> None:
    data = DataFolder(tmp_path)
    record = {"pid": 4711, "port": 1, "started": "2026-11-23T12:00:00+00:00"}
    data.server_file.write_text(json.dumps(record), encoding="utf-8")
    with held(data), pytest.raises(DataInUseError) as caught, lock_data(data):
        pass
    assert caught.value.exit_code == 8
    for fact in ("4711", "2026-11-23T12:00:00+00:00", str(tmp_path)):
        assert fact in caught.value.why


def test_command_is_not_called_a_window(tmp_path: Path) -> None:
    data = DataFolder(tmp_path)
    with alone_with(data, "restore"), pytest.raises(DataInUseError) as caught, lock_data(data):
        pass
    assert "restore" in caught.value.why
    assert str(os.getpid()) in caught.value.why
    assert "window" not in caught.value.next_step


def test_programs_that_the_first_started_do_not_keep_the_lock(tmp_path: Path) -> None:
    data = DataFolder(tmp_path)
    with held(data) as process:
        # They are alive: what they read has not ended.
        process.kill()
        process.wait()
        with lock_data(data):
            pass


def test_lock_ends_with_the_block_and_is_taken_once_in_a_process(tmp_path: Path) -> None:
    data = DataFolder(tmp_path)
    for _ in range(2):
        with lock_data(data), pytest.raises(DataInUseError), lock_data(data):
            pass


@pytest.mark.parametrize("content", ["", "{}", "[]", "3", '{"pid": "x", "started": 1}', "\ud800"])
def test_unreadable_record_names_nobody(tmp_path: Path, content: str) -> None:
    data = DataFolder(tmp_path)
    data.server_file.write_text(content, encoding="utf-8", errors="surrogatepass")
    with lock_data(data), pytest.raises(DataInUseError, match="another process"), lock_data(data):
        pass


def test_folder_that_is_gone(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(DataFolderError), lock_data(DataFolder(tmp_path / "file")):
        pass


def test_file_system_without_locks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_descriptor: int, _operation: int) -> None:
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr("fcntl.flock", refuse)
    with pytest.raises(DataFolderError, match="No locks"), lock_data(DataFolder(tmp_path)):
        pass


def test_predecessor_that_ends_is_waited_for(tmp_path: Path) -> None:
    data = DataFolder(tmp_path)
    with held(data) as process:
        end = threading.Timer(0.1, process.kill)
        end.start()
        with lock_data(data, patience=20):
            assert process.wait() != 0
        end.join()
