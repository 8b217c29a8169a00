"""``serve`` as the shell starts it: its start-up line, its commands, its end."""

import contextlib
import http.client
import json
import os
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from djdesk_runtime.data.folder import DataFolder, prepare_data
from djdesk_runtime.data.last_port import record_server
from djdesk_runtime.data.lock import lock_data
from djdesk_runtime.serving.access import proof_of
from tests import unix
from tests.unit.djdesk_runtime.made_bundle import (
    LIMIT_SECONDS,
    NONCE,
    SHELL,
    STOP,
    TOKEN,
    Running,
    changed_bundle,
    served,
    started,
)
from tests.unit.djdesk_runtime.serving.slow import names_in, slow_request

posix_only = pytest.mark.skipif(os.name != "posix", reason="needs POSIX process groups")
SETTINGS = "app/src/tiny/settings.py"

# What a user is promised is two seconds; one more for a machine that does other things as well.
GONE_SECONDS = 3.0


def gone_in_time(running: Running) -> bool:
    """Be gone as the shell, and tell whether the server is in time."""
    started_at = time.monotonic()
    running.close_input()
    running.end()
    return time.monotonic() - started_at < GONE_SECONDS


def with_settings(bundle: Path, folder: Path, added: str) -> Path:
    content = (bundle / SETTINGS).read_text(encoding="utf-8")
    return changed_bundle(bundle, folder, SETTINGS, content + added)


def test_ready_proves_that_token_and_nonce_were_read(bundle: Path, tmp_path: Path) -> None:
    with served(bundle, tmp_path) as running:
        ready = running.ready
        assert running.get("/").status == 200
    assert ready["proof"] == proof_of(TOKEN, NONCE, str(ready["url"]))
    assert ready["data_dir"] == str(tmp_path / "data")
    assert ready["log"] == str(tmp_path / "data" / "logs" / "app.log")
    assert "link" not in ready
    assert TOKEN not in running.errors


@pytest.mark.parametrize("start_line", [{"token": TOKEN}, {"nonce": NONCE}, {}])
def test_no_proof_without_both(
    bundle: Path, tmp_path: Path, start_line: Mapping[str, object]
) -> None:
    with served(bundle, tmp_path, start_line={**start_line, "later": True}) as running:
        assert "proof" not in running.ready
        assert ("link" in running.ready) is ("token" not in start_line)


def test_data_folder_of_the_line_wins(bundle: Path, tmp_path: Path) -> None:
    chosen = tmp_path / "chosen für Zoë"
    with served(bundle, tmp_path, start_line={**SHELL, "data_dir": str(chosen)}) as running:
        assert running.ready["data_dir"] == str(chosen)
    assert (chosen / "db.sqlite3").is_file()
    assert not (tmp_path / "data").exists()


@pytest.mark.parametrize("line", ["", "{", "[]", '{"token": "short"}', '{"port": "x"}'])
def test_malformed_line(bundle: Path, tmp_path: Path, line: str) -> None:
    with started(bundle, tmp_path, "--shell") as running:
        running.say(line)
        event = running.event()
        assert running.event() == {}
        assert running.end() == event["code"] == 2
    assert (event["event"], event["log"]) == ("failed", None)
    assert "The start-up line on standard input cannot be used" in str(event["message"])
    assert "Traceback" not in running.errors
    assert not (tmp_path / "data").exists()


@pytest.mark.parametrize("said", ["", '{"token": "'])
def test_end_before_a_line(bundle: Path, tmp_path: Path, said: str) -> None:
    with started(bundle, tmp_path, "--shell") as running:
        assert running.process.stdin is not None
        running.process.stdin.write(said)
        running.close_input()
        assert running.event() == {}
        assert running.end() == 0
    assert not (tmp_path / "data").exists()


def test_stop_answers_open_requests(bundle: Path, tmp_path: Path) -> None:
    with served(bundle, tmp_path) as running, slow_request(running) as (line, answers, request):
        running.say('{"command": "dance"}')
        running.say("nonsense")
        running.say(STOP)
        while running.accepts():
            pass
        line.send(b"x")
        request.join()
        assert running.end() == 0
    assert answers[0].text == "done slowly"
    assert answers[0].headers["Connection"] == "close"
    assert names_in(tmp_path / "data" / "db.sqlite3") == ["begun", "slow"]


def visit_often(running: Running) -> None:
    """Visit until no connection is made any more, by a new one each time."""
    while True:
        running.answered.append(running.get("/").status)


