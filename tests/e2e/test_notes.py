"""The story of a user: start, write, quit, start again, and it is all there."""

from __future__ import annotations

import hashlib
from pathlib import Path

from tests.e2e import processes, secrets_search
from tests.e2e.actions import origin_of, token_of, write_note
from tests.e2e.changed import hold_start
from tests.e2e.desktop import Desktop, copy_bundle
from tests.e2e.notes import attachment_files, is_whole, titles
from tests.e2e.waiting import until

_FILE = bytes(range(256)) * 400
_NAME = "Größe 🦄.bin"
_TEXT = "Line one\nline two, größer"

_DIGEST = """(async () => {
  const answer = await fetch(document.querySelector('.attachments a').href);
  const digest = await crypto.subtle.digest('SHA-256', await answer.arrayBuffer());
  return Array.from(new Uint8Array(digest), b => b.toString(16).padStart(2, '0')).join('');
})()"""


def test_notes_are_there_after_the_next_start(
    desktop: Desktop, tmp_path: Path, artifacts: Path
) -> None:
    file = tmp_path / _NAME
    file.write_bytes(_FILE)
    held, release = hold_start(copy_bundle(desktop.bundle, tmp_path))

    application = desktop.start(bundle=held)
    splash = application.shell_page("splash.html")
    splash.wait_for_text("#name", "DJDesk Notes")
    splash.screenshot(artifacts / "splash.png")
    release.touch()

    page = application.page()
    page.wait_for_text("h1", "No notes yet")
    page.screenshot(artifacts / "first-page.png")
    write_note(page, "Größe und Gewicht", _TEXT, [file])
    page.screenshot(artifacts / "note.png")
    page.evaluate("localStorage.setItem('theme', 'dark')")
    first_origin = origin_of(page)
    assert application.close() == 0
    processes.none_left(desktop.home, 5)
    assert is_whole(desktop.data)

    application = desktop.start()
    page = application.page()
    assert origin_of(page) == first_origin
    assert page.evaluate("localStorage.getItem('theme')") == "dark"
    page.click(".card h2 a")
    page.wait("location.pathname === '/notes/1/' && document.readyState === 'complete'")
    assert page.evaluate("document.querySelector('h1').textContent") == "Größe und Gewicht"
    assert page.evaluate("document.querySelector('.text').textContent") == _TEXT
    assert page.evaluate("document.querySelector('.file-name').textContent") == _NAME
    page.command("Page.setBypassCSP", enabled=True)
    page.open(f"{first_origin}/notes/1/?read")
    assert page.evaluate(_DIGEST) == hashlib.sha256(_FILE).hexdigest()
    page.screenshot(artifacts / "after-restart.png")
    assert attachment_files(desktop.data) == [_FILE]
    assert titles(desktop.data) == ["Größe und Gewicht"]
    assert application.close() == 0
    processes.none_left(desktop.home, 5)


def test_no_secret_is_told(desktop: Desktop, tmp_path: Path) -> None:
    application = desktop.start()
    page = application.page()
    token = token_of(application, page)
    write_note(page, "Secrets")
    key_file = desktop.data / "secret_key"
    secrets = {"the token": token, "the secret key": key_file.read_text(encoding="utf-8").strip()}
    assert all(len(secret) >= 32 for secret in secrets.values())
    everyone = [process.pid for process in processes.living(desktop.home)]
    assert len(everyone) >= 4, "Electron's helpers are looked at too"

    assert not secrets_search.in_files(secrets, secrets_search.process_lists())
    assert not secrets_search.in_files(secrets, secrets_search.environments(everyone))
    assert page.evaluate("document.cookie") == ""
    application.server()
    assert application.close() == 0

    logs = {file.name for file in (desktop.data / "logs").iterdir()}
    assert {"app.log", "shell.log"} <= logs
    everything = secrets_search.files_below(desktop.home, but=[key_file])
    assert [file for file in everything if file.is_relative_to(desktop.data / "shell")]
    assert not secrets_search.in_files(secrets, everything)
    assert key_file.stat().st_mode & 0o777 == 0o600


def test_a_crash_tells_no_secret(desktop: Desktop) -> None:
    application = desktop.start()
    page = application.page()
    token = token_of(application, page)
    server = application.server()
    processes.kill(server)
    until(lambda: application.server().pid != server.pid, "there is another server")
    secrets = {"the token": token}
    assert not secrets_search.in_files(secrets, secrets_search.files_below(desktop.home))
    assert not secrets_search.in_files(secrets, secrets_search.process_lists())
