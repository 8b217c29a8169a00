import os
import threading
from collections.abc import Iterator

import pytest

from djdesk_runtime.serving import shell
from djdesk_runtime.serving.shell import is_stop, obey, read_lines
from djdesk_runtime.serving.start_line import LONGEST_LINE
from djdesk_runtime.serving.stopping import StopRequest


@pytest.fixture
def pipe() -> Iterator[tuple[int, int]]:
    reader, writer = os.pipe()
    yield reader, writer
    for descriptor in (reader, writer):
        try:
            os.close(descriptor)
        except OSError:
            continue


def test_lines_are_put_together(pipe: tuple[int, int]) -> None:
    reader, writer = pipe
    lines = read_lines(reader)
    os.write(writer, b"one\ntw")
    assert next(lines) == b"one"
    os.write(writer, b"o\n\nnot ended")
    assert next(lines) == b"two"
    assert next(lines) == b""
    os.close(writer)
    assert next(lines, None) is None


def test_a_line_that_does_not_end_is_given_up(pipe: tuple[int, int]) -> None:
    reader, writer = pipe

    # A pipe holds less, so that somebody has to write while it is read.
    def write() -> None:
        os.write(writer, b"x" * 2 * LONGEST_LINE)
        os.close(writer)

    writing = threading.Thread(target=write)
    writing.start()
    first = next(read_lines(reader))
    while os.read(reader, LONGEST_LINE):
        pass
    writing.join()
    assert LONGEST_LINE < len(first) <= LONGEST_LINE + shell.CHUNK_BYTES


def test_input_that_cannot_be_read_is_at_its_end() -> None:
    reader, writer = os.pipe()
    os.close(writer)
    os.close(reader)
    assert list(read_lines(reader)) == []


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (b'{"command": "stop"}', True),
        (b'{"command":"stop","later":1}\r', True),
        (b'{"command": "dance"}', False),
        (b'{"Command": "stop"}', False),
        (b"[]", False),
        (b'"stop"', False),
        (b"stop", False),
        (b"", False),
        (b"\xff", False),
        (b"[" * 60_000, False),
    ],
)
def test_the_command_to_stop(line: bytes, *, expected: bool) -> None:
    assert is_stop(line) is expected


def test_commands_are_obeyed_and_the_end_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[object] = []
    stop = StopRequest()
    gone = threading.Event()
    monkeypatch.setattr(shell, "abandoned", gone)
    monkeypatch.setattr(shell, "end_within", lambda seconds, **_: told.append(seconds))
    monkeypatch.setattr(stop, "ask", lambda grace=5.0: told.append(("ask", grace)))
    obey(iter([b"{}", b'{"command": "stop"}', b"nonsense"]), stop)
    assert told == [("ask", 5.0), shell.GONE_LIMIT, ("ask", shell.GONE_GRACE)]
    assert gone.is_set()
    assert shell.GONE_GRACE < shell.GONE_LIMIT < 2