def visit_by_one_connection(running: Running) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", running.port, timeout=LIMIT_SECONDS)
    while True:
        connection.request("GET", "/", headers=running.headers)
        answer = connection.getresponse()
        answer.read()
        running.answered.append(answer.status)


@pytest.mark.parametrize("visit", [visit_often, visit_by_one_connection])
def test_every_request_that_is_accepted_is_answered_while_stopping(
    bundle: Path, tmp_path: Path, visit: Callable[[Running], None]
) -> None:
    """What the project has worked on, and what clients have got, must be as many."""

    def visit_until_refused() -> None:
        with contextlib.suppress(OSError):
            visit(running)

    with served(bundle, tmp_path) as running:
        clients = [threading.Thread(target=visit_until_refused) for _ in range(8)]
        for client in clients:
            client.start()
        while len(running.answered) < 20:
            assert running.process.poll() is None, running.errors
        running.say(STOP)
        for client in clients:
            client.join()
        assert running.end() == 0
    visits = names_in(tmp_path / "data" / "db.sqlite3")
    assert set(running.answered) == {200}
    assert len(running.answered) == len(visits)


def test_stop_ends_well(bundle: Path, tmp_path: Path) -> None:
    with served(bundle, tmp_path) as running:
        running.say(STOP)
        assert running.end() == 0
    log = (tmp_path / "data" / "logs" / "app.log").read_text(encoding="utf-8")
    assert log.splitlines()[-1].endswith("stopped")


def test_end_of_input_stops(bundle: Path, tmp_path: Path) -> None:
    with served(bundle, tmp_path) as running:
        assert gone_in_time(running)
        # 1 on a machine that is so busy that it is not waited for.
        assert running.process.returncode in {0, 1}


# What takes longer to leave than any watchdog waits.
SLOW_TO_LEAVE = {
    "the interpreter's teardown": """
import time
class Slow:
    def __del__(self, sleep=time.sleep):
        sleep(1000)
slow = Slow()
slow.itself = slow
""",
    "a function at exit": "import atexit, time; atexit.register(time.sleep, 1000)",
    "a thread": "from threading import *; Thread(target=Event().wait).start()",
    "an executor": (
        "from concurrent.futures import *; from threading import Event\n"
        "ThreadPoolExecutor(1).submit(Event().wait)"
    ),
}


@pytest.mark.parametrize("name", SLOW_TO_LEAVE)
@pytest.mark.parametrize("how", [STOP, "signal", "twice", "gone"])
def test_what_was_stopped_cleanly_ends_with_0_however_slowly_it_leaves(
    bundle: Path, tmp_path: Path, name: str, how: str
) -> None:
    copy = with_settings(bundle, tmp_path, f"\n{SLOW_TO_LEAVE[name]}\n")
    with served(copy, tmp_path) as running:
        if how == STOP:
            running.say(STOP)
        elif how == "gone":
            running.close_input()
        else:
            for _ in range(2 if how == "twice" else 1):
                running.process.terminate()
        code = running.end()
        log = (tmp_path / "data" / "logs" / "app.log").read_text(encoding="utf-8")
    # Whoever is gone waits two seconds and no more, also on a machine that is too busy for that.
    stopped = log.splitlines()[-1].endswith("stopped")
    assert stopped or how == "gone"
    assert code == (0 if stopped else 1), running.errors
    assert "Timeout" not in running.errors or not stopped


def test_end_of_input_before_ready_is_quiet(bundle: Path, tmp_path: Path) -> None:
    with started(bundle, tmp_path, start_line=SHELL) as running:
        running.close_input()
        events = [event["event"] for event in iter(running.event, {})]
        # 1 if the project takes so long to import that it is not waited for.
        assert running.end() in {0, 1}
    assert set(events) <= {"progress"}
    assert "Traceback" not in running.errors


def test_stop_before_ready_is_quiet(bundle: Path, tmp_path: Path) -> None:
    with started(bundle, tmp_path, start_line=SHELL) as running:
        running.say(STOP)
        events = [event["event"] for event in iter(running.event, {})]
        assert running.end() == 0
    assert set(events) <= {"progress"}


def test_end_of_input_with_a_stuck_request(bundle: Path, tmp_path: Path) -> None:
    with served(bundle, tmp_path) as running, slow_request(running) as (_line, answers, request):
        assert gone_in_time(running)
        request.join()
    assert answers == []
    assert names_in(tmp_path / "data" / "db.sqlite3") == ["begun"]


STUCK = {
    "an import that waits": "import threading; threading.Event().wait()",
    "an import that computes": "while True: pass",
    "a thread that is left": "from threading import *; Thread(target=Event().wait).start()",
}


