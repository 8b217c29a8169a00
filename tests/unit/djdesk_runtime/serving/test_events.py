import json
import os
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path

import pytest

from djdesk_runtime.data.folder import DataFolder
from djdesk_runtime.data.progress import Progress
from djdesk_runtime.serving.events import EventChannel
from tests.unit.djdesk_runtime.made_bundle import RUNTIME

NOISY = """
    import os, subprocess, sys
    from pathlib import Path
    sys.path.insert(0, {folder!r})
    from djdesk_runtime.serving.events import claim_standard_output
    channel = claim_standard_output()
    print("noise by print")
    sys.__stdout__.write("noise by the old object\\n")
    os.write(1, b"noise by descriptor\\n")
    subprocess.run([sys.executable, "-c", "print('noise by a program')"], check=True)
    from djdesk_runtime.data.folder import DataFolder
    channel.updating("grüße\\nin two lines")
    channel.ready("http://127.0.0.1:5/", 5, DataFolder(Path("data")))
"""


def test_only_events_reach_standard_output() -> None:
    code = textwrap.dedent(NOISY).format(folder=str(RUNTIME.parent))
    done = subprocess.run(
        [sys.executable, "-I", "-B", "-X", "utf8", "-c", code], capture_output=True, check=True
    )
    progress, ready = [json.loads(line) for line in done.stdout.splitlines()]
    message = "grüße\nin two lines"
    assert progress == {"event": "progress", "message": message, "phase": "updating"}
    assert ready.pop("pid") > 0
    places = {"data_dir": "data", "log": str(Path("data", "logs", "app.log"))}
    assert ready == {"event": "ready", "url": "http://127.0.0.1:5/", "port": 5} | places
    for noise in ("by print", "by the old object", "by descriptor", "by a program"):
        assert f"noise {noise}".encode() in done.stderr
    assert done.stderr.index(b"by print") < done.stderr.index(b"by descriptor"), "kept in a buffer"


@pytest.fixture
def pipe() -> Iterator[tuple[int, int]]:
    reader, writer = os.pipe()
    yield reader, writer
    for descriptor in (reader, writer):
        try:
            os.close(descriptor)
        except OSError:
            continue


def test_failure_names_the_log_only_when_there_is_one(
    pipe: tuple[int, int], tmp_path: Path
) -> None:
    reader, writer = pipe
    channel, data = EventChannel(writer), DataFolder(tmp_path)
    channel.failed("why", data, 7)
    event = {"event": "failed", "message": "why", "log": None, "code": 7}
    assert json.loads(os.read(reader, 999)) == event
    data.logs.mkdir()
    data.log_file.touch()
    channel.failed("why", data, 7)
    assert json.loads(os.read(reader, 999))["log"] == str(data.log_file)


def test_nobody_listens(pipe: tuple[int, int]) -> None:
    reader, writer = pipe
    EventChannel(None).starting("x")
    os.close(reader)
    EventChannel(writer).starting("x")


@pytest.mark.parametrize("optional", [{}, {"proof": "p"}, {"link": "l"}])
def test_proof_and_link_are_there_when_there_are_some(
    pipe: tuple[int, int], tmp_path: Path, optional: dict[str, str]
) -> None:
    reader, writer = pipe
    EventChannel(writer).ready("u", 5, DataFolder(tmp_path), **optional)
    event = json.loads(os.read(reader, 9999))
    assert {name: event[name] for name in ("proof", "link") if name in event} == optional


def test_phases(pipe: tuple[int, int]) -> None:
    reader, writer = pipe
    EventChannel(writer).starting("a")
    EventChannel(writer).updating("b")
    events = [json.loads(line) for line in os.read(reader, 9999).splitlines()]
    assert [event["phase"] for event in events] == ["starting", "updating"]


def test_details_go_with_what_was_told_last(pipe: tuple[int, int]) -> None:
    reader, writer = pipe
    channel = EventChannel(writer)
    copying = Progress("Copying", "Copying: 1 of 4", 1, 4)
    channel.details(None)
    channel.updating("Updating…")
    channel.details(copying)
    channel.details(None)
    channel.starting("Starting…")
    started = {"event": "progress", "message": "Starting…", "phase": "starting"}
    updating = {"event": "progress", "message": "Updating…", "phase": "updating"}
    events = [json.loads(line) for line in os.read(reader, 65536).splitlines()]
    numbers = {"detail": "Copying: 1 of 4", "done": 1, "total": 4}
    assert events == [started, updating, updating | numbers, updating, started]
