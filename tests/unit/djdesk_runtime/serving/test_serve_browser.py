"""``serve`` without a shell: the link that lets one browser in."""

import http.cookies
import os
import stat
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests import unix
from tests.unit.djdesk_runtime.made_bundle import (
    LIMIT_SECONDS,
    STOP,
    Answer,
    Running,
    command,
    environment,
    served,
)

posix_only = pytest.mark.skipif(os.name != "posix", reason="Windows has no signals and terminals")
NO_SHELL: Mapping[str, object] = {}


def follow(running: Running) -> Answer:
    link = str(running.ready["link"])
    return running.get(link.removeprefix(f"http://127.0.0.1:{running.port}"))


def test_the_link_lets_one_browser_in(bundle: Path, tmp_path: Path) -> None:
    with served(bundle, tmp_path, start_line=None) as running:
        assert "proof" not in running.ready
        assert running.get("/").status == 403
        answer = follow(running)
        assert answer.status == 200
        assert follow(running).status == 403
        cookie = http.cookies.SimpleCookie(answer.headers["Set-Cookie"])
        morsel = cookie["org_example_tiny_site_djdesk"]
        assert (morsel["httponly"], morsel["samesite"], morsel["path"]) == (True, "Strict", "/")
        running.headers = {"Cookie": f"{morsel.key}={morsel.value}"}
        page = running.get("/")
        assert (page.status, "things</p>" in page.text) == (200, True)
        log = (tmp_path / "data" / "logs" / "app.log").read_text(encoding="utf-8")
        key = str(running.ready["link"]).rpartition("/")[2]
        for text in (log, running.errors):
            assert key not in text
            assert morsel.value not in text


@posix_only
def test_standard_input_is_left_alone(bundle: Path, tmp_path: Path) -> None:
    with served(bundle, tmp_path, start_line=None) as running:
        running.close_input()
        assert follow(running).status == 200


BROWSER = """#!/bin/sh
printf '%s\\n' "$@" > "{record}"
"""


@posix_only
def test_the_browser_is_opened_by_a_file_that_goes_away(
    bundle: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    programs = tmp_path / "programs"
    programs.mkdir()
    record = tmp_path / "record"
    browser = programs / "browser"
    browser.write_text(BROWSER.format(record=record), encoding="utf-8")
    browser.chmod(0o755)
    monkeypatch.setenv("BROWSER", str(browser))
    monkeypatch.setattr(
        "tests.unit.djdesk_runtime.made_bundle.environment",
        lambda: environment({"BROWSER": str(browser)}),
    )
    page = tmp_path / "data" / "open.html"
    with served(bundle, tmp_path, "--open-browser", start_line=NO_SHELL) as running:
        while not (record.exists() and record.read_text(encoding="utf-8")):
            assert running.process.poll() is None, running.errors
        assert record.read_text(encoding="utf-8") == f"{page.as_uri()}\n"
        assert stat.S_IMODE(page.stat().st_mode) == 0o600
        assert str(running.ready["link"]) in page.read_text(encoding="utf-8")
        assert follow(running).status == 200
        assert not page.exists()


@posix_only
def test_the_file_goes_away_with_the_server(
    bundle: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "tests.unit.djdesk_runtime.made_bundle.environment",
        lambda: environment({"BROWSER": "true"}),
    )
    page = tmp_path / "data" / "open.html"
    with served(bundle, tmp_path, "--open-browser", start_line=NO_SHELL) as running:
        while not page.exists():
            assert running.process.poll() is None, running.errors
        running.say(STOP)
        assert running.end() == 0
    assert not page.exists()


@posix_only
def test_a_person_at_a_terminal_is_told_the_link(bundle: Path, tmp_path: Path) -> None:
    ours, theirs = unix.openpty()
    words = command(bundle, ["serve", "--data-dir", str(tmp_path / "data")])
    with subprocess.Popen(
        words, stdin=theirs, stdout=subprocess.DEVNULL, stderr=theirs, env=environment()
    ) as server:
        os.close(theirs)
        said = ""
        while "Ctrl-C" not in said:
            said += os.read(ours, 9999).decode()
        os.write(ours, b"\x03")
        server.terminate()
        assert server.wait(LIMIT_SECONDS) == 0
    os.close(ours)
    assert "Tiny Site is ready" in said
    assert "/.djdesk/open/" in said
