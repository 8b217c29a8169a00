import json
import os
import re
import signal
import stat
import sys
import time
from pathlib import Path

import pytest

from djdesk_runtime.serving.stopping import GRACE
from tests import unix
from tests.unit.djdesk_runtime.data.updates import RUN, make_version, migration
from tests.unit.djdesk_runtime.made_bundle import SHELL, STOP, Running, served, started
from tests.unit.djdesk_runtime.serving.slow import names_in, slow_request

posix_only = pytest.mark.skipif(
    os.name != "posix", reason="Windows has no signals between programs"
)


def static_url(site: Running) -> str:
    found = re.search(r'href="([^"]+)"', site.get("/").text)
    assert found
    return found[1]


def test_page(site: Running) -> None:
    answer = site.get("/")
    assert answer.status == 200
    assert "things</p>" in answer.text


def test_hashed_static_file_is_compressed_and_kept_for_ever(site: Running) -> None:
    url = static_url(site)
    assert re.fullmatch(r"/static/things/site\.[0-9a-f]{12}\.css", url)
    answer = site.get(url, headers={"Accept-Encoding": "gzip"})
    assert answer.status == 200
    assert answer.headers["Content-Encoding"] == "gzip"
    assert answer.headers["Cache-Control"] == "max-age=315360000, public, immutable"
    assert "Access-Control-Allow-Origin" not in answer.headers


def test_static_file_without_a_hash_is_never_stored(site: Running) -> None:
    answer = site.get("/static/things/site.css")
    assert answer.status == 200
    assert answer.headers["Cache-Control"] == "no-store"


def test_settings_are_overlaid(site: Running) -> None:
    facts = json.loads(site.get("/facts/").body)
    assert facts["debug"] is False
    assert facts["pragmas"] == ["wal", 1]
    assert facts["cookie"] == "org_example_tiny_site_sessionid"
    assert facts["djdesk"]["name"] == "Tiny Site"


@pytest.mark.parametrize("host", ["localhost", "example.com", "[::1]", "127.0.0.2"])
def test_only_the_exact_host_is_answered(site: Running, host: str) -> None:
    assert site.get("/", headers={"Host": host}).status == 403


def test_noise_of_the_project_goes_to_standard_error(bundle: Path, tmp_path: Path) -> None:
    with served(bundle, tmp_path) as running:
        running.get("/")
        running.process.terminate()
        assert running.event() == {}
    for noise in ("noise by print", "noise by write", "noise by a view"):
        assert noise in running.errors


@posix_only
def test_data_is_private_and_where_it_belongs(bundle: Path, tmp_path: Path) -> None:
    with served(bundle, tmp_path) as running:
        running.get("/")
        running.process.send_signal(signal.SIGTERM)
        assert running.end() == 0
    data = tmp_path / "data"
    assert stat.S_IMODE(data.stat().st_mode) == 0o700
    assert stat.S_IMODE((data / "secret_key").stat().st_mode) == 0o600
    names = {path.name for path in data.iterdir()}
    assert names >= {"db.sqlite3", "logs", "secret_key", "server.json"}
    assert "Tiny Site 1.2.3 serves" in (data / "logs" / "app.log").read_text(encoding="utf-8")


def test_second_start_finds_the_data_and_nothing_to_update(bundle: Path, tmp_path: Path) -> None:
    def visit() -> tuple[list[str], str]:
        with served(bundle, tmp_path) as running:
            text = running.get("/").text
            running.say(STOP)
            assert running.end() == 0
            return running.progress, text

    first_progress, first = visit()
    second_progress, second = visit()
    assert first_progress == ["Preparing your data…", "Starting…"]
    assert "1 things" in first
    assert second_progress == ["Starting…"]
    assert "2 things" in second


@posix_only
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, unix.SIGHUP])
def test_signal_answers_open_requests_and_ends_well(
    bundle: Path, tmp_path: Path, number: signal.Signals
) -> None:
    with served(bundle, tmp_path) as running, slow_request(running) as (line, answers, request):
        running.process.send_signal(number)
        while running.accepts():
            pass
        # Whoever sends a token to the port has to know that it may be another's now.
        assert running.process.stdout is not None
        assert not running.process.stdout.read()
        line.send(b"x")
        request.join()
        assert running.end() == 0
    assert answers[0].text == "done slowly"
    assert names_in(tmp_path / "data" / "db.sqlite3") == ["begun", "slow"]


@posix_only
def test_database_is_one_file_after_the_end(bundle: Path, tmp_path: Path) -> None:
    with served(bundle, tmp_path) as running:
        running.get("/")
        running.process.send_signal(signal.SIGTERM)
        assert running.end() == 0
    assert [path.name for path in (tmp_path / "data").glob("db*")] == ["db.sqlite3"]


@posix_only
def test_second_signal_does_not_wait(bundle: Path, tmp_path: Path) -> None:
    with served(bundle, tmp_path) as running, slow_request(running) as (_line, answers, request):
        running.process.send_signal(signal.SIGTERM)
        while running.accepts():
            pass
        insisted = time.monotonic()
        running.process.send_signal(signal.SIGTERM)
        assert running.end() == 0
        assert time.monotonic() - insisted < GRACE, "the time limit ended it"
        request.join()
    assert answers == []
    assert names_in(tmp_path / "data" / "db.sqlite3") == ["begun"]


def test_data_folder_that_cannot_be(bundle: Path, tmp_path: Path) -> None:
    (tmp_path / "data").write_text("a file", encoding="utf-8")
    with started(bundle, tmp_path) as running:
        event = running.event()
        assert running.end() == event["code"] == 5
    assert event["event"] == "failed"
    assert event["log"] is None
    assert str(tmp_path / "data") in str(event["message"])
    assert "Traceback" not in running.errors


@pytest.mark.skipif(sys.platform == "win32", reason="modes mean little there")
@pytest.mark.skipif(hasattr(os, "geteuid") and unix.geteuid() == 0, reason="root may write")
def test_data_folder_that_cannot_be_written(bundle: Path, tmp_path: Path) -> None:
    (tmp_path / "data").mkdir(mode=0o500)
    with started(bundle, tmp_path) as running:
        assert running.event()["event"] == "failed"
        assert running.end() == 5


def test_database_that_cannot_be_updated(bundle: Path, tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "db.sqlite3").write_bytes(b"this is not a database" * 100)
    with started(bundle, tmp_path) as running:
        event = running.event()
        assert running.end() == event["code"] == 7
    assert event["event"] == "failed"
    assert "file is not a database" in str(event["message"])
    assert "Traceback" not in running.errors


def test_update_tells_how_far_it_is(bundle: Path, tmp_path: Path) -> None:
    with served(bundle, tmp_path) as running:
        running.say(STOP)
        assert running.end() == 0
    added = {"things/migrations/0002_more.py": migration("0001_initial", RUN)}
    newer = make_version(bundle, tmp_path, "2.0", added)
    with started(newer, tmp_path, start_line=SHELL) as running:
        events = []
        while (event := running.event())["event"] == "progress":
            events.append(event)
        assert event["event"] == "ready", running.errors
    assert {event["phase"] for event in events if "total" in event} == {"updating"}
    details = {str(event.get("detail")): event for event in events}
    step = details["Migration 1 of 1: things.0002_more"]
    assert (step["done"], step["total"]) == (0, 1)
    copied = [event for detail, event in details.items() if detail.startswith("Copying")]
    assert copied[-1]["done"] == copied[-1]["total"]
