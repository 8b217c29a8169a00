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
from tests.windows.use import FLAGS, use_bundle
from tests.windows.wine import need_wine, running_windows


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
                facts = use_bundle(wine, windows_bundle, folder / "Daten für Zoë")
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


@pytest.mark.parametrize("command", ["check", "manage"])
def test_system_checks_find_nothing(used: dict[str, Any], command: str) -> None:
    assert "System check identified no issues" in used[command]


def test_the_last_event_says_where_it_serves(used: dict[str, Any]) -> None:
    *progress, ready = used["events"]
    assert {event["event"] for event in progress} <= {"progress"}
    assert ready["url"] == f"http://127.0.0.1:{ready['port']}/"
    assert ready["port"] > 0
    assert ready["pid"] > 0


def test_serves_the_notes(used: dict[str, Any]) -> None:
    assert used["home"]["status"] == 200
    assert "<h1" in used["home"]["text"]
    assert 'href="/notes/new/"' in used["home"]["text"]


def test_a_stranger_is_refused(used: dict[str, Any]) -> None:
    assert used["stranger"] == 403


def test_serves_static_files_compressed_and_for_ever(used: dict[str, Any]) -> None:
    style = used["style"]
    assert style["status"] == 200
    assert style["url"].partition("/static/notes/notes.")[2].count(".") == 1  # the hash
    assert style["headers"]["content-type"].startswith("text/css")
    assert style["headers"]["content-encoding"] == "gzip"
    assert "immutable" in style["headers"]["cache-control"]
    assert "max-age=315360000" in style["headers"]["cache-control"]
    source = ROOT / "src" / "djdesk" / "notes" / "static" / "notes" / "notes.css"
    assert len(style["text"]) > source.stat().st_size / 2


def test_an_upload_comes_back_byte_for_byte(used: dict[str, Any]) -> None:
    assert used["note"]["status"] == 200
    assert "Grüße.bin" in used["note"]["text"]
    assert len(used["downloads"]) == 1


def test_the_about_page_names_the_target(used: dict[str, Any]) -> None:
    assert TARGET.name in used["about"]


def test_the_end_of_its_input_stops_it_cleanly(used: dict[str, Any]) -> None:
    assert used["exit code"] == 0
    assert used["after ready"] == ""
    assert "Traceback" not in used["stderr"]
    assert "Traceback" not in used["log"]
    assert "stopped" in used["log"].splitlines()[-1]


def test_data_lies_where_it_was_told_to(used: dict[str, Any]) -> None:
    folders = {name.split("/")[0] for name in used["data files"]}
    assert folders >= {"db.sqlite3", "logs", "media", "secret_key"}
    assert any(name.startswith("media/") for name in used["data files"])


def test_nothing_in_the_bundle_changed(used: dict[str, Any]) -> None:
    assert used["problems"]
    assert {title: problem for title, problem in used["problems"].items() if problem} == {}
