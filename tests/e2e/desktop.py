"""The application as a user has it: a home folder, a screen, a double click."""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tests.e2e import processes, screen
from tests.e2e.devtools import DevTools, DevToolsError, Page
from tests.e2e.waiting import PATIENCE, until

IDENTIFIER = "org.djdesk.notes"
EXIT_SECONDS = 30.0
_TOLD_CHARACTERS = 6000

_LISTENING = re.compile(r"DevTools listening on (ws://\S+)")
_ASK_STATUS = """Promise.race([
  new Promise((resolve) => djdeskShell.onStatus(() => resolve(true))),
  new Promise((resolve) => setTimeout(resolve, 3000, false)),
])"""
# What the system uses to open an address: here it only writes the address down.
_OPENER = '#!/bin/sh\nprintf "%s\\n" "$1" >> "$HOME/opened"\n'


@dataclass(frozen=True, slots=True)
class Desktop:
    """One user's account on one screen.

    `electron` are the words that start Electron with the shell, without the user's own.
    """

    home: Path
    temporary: Path
    bundle: Path
    display: str
    electron: Sequence[str]
    _running: list[Application] = field(default_factory=list)

    @property
    def data(self) -> Path:
        """The data folder, where the shell puts it by itself."""
        return self.home / ".local" / "share" / IDENTIFIER

    @property
    def has_stand_in(self) -> bool:
        """Whether the Electron is the old one, which has faults of its own."""
        return any("shim" in word for word in self.electron)

    def start(
        self,
        *words: str,
        bundle: Path | None = None,
        environment: Mapping[str, str] | None = None,
    ) -> Application:
        """Double-click the application; return at once, or nearly so."""
        number = len(self._running) + 1
        errors = self.home / f"stderr-{number}.txt"
        with errors.open("wb") as stream:
            process = subprocess.Popen(
                [*self.electron, "--remote-debugging-port=0", *words],
                env={**self._environment(bundle or self.bundle), **(environment or {})},
                cwd=self.home,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=stream,
                start_new_session=True,
            )
        self._running.append(Application(self, process, errors))
        return self._running[-1]

    def opened(self) -> list[str]:
        """Return the addresses that were handed to the system to open."""
        file = self.home / "opened"
        return file.read_text(encoding="utf-8").splitlines() if file.exists() else []

    def shell_log(self) -> str:
        """Return what the shell has written into its log."""
        file = self.data / "logs" / "shell.log"
        return file.read_text(encoding="utf-8") if file.exists() else ""

    def _environment(self, bundle: Path) -> dict[str, str]:
        return {
            "HOME": str(self.home),
            "TMPDIR": str(self.temporary),
            "PATH": f"{self.home / 'bin'}:/usr/bin:/bin",
            "LANG": "C.UTF-8",
            "DISPLAY": self.display,
            "DJDESK_BUNDLE": str(bundle),
        }

    def end(self) -> None:
        """Leave nothing running, whatever happened; tell pytest what there is to know."""
        processes.kill_all(self.home)
        for file in [*self.home.glob("stderr-*.txt"), *self.data.glob("logs/*.log")]:
            text = file.read_text(encoding="utf-8", errors="replace")
            sys.stdout.write(f"--- {file.name}\n{text[-_TOLD_CHARACTERS:]}\n")
        for application in self._running:
            application.forget()


