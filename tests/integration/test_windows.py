"""A Windows bundle around a real Windows CPython: its files, and, under Wine, its use."""

from __future__ import annotations

import json
import traceback
from pathlib import Path
from typing import Any

import pytest

from build_support.bundles.serve import launch_command
from tests.integration.conftest import Shared
from tests.integration.sessions import ROOT
from tests.windows.bundle import make_windows_bundle
from tests.windows.interpreter import TARGET
from tests.windows.programs import FLAGS
from tests.windows.use import use_bundle
from tests.windows.wine import need_wine, running_windows

#: What a server whose shell is gone may take is two seconds; Wine and a busy machine take more.
_GONE_SECONDS = 5


@pytest.fixture(scope="module")
def windows_bundle(shared: Shared) -> Path:
    """The example's bundle for Windows, made once for all tests of a run."""
    return make_windows_bundle(shared)


@pytest.fixture(scope="module")
def used(shared: Shared, windows_bundle: Path) -> dict[str, Any]:
    """What was seen when the bundle was used; a failure is kept too, and not tried again."""
    program = need_wine()

    def make(folder: Path) -> None:
        facts: dict[str, Any]
        try:
            with running_windows(program, folder / "windows") as wine:
                facts = use_bundle(wine, windows_bundle, folder)
        except Exception:  # noqa: BLE001 - every test has to say why it cannot be made
            facts = {"failure": traceback.format_exc()}
        (folder / "facts.json").write_text(json.dumps(facts), encoding="utf-8")

    file = shared.once("windows-use", make) / "facts.json"
    facts: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    assert "failure" not in facts, facts["failure"]
    return facts


def test_verify_passes_on_its_files(shared: Shared, windows_bundle: Path) -> None:
    finished = shared.run("verify", "--bundle", windows_bundle)
    assert finished.code == 0, finished.output
    assert f"The bundle is for {TARGET}" in finished.output
    assert "it was not run" in finished.output


def test_is_run_with_the_flags_that_users_get(windows_bundle: Path) -> None:
    executable, *flags, launcher = launch_command(windows_bundle)
    assert Path(executable) == windows_bundle / "python" / "python.exe"
    assert tuple(flags) == FLAGS
    assert Path(launcher) == windows_bundle / "run_django.py"


def test_info_describes_the_bundle_and_touches_no_other_python(used: dict[str, Any]) -> None:
    info = used["info"]
    assert info["target"] == TARGET.name
    assert info["data_dir"] == used["data"]
    python = info["python"]
    assert python["version"].startswith("3.13.")
    assert python["bundled_version"].startswith("3.14.")
    assert python["prefix"] == used["bundle"] + "\\python"
    assert python["executable"] == used["bundle"] + "\\python\\python.exe"
    assert python["isolated"]
    assert python["utf8_mode"]
    assert not python["writes_bytecode"]
    names = {distribution["name"].lower() for distribution in info["distributions"]}
    assert {"django", "tzdata", "waitress", "whitenoise"} <= names


def test_children_import_what_their_parent_does(used: dict[str, Any]) -> None:
    parent, *children = used["children"]
    assert children == [parent] * 3


@pytest.mark.parametrize("command", ["check", "manage"])
def test_system_checks_find_nothing(used: dict[str, Any], command: str) -> None:
    assert "System check identified no issues" in used[command]


@pytest.fixture(scope="module")
def served(used: dict[str, Any]) -> dict[str, Any]:
    """What was seen of the first server, which a shell had started."""
    facts: dict[str, Any] = used["served"]
    return facts


def test_the_last_event_says_where_it_serves(served: dict[str, Any]) -> None:
    *progress, ready = served["events"]
    assert {event["event"] for event in progress} == {"progress"}
    assert ready["url"] == f"http://127.0.0.1:{ready['port']}/"
    assert ready["port"] > 0
    assert ready["pid"] > 0
    assert ready["proof"] == served["proof"]
    assert "link" not in ready


def test_serves_the_notes(served: dict[str, Any]) -> None:
    assert served["home"]["status"] == 200
    assert "<h1" in served["home"]["text"]
    assert 'href="/notes/new/"' in served["home"]["text"]


def test_refuses_whoever_may_not_come_in_with_the_same_answer(served: dict[str, Any]) -> None:
    assert len(served["refused"]) == 9
    for name, answer in served["refused"].items():
        assert answer["status"] == 403, name
        assert answer["text"] == "Forbidden", name
        assert answer == served["refused"]["no token"], name


def test_serves_static_files_compressed_and_for_ever(served: dict[str, Any]) -> None:
    style = served["style"]
    assert style["status"] == 200
    assert style["url"].partition("/static/notes/notes.")[2].count(".") == 1  # the hash
    assert style["headers"]["content-type"].startswith("text/css")
    assert style["headers"]["content-encoding"] == "gzip"
    assert "immutable" in style["headers"]["cache-control"]
    assert "max-age=315360000" in style["headers"]["cache-control"]
    source = ROOT / "src" / "djdesk" / "notes" / "static" / "notes" / "notes.css"
    assert len(style["text"]) > source.stat().st_size / 2


def test_an_upload_comes_back_byte_for_byte(served: dict[str, Any]) -> None:
    assert served["note"]["status"] == 200
    assert "Grüße.bin" in served["note"]["text"]
    assert len(served["downloads"]) == 1


def test_the_about_page_names_the_target(served: dict[str, Any]) -> None:
    assert TARGET.name in served["about"]


