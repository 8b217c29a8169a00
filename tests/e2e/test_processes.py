"""Processes that die at any moment: nothing is left running, and nothing is lost."""

from __future__ import annotations

import threading
import time
from pathlib import Path

import pytest

from tests.e2e import processes
from tests.e2e.actions import origin_of, token_of, write_note
from tests.e2e.crashes import kill_server, kill_server_for_good
from tests.e2e.desktop import Application, Desktop
from tests.e2e.devtools import DevToolsError, Page
from tests.e2e.notes import is_whole, titles
from tests.e2e.waiting import LEFT_SECONDS, SLACK_SECONDS, until

_GOLDEN = 0.618  # every next moment is far from the earlier ones
_KILLS = 10  # of each kind


def _kill_and_measure(application: Application) -> float:
    application.kill()
    return processes.seconds_until_no_server(application.desktop.home, 4 * LEFT_SECONDS)


def test_killed_while_starting_leaves_no_server(desktop: Desktop) -> None:
    started = time.monotonic()
    first = desktop.start()
    first.page()
    duration = time.monotonic() - started
    assert first.close() == 0
    servers_seen = 0
    for number in range(1, _KILLS + 1):
        application = desktop.start()
        time.sleep(duration * (number * _GOLDEN % 1))
        servers_seen += bool(processes.servers(desktop.home))
        seconds = _kill_and_measure(application)
        assert seconds <= LEFT_SECONDS + SLACK_SECONDS, f"kill {number}"
        assert is_whole(desktop.data)
    assert servers_seen, "no kill came after the server's start"
    last = desktop.start()
    last.page()
    assert last.close() == 0
    processes.none_left(desktop.home, 5)


def test_killed_while_in_use_loses_no_note(desktop: Desktop) -> None:
    written: list[str] = []
    for number in range(1, _KILLS + 1):
        application = desktop.start()
        page = application.page()
        timer = threading.Timer(2 * (number * _GOLDEN % 1), application.process.kill)
        timer.start()
        _write_until_it_is_gone(page, f"kill {number}", written)
        timer.join()
        seconds = _kill_and_measure(application)
        assert seconds <= LEFT_SECONDS + SLACK_SECONDS, f"kill {number}"
        assert is_whole(desktop.data)
        assert not set(written) - set(titles(desktop.data)), f"kill {number}"
    assert len(written) >= _KILLS
    processes.none_left(desktop.home, 5)


def _write_until_it_is_gone(page: Page, name: str, written: list[str]) -> None:
    """Write notes; list those that the page has confirmed."""
    number = 0
    while True:
        number += 1
        try:
            write_note(page, f"{name}, note {number}")
        except (DevToolsError, OSError):
            return
        written.append(f"{name}, note {number}")


def test_killed_server_comes_back_under_what_is_being_typed(
    desktop: Desktop, artifacts: Path
) -> None:
    application = desktop.start()
    page = application.page()
    token, origin = token_of(application, page), origin_of(page)
    page.open(f"{origin}/notes/new/")
    page.type("#id_title", "Typed before the crash")
    page.type("#id_text", "and not lost")
    page.evaluate("window.untouched = true")
    kill_server(application)
    assert page.evaluate("document.querySelector('#id_title').value") == "Typed before the crash"
    assert page.evaluate("window.untouched"), "the page was loaded again"
    page.screenshot(artifacts / "after-crash.png")
    page.click(".note-form button[type=submit]")
    page.wait_for_text("h1", "Typed before the crash")
    assert titles(desktop.data) == ["Typed before the crash"]
    assert origin_of(page) == origin
    assert token_of(application, page) == token
    assert application.close() == 0


def test_the_fourth_crash_shows_why_and_retry_works(desktop: Desktop, artifacts: Path) -> None:
    application = desktop.start()
    write_note(application.page(), "Before the crashes")
    kill_server_for_good(application)
    failure = application.shell_page("failure.html")
    failure.wait_for_text("#what", "The application has stopped.")
    failure.wait_for_text_within("#tail", " serves ")
    failure.screenshot(artifacts / "failure.png")
    assert processes.servers(desktop.home) == []
    failure.click("#retry")
    page = application.page()
    page.wait_for_text("h1", "Before the crashes")
    application.server()
    assert application.close() == 0
    processes.none_left(desktop.home, 5)


def test_a_page_whose_process_dies_comes_back(desktop: Desktop) -> None:
    application = desktop.start()
    write_note(application.page(), "Before the crash of the page")
    server = application.server()
    for renderer in _renderers(desktop):
        processes.kill(renderer)
    until(lambda: _renderers(desktop), "there is another process for the page")
    application.page().wait_for_text("h1", "Before the crash of the page")
    assert application.server() == server
    assert application.close() == 0


def _renderers(desktop: Desktop) -> list[processes.Process]:
    return [
        process
        for process in processes.living(desktop.home)
        if any("--type=renderer" in word for word in process.words)
    ]


def test_a_user_who_goes_on_clicking_gets_there(desktop: Desktop) -> None:
    """Whether the shell knows already that the server is gone, or finds out by the failed load."""
    application = desktop.start()
    page = application.page()
    origin = origin_of(page)
    for path in ("/about/", "/notes/new/"):
        processes.kill(application.server())
        go = f"location.pathname === '{path}' || void (location.href = '{origin}{path}')"
        page.wait(go)
        page.wait("document.readyState === 'complete' && document.querySelector('h1') !== null")
        assert origin_of(page) == origin
    write_note(page, "After two crashes")
    assert application.close() == 0


def test_ten_starts_at_once_are_one_application(desktop: Desktop) -> None:
    started = [desktop.start() for _ in range(10)]
    left = until(lambda: _only_one_runs(started), "nine of ten starts have ended", 60)
    assert [app.process.returncode for app in started if app is not left] == [0] * 9
    left.page()
    left.server()
    assert processes.shells(desktop.home) == [left.process.pid]
    assert left.close() == 0
    processes.none_left(desktop.home, 5)
    assert is_whole(desktop.data)


def _only_one_runs(started: list[Application]) -> Application | None:
    running = [application for application in started if application.process.poll() is None]
    return running[0] if len(running) == 1 else None


@pytest.mark.parametrize("number", range(2))
def test_a_second_start_shows_the_first(desktop: Desktop, number: int) -> None:
    application = desktop.start()
    page = application.page()
    server = application.server()
    page.evaluate("window.untouched = true")
    for _ in range(5):
        assert desktop.start().wait() == 0
    assert application.server() == server
    assert page.evaluate("window.untouched")