@dataclass(slots=True)
class Application:
    """One start of the application."""

    desktop: Desktop
    process: subprocess.Popen[bytes]
    errors: Path
    _devtools: DevTools | None = None

    @property
    def devtools(self) -> DevTools:
        """What drives its pages; waits until there is something to drive."""
        if self._devtools is None:
            self._devtools = DevTools(until(self._address, "DevTools listens"))
        return self._devtools

    def page(self, path: str = "", seconds: float = PATIENCE) -> Page:
        """Wait for a page of the project whose path begins so, complete; begin to drive it."""
        beginning = re.compile(rf"http://127\.0\.0\.1:\d+/{re.escape(path)}")
        page = self.devtools.page(
            lambda url: beginning.match(url) is not None, f"a page below /{path}", seconds
        )
        begins = f"location.href.startsWith(`http://127.0.0.1:${{location.port}}/{path}`)"
        page.wait(f"{begins} && document.readyState === 'complete'")
        return page

    def shell_page(self, name: str, seconds: float = PATIENCE) -> Page:
        """Wait for one of the shell's own pages, "splash.html" or "failure.html"."""
        address = f"djdesk://shell/{name}"
        page = self.devtools.page(lambda url: url.startswith(address), address, seconds)
        complete = f"location.href === {json.dumps(address)} && document.readyState === 'complete'"
        page.wait(complete)
        if self.desktop.has_stand_in and not _is_heard(page):
            page.command("Page.reload")
            page.wait(complete)
        return page

    def server(self) -> processes.Process:
        """Wait until there is exactly one server, and return it."""

        def only() -> processes.Process | None:
            found = processes.servers(self.desktop.home)
            return found[0] if len(found) == 1 else None

        return until(only, "there is one server")

    def close(self) -> int:
        """Close the windows as a user does, and return the code the application ends with.

        Electron 9 crashes once in a while when all is done, more often while it is driven. That
        counts as 0 for the stand-in, and for nothing else.
        """
        self._let_go()
        count = screen.close_windows(self.desktop.display, self.process.pid)
        assert count, "there is no window to close"
        code = self.wait()
        stand_in = self.desktop.has_stand_in
        done = self.desktop.shell_log().rstrip().endswith("supervisor: end, stopped")
        return 0 if code == -signal.SIGSEGV and stand_in and done else code

    def wait(self) -> int:
        """Wait until it has ended by itself, and return its code."""
        code = self.process.wait(EXIT_SECONDS)
        self.forget()
        return code

    def kill(self) -> None:
        """End the main process as a power user does: kill -9."""
        self.process.kill()
        self.process.wait(EXIT_SECONDS)
        self.forget()

    def forget(self) -> None:
        """Let go of what drives it, and end it if it has not ended."""
        self._let_go()
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait(EXIT_SECONDS)

    def _let_go(self) -> None:
        if self._devtools is not None:
            with contextlib.suppress(OSError):
                self._devtools.close()
            self._devtools = None

    def _address(self) -> str | None:
        text = self.errors.read_text(encoding="utf-8", errors="replace")
        found = _LISTENING.search(text)
        if found is None and self.process.poll() is not None:
            raise AssertionError(f"ended with {self.process.returncode} at once:\n{text}")
        return found[1] if found else None


def _is_heard(page: Page) -> bool:
    """Whether the shell answers a page of its own.

    Electron 9 loses all messages of a window's first document once in a while, on a busy machine.
    """
    with contextlib.suppress(DevToolsError):  # it has made way for the next page meanwhile
        return bool(page.evaluate(_ASK_STATUS))
    return True


@contextlib.contextmanager
def desktop(folder: Path, bundle: Path, display: str, electron: Sequence[str]) -> Iterator[Desktop]:
    """Yield a new user's account in *folder*; end all that was started in it afterwards."""
    home = folder / "Zoë's home"
    (home / "bin").mkdir(parents=True)
    opener = home / "bin" / "xdg-open"
    opener.write_text(_OPENER, encoding="utf-8")
    opener.chmod(0o755)
    # Not in *folder*: Chromium makes a socket there, and its path must be short (unix(7)).
    with tempfile.TemporaryDirectory(prefix="djdesk-", ignore_cleanup_errors=True) as temporary:
        account = Desktop(home, Path(temporary), bundle, display, electron)
        try:
            yield account
        finally:
            account.end()


def copy_bundle(bundle: Path, folder: Path) -> Path:
    """Return a copy of a bundle in *folder* that takes no room. Change it by `replace_file`."""
    return Path(
        shutil.copytree(bundle, folder / "django-bundle", symlinks=True, copy_function=os.link)
    )


def replace_file(file: Path, text: str) -> None:
    """Write a file of a copied bundle, not the original's, and drop what it was compiled to."""
    file.unlink(missing_ok=True)
    file.write_text(text, encoding="utf-8")
    for compiled in (file.parent / "__pycache__").glob(f"{file.stem}.*.pyc"):
        compiled.unlink()