def test_a_second_server_for_the_data_names_the_first(served: dict[str, Any]) -> None:
    (failed,) = served["second"]["events"]
    assert failed["event"] == "failed"
    assert failed["code"] == served["second"]["exit code"] == 8
    assert f"process {served['events'][-1]['pid']}, started at 20" in failed["message"]


def test_a_server_whose_shell_is_gone_ends(used: dict[str, Any], served: dict[str, Any]) -> None:
    assert served["seconds"] < _GONE_SECONDS
    assert served["exit code"] == 0
    assert served["later"] == ""
    assert "Traceback" not in served["stderr"]
    assert "Traceback" not in used["log"]
    assert "stopped" in used["log"].splitlines()[-1]


def test_a_server_stuck_in_a_migration_ends_too(used: dict[str, Any]) -> None:
    stuck = used["stuck"]
    assert stuck["seconds"] < _GONE_SECONDS
    assert stuck["exit code"] == 1
    assert stuck["rows"] == used["rows at first"]


@pytest.mark.parametrize(
    ("way", "alive"), [("killed", ["free"]), ("left", ["free"]), ("stopped", ["bound", "free"])]
)
def test_programs_of_the_project_end_with_the_server_unless_it_was_stopped(
    used: dict[str, Any], way: str, alive: list[str]
) -> None:
    left = used["leftovers"][way]
    assert left["alive"] == alive
    assert "may outlive" not in left["log"]


def test_no_secret_is_in_a_log(used: dict[str, Any], served: dict[str, Any]) -> None:
    assert used["key characters"] >= 50
    assert served["logs with secrets"] == []


def test_a_backup_is_made_while_the_server_runs(
    used: dict[str, Any], served: dict[str, Any]
) -> None:
    (backup,) = used["backups"]
    assert served["backup"].splitlines() == [f"{used['data']}\\backups\\{backup['name']}"]
    assert backup["reason"] == "manual"
    assert backup["database"] == "default"
    assert backup["version"] == used["info"]["app"]["version"]
    assert used["rows of backup"] == used["rows at first"]


def test_a_migration_that_fails_is_undone(used: dict[str, Any]) -> None:
    failed = used["failed"]
    assert failed["events"][0]["message"] == "Updating your data…"
    end = failed["events"][-1]
    assert end["event"] == "failed"
    assert end["code"] == failed["exit code"] == 7
    assert "ValueError: this migration fails" in end["message"]
    assert failed["rows"] == used["rows at first"]
    assert not failed["marker"]
    assert _reasons(failed) == ["manual", "update"]


def test_the_version_before_serves_again_at_the_same_address(
    used: dict[str, Any], served: dict[str, Any]
) -> None:
    again = used["again"]
    assert again["events"][-1]["port"] == served["events"][-1]["port"]
    assert {event["phase"] for event in again["events"][:-1]} == {"starting"}
    assert again["rows"] == used["rows at first"]


def test_the_link_lets_one_browser_in_once(used: dict[str, Any]) -> None:
    assert used["again"]["opened"] == {
        "before": 403,
        "link": 200,
        "after": 200,
        "link again": 403,
        "other browser": 403,
        "cookies": ["org_djdesk_notes_djdesk"],
    }


def test_a_server_that_is_told_to_stop_stops(used: dict[str, Any]) -> None:
    assert used["again"]["exit code"] == 0
    assert used["again"]["later"] == ""
    assert "Traceback" not in used["again"]["stderr"]


def test_an_update_follows_one_that_was_interrupted(used: dict[str, Any]) -> None:
    *progress, ready = used["updated"]["events"]
    assert ready["event"] == "ready"
    said = [event["message"] for event in progress]
    assert said[:1] == ["Updating your data…"]
    assert used["updated"]["exit code"] == 0
    assert used["updated"]["rows"] != used["rows at first"]
    assert not used["updated"]["marker"]
    assert _reasons(used["updated"]) == ["manual", "update", "update", "update"]


def test_newer_data_is_refused_and_stays_byte_for_byte(used: dict[str, Any]) -> None:
    refused = used["refused"]
    (failed,) = refused["events"]
    assert failed["event"] == "failed"
    assert failed["code"] == refused["exit code"] == 9
    assert "notes.0002_size" in failed["message"]
    assert used["files refused"] == used["files updated"]
    assert "db.sqlite3" in used["files updated"]


def test_a_backup_that_is_restored_is_what_the_data_was(used: dict[str, Any]) -> None:
    restored = used["restored"]
    assert f"Restored {used['backups'][0]['name']}." in restored["printed"]
    assert restored["rows"] == used["rows at first"]
    assert not restored["marker"]
    assert _reasons(restored).count("restore") == 1


def test_data_lies_where_it_was_told_to(used: dict[str, Any]) -> None:
    folders = {name.split("/")[0] for name in used["data files"]}
    assert folders >= {"backups", "db.sqlite3", "logs", "media", "secret_key", "server.json"}
    assert any(name.startswith("media/") for name in used["data files"])
    assert not [name for name in used["data files"] if name.endswith((".partial", ".tmp"))]


def test_nothing_in_the_bundle_changed(used: dict[str, Any]) -> None:
    assert used["problems"]
    assert {title: problem for title, problem in used["problems"].items() if problem} == {}


def _reasons(step: dict[str, Any]) -> list[str]:
    """Return why each of the backups was made that a step has left, sorted."""
    return sorted(name.split("-")[2] for name in step["backups left"])