@pytest.mark.parametrize("name", STUCK)
def test_end_of_input_with(bundle: Path, tmp_path: Path, name: str) -> None:
    mark = tmp_path / "imported"
    added = f"\nopen({str(mark)!r}, 'w').close()\n{STUCK[name]}\n"
    with started(with_settings(bundle, tmp_path, added), tmp_path, start_line=SHELL) as running:
        while not mark.exists():
            assert running.process.poll() is None, running.errors
        assert gone_in_time(running)


def test_end_of_input_with_a_migration(bundle: Path, tmp_path: Path) -> None:
    copy = with_slow_migration(bundle, tmp_path)
    with started(copy, tmp_path, start_line=SHELL) as running:
        assert running.event()["phase"] == "updating"
        assert gone_in_time(running)
        while event := running.event():
            assert event["phase"] == "updating"


def with_slow_migration(bundle: Path, folder: Path, seconds: float = 1000) -> Path:
    """Return a bundle whose second migration takes its time."""
    migration = f"""
import time
from django.db import migrations, models

class Migration(migrations.Migration):
    dependencies = [("things", "0001_initial")]
    operations = [
        migrations.RunPython(lambda *_: time.sleep({seconds})),
        migrations.AddField("thing", "size", models.IntegerField(default=0)),
    ]
"""
    name = "app/src/tiny/things/migrations/0002_slow.py"
    return changed_bundle(bundle, folder, name, migration)


def test_stop_lets_a_migration_finish(bundle: Path, tmp_path: Path) -> None:
    copy = with_slow_migration(bundle, tmp_path, seconds=0.5)
    with started(copy, tmp_path, start_line=SHELL) as running:
        assert running.event()["phase"] == "updating"
        running.say(STOP)
        while (event := running.event())["phase"] == "updating":
            pass
        assert event["phase"] == "starting"
        assert running.event() == {}
        assert running.end() == 0


@posix_only
def test_end_of_input_takes_the_projects_programs_along(bundle: Path, tmp_path: Path) -> None:
    """When the watchdog has to end it: the shell starts it in a group of its own."""
    child = "import subprocess, sys, time\nchild = subprocess.Popen(['sleep', '1000'])\n"
    mark = tmp_path / "child"
    added = f"\n{child}open({str(mark)!r}, 'w').write(str(child.pid))\ntime.sleep(1000)\n"
    copy = with_settings(bundle, tmp_path, added)
    with started(copy, tmp_path, start_line=SHELL, own_group=True) as running:
        while not (mark.exists() and mark.read_text()):
            assert running.process.poll() is None, running.errors
        assert gone_in_time(running)
        assert running.process.returncode == -unix.SIGKILL
    assert wait_until_gone(int(mark.read_text()))


LEAVES = """
import os, pathlib, subprocess
children = [subprocess.Popen(["sleep", "1000"], start_new_session=new) for new in (False, True)]
text = " ".join(str(child.pid) for child in children)
pathlib.Path({mark!r}).write_text(text + chr(10))
"""


@posix_only
def test_end_of_input_takes_them_along_when_it_ends_in_time(bundle: Path, tmp_path: Path) -> None:
    """Only one that was started in a session of its own is meant to live on."""
    mark = tmp_path / "children"
    copy = with_settings(bundle, tmp_path, LEAVES.format(mark=str(mark)))
    with started(copy, tmp_path, start_line=SHELL, own_group=True) as running:
        while running.event()["event"] != "ready":
            pass
        child, meant_to_live = map(int, mark.read_text().split())
        assert gone_in_time(running)
    log = (tmp_path / "data" / "logs" / "app.log").read_text(encoding="utf-8")
    assert log.splitlines()[-1].endswith("stopped")
    assert wait_until_gone(child)
    os.kill(meant_to_live, unix.SIGKILL)


@posix_only
def test_stop_lets_the_projects_programs_live(bundle: Path, tmp_path: Path) -> None:
    """It is for the shell to end them."""
    mark = tmp_path / "children"
    copy = with_settings(bundle, tmp_path, LEAVES.format(mark=str(mark)))
    with started(copy, tmp_path, start_line=SHELL, own_group=True) as running:
        while running.event()["event"] != "ready":
            pass
        running.say(STOP)
        assert running.end() == 0
    for child in mark.read_text().split():
        os.kill(int(child), unix.SIGKILL)


def wait_until_gone(process: int) -> bool:
    """Wait for a process that is no child of ours; whoever adopts it may take a moment."""
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        listed = subprocess.run(
            ["ps", "-o", "stat=", "-p", str(process)], capture_output=True, text=True, check=False
        )
        if not listed.stdout.strip() or listed.stdout.startswith("Z"):
            return True
    return False


