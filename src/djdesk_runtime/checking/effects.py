"""Pages that are tried must change nothing but their throw-away data.

An audit hook (PEP 578) keeps them from the network, other programs, and files elsewhere. It is
no sandbox, and need not be: the code that is tried is trusted, and its effects are not wanted.
"""

from __future__ import annotations

import errno
import os
import sys
import tempfile
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

PROGRAMS = frozenset(
    {
        "subprocess.Popen", "os.system", "os.exec", "os.fork", "os.forkpty", "os.posix_spawn",
        "os.spawn", "os.startfile", "os.kill", "os.killpg", "pty.spawn", "webbrowser.open",
    }
)  # fmt: skip
CONNECTIONS = frozenset({"socket.connect", "socket.sendto", "socket.sendmsg"})
LOOKUPS = frozenset(
    {"socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr", "socket.getnameinfo"}
)
# How many of their arguments are paths.
WRITES = {"os.remove": 1, "os.rmdir": 1, "os.mkdir": 1, "os.truncate": 1, "os.rename": 2,
          "os.link": 2, "os.symlink": 2, "shutil.rmtree": 1}  # fmt: skip
WRITE_FLAGS = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
OWN_NAMES = frozenset({"127.0.0.1", "::1", "localhost", "None", ""})
DEVICES = ("/dev/", "/proc/self/")


class BlockedError(PermissionError):
    """A page wanted to reach something outside of the check."""


@dataclass(slots=True)
class Effects:
    """What pages may do. *blocked* collects what was refused, for people.

    *roots* are the names of the bundle's folder: nothing is ever written there, as on a user's
    computer. Writing is allowed in *folders*. Programs are only refused once *strict*.
    """

    roots: frozenset[str]
    folders: frozenset[str]
    strict: bool = False
    blocked: list[str] = field(default_factory=list)

    def take_blocked(self) -> list[str]:
        """Return what was refused since the last time."""
        blocked, self.blocked = self.blocked, []
        return blocked

    def install(self) -> None:
        """Begin. There is no end: hooks stay until the process has ended."""
        sys.addaudithook(self._audit)

    def _audit(self, event: str, arguments: tuple[Any, ...]) -> None:
        if event in CONNECTIONS:
            self._check_connection(arguments)
        elif event in LOOKUPS:
            if str(arguments[0]) not in OWN_NAMES:
                self._refuse(f"the network ({arguments[0]})")
        elif event in PROGRAMS:
            if self.strict:
                self._refuse(f"another program ({event}: {arguments[0]})")
        elif event == "open":
            self._check_open(*arguments)
        elif event == "sqlite3.connect":
            self._check_database(arguments[0])
        elif event in WRITES:
            for path in arguments[: WRITES[event]]:
                self._check_write(path)

    def _check_connection(self, arguments: tuple[Any, ...]) -> None:
        if not is_socketpair():
            self._refuse(f"the network ({shown_address(arguments)})")

    def _check_open(self, path: object, mode: str | None, flags: int) -> None:
        writing = any(sign in mode for sign in "wax+") if mode else bool(flags & WRITE_FLAGS)
        if writing:
            self._check_write(path)

    def _check_database(self, path: object) -> None:
        # SQLite opens a file that is there for reading if it cannot be written.
        there = isinstance(path, str) and os.path.exists(path)  # noqa: PTH110
        if not (there and self._is_in_bundle(os.path.abspath(str(path)))):  # noqa: PTH100
            self._check_write(path)

    def _is_in_bundle(self, name: str) -> bool:
        return any(is_below(name, root) for root in self.roots)

    def _check_write(self, path: object) -> None:
        if not isinstance(path, str | bytes | os.PathLike) or path == os.devnull:
            return  # a descriptor, or nothing
        name = os.path.abspath(os.fsdecode(path))  # noqa: PTH100 - Path.absolute keeps ".."
        if isinstance(path, str) and (":memory:" in path or path.startswith("file:") or not path):
            return
        if self._is_in_bundle(name):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), name)
        if not name.startswith(DEVICES) and not any(is_below(name, x) for x in self.folders):
            self._refuse(f"a file ({name})")

    def _refuse(self, what: str) -> None:
        self.blocked.append(what)
        raise BlockedError(errno.EACCES, f"the check of the pages does not reach {what}")


def begin_effects(root: Path, data: Path) -> Effects:
    """Keep the effects of everything that follows within *data* and the folder for passing use."""
    effects = Effects(names_of(root), names_of(data) | names_of(Path(tempfile.gettempdir())))
    effects.install()
    return effects


def block_servers() -> None:
    """Keep database servers out: their drivers connect where no audit hook sees it."""
    from django.db import connections

    from djdesk_runtime.data.databases import SQLITE_ENGINES

    def refuse(*_: object, **__: object) -> None:
        raise BlockedError(errno.EACCES, "the check of the pages does not reach a database server")

    for alias in connections:
        engine = str(connections.settings[alias].get("ENGINE", "")).rpartition(".")[2]
        if engine not in SQLITE_ENGINES:
            with suppress(Exception):  # a driver that is not there fails where it is used
                kind: Any = type(connections[alias])
                kind.get_new_connection = refuse


def shown_effects(blocked: list[str]) -> str:
    """Return what was refused, each once, for people; *blocked* may be empty."""
    return ", ".join(dict.fromkeys(blocked)) or "something outside of the application"


def was_blocked(error: BaseException | None) -> bool:
    """Tell whether *error* comes from something that was refused."""
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        if isinstance(error, BlockedError):
            return True
        seen.add(id(error))
        error = error.__cause__ or error.__context__
    return False


def is_socketpair() -> bool:
    """Tell whether it is `socket.socketpair` that connects, which Windows does by loopback."""
    frame: Any = sys._getframe(3)  # noqa: SLF001 - the one who connects
    for _ in range(3):
        if frame is None:
            return False
        if frame.f_code.co_name in {"socketpair", "_fallback_socketpair"}:
            return True
        frame = frame.f_back
    return False


def names_of(folder: Path) -> frozenset[str]:
    """Return the path of *folder* as it is given, and as it is without links."""
    return frozenset({str(folder.absolute()), str(folder.resolve())})


def is_below(name: str, folder: str) -> bool:
    """Tell whether the path *name* is *folder* or inside it."""
    name, folder = os.path.normcase(name), os.path.normcase(folder)
    return name == folder or name.startswith(folder.rstrip(os.sep) + os.sep)


def shown_address(arguments: tuple[Any, ...]) -> str:
    """Return the address among *arguments* of a socket's event, for people."""
    address = arguments[1] if len(arguments) > 1 else ""
    if isinstance(address, tuple):
        return ":".join(str(part) for part in address[:2])
    return str(address)