def test_second_server_is_refused_and_the_first_named(bundle: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    (other / "data").symlink_to(tmp_path / "data", target_is_directory=True)
    with served(bundle, tmp_path) as first:
        with started(bundle, other, start_line=SHELL) as second:
            event = second.event()
            assert second.end() == event["code"] == 8
        assert f"process {first.process.pid}" in str(event["message"])
        assert first.get("/").status == 200
        record = json.loads((tmp_path / "data" / "server.json").read_text(encoding="utf-8"))
    assert (record["pid"], record["port"]) == (first.process.pid, first.port)


# Ports


def test_the_port_of_last_time_is_had_again(bundle: Path, tmp_path: Path) -> None:
    ports = []
    for _ in range(3):
        with served(bundle, tmp_path) as running:
            ports.append(running.port)
            running.get("/")
            running.say(STOP)
            running.end()
    assert len(set(ports)) == 1


@pytest.mark.parametrize("said", [False, True])
def test_the_port_of_a_server_that_is_just_ending(bundle: Path, tmp_path: Path, said: bool) -> None:
    """This test stands in for it, and has port and lock for a second."""
    data = prepare_data(DataFolder(tmp_path / "data"))
    with contextlib.ExitStack() as predecessor:
        listener = predecessor.enter_context(socket.create_server(("127.0.0.1", 0)))
        port = listener.getsockname()[1]
        predecessor.enter_context(lock_data(data))
        record_server(data, port)
        line = {**SHELL, "port": port} if said else SHELL
        with started(bundle, tmp_path, start_line=line) as running:
            time.sleep(1)
            predecessor.close()
            while (event := running.event())["event"] == "progress":
                pass
            assert event["port"] == port


def test_the_port_of_the_line_comes_before_that_of_last_time(bundle: Path, tmp_path: Path) -> None:
    with served(bundle, tmp_path) as running:
        last = running.port
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with served(bundle, tmp_path, start_line={**SHELL, "port": port}) as running:
        assert running.port == port != last


def test_whoever_sits_on_the_port_of_last_time_learns_nothing(bundle: Path, tmp_path: Path) -> None:
    with served(bundle, tmp_path) as running:
        last = running.port
        running.close_input()
        running.end()
    heard: list[bytes] = []
    with socket.create_server(("127.0.0.1", last)) as squatter:
        with served(bundle, tmp_path) as running:
            assert running.port != last
            assert running.get("/").status == 200
            assert running.ready["proof"] == proof_of(TOKEN, NONCE, str(running.ready["url"]))
        squatter.setblocking(False)
        while True:
            try:
                heard.append(squatter.accept()[0].recv(999))
            except BlockingIOError:
                break
    assert heard == []


@pytest.mark.parametrize("start_line", [SHELL, None])
def test_port_that_was_asked_for(
    bundle: Path, tmp_path: Path, start_line: Mapping[str, object] | None
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with served(bundle, tmp_path, "--port", str(port), start_line=start_line) as running:
        assert running.port == port


def test_port_that_was_asked_for_in_use(bundle: Path, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with started(bundle, tmp_path, "--port", str(port)) as running:
            event = running.event()
            assert running.end() == event["code"] == 6
    assert event["event"] == "failed"
    assert f"Port {port} of 127.0.0.1 cannot be used." in str(event["message"])
    assert f"Port {port}" in running.errors
    assert "Traceback" not in running.errors
    assert not (tmp_path / "data").exists()


def test_connections_wait_while_it_starts(bundle: Path, tmp_path: Path) -> None:
    """The port is listened to before anything else, so that nobody else can have it."""
    mark = tmp_path / "imported"
    go = tmp_path / "go"
    added = f"""
import pathlib, time
open({str(mark)!r}, "w").close()
while not pathlib.Path({str(go)!r}).exists():
    time.sleep(0.01)
"""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    copy = with_settings(bundle, tmp_path, added)
    start_line = {**SHELL, "port": port}
    with started(copy, tmp_path, start_line=start_line) as running:
        while not mark.exists():
            assert running.process.poll() is None, running.errors
        with socket.create_connection(("127.0.0.1", port)) as early:
            early.sendall(
                f"GET / HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nX-DJDesk-Token: {TOKEN}\r\n"
                "Connection: close\r\n\r\n".encode()
            )
            go.touch()
            assert b" 200 OK\r\n" in early.makefile("rb").read()
