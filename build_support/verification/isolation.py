"""Take from this process what an end user's machine may not have: the network, rights."""

from __future__ import annotations

import ctypes
import os
import socket
import stat
import struct
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

_NEW_NETWORK = 0x40000000  # CLONE_NEWNET of sched.h
_NEW_USER = 0x10000000  # CLONE_NEWUSER of sched.h
_GET_FLAGS, _SET_FLAGS = 0x8913, 0x8914  # SIOCGIFFLAGS, SIOCSIFFLAGS of linux/sockios.h
_UP = 0x1  # IFF_UP of linux/if.h
_NOBODY = 65534

#: Without these Windows starts no program and opens no socket.
_NEEDED_VARIABLES = ("SYSTEMROOT", "SYSTEMDRIVE", "WINDIR")


@dataclass(frozen=True, slots=True)
class Isolation:
    """How the bundle is run. `user` is the id of an unprivileged user, or None for this one."""

    network: bool
    user: int | None
    environment: Mapping[str, str]

    @property
    def detail(self) -> str:
        """What was taken away, for the report."""
        network = "network cut off" if not self.network else "network not cut off here"
        user = "as nobody" if self.user is not None else "as this user"
        return f"{network}, {user}, environment empty"


def isolate(place: Path | None = None) -> Isolation:
    """Cut this process and its children off from every network but a loopback of its own.

    Works on Linux as root, or where users may make namespaces; elsewhere the network
    stays, and the result says so. Root's children are to run as `nobody`, unless what they use is
    in a `place` that other users cannot reach: root's folder for temporary files is often private.
    """
    environment = {name: os.environ[name] for name in _NEEDED_VARIABLES if name in os.environ}
    root = is_root()
    as_nobody = root and (place is None or _is_open_to_others(place))
    return Isolation(
        network=not _leave_network(root=root),
        user=_NOBODY if as_nobody else None,
        environment=environment,
    )


def is_root() -> bool:
    """Whether this process has the rights of root, on a system that has one."""
    return sys.platform != "win32" and os.geteuid() == 0


def _is_open_to_others(place: Path) -> bool:
    return all(folder.stat().st_mode & stat.S_IXOTH for folder in place.resolve().parents)


if sys.platform == "linux":

    def _leave_network(*, root: bool) -> bool:
        unshare = getattr(ctypes.CDLL(None, use_errno=True), "unshare", None)
        user, group = os.getuid(), os.getgid()
        if unshare is None or unshare(_NEW_NETWORK | (0 if root else _NEW_USER)) != 0:
            return False
        if not root:
            # Without a map every file would belong to nobody.
            Path("/proc/self/setgroups").write_text("deny", encoding="ascii")
            Path("/proc/self/uid_map").write_text(f"{user} {user} 1", encoding="ascii")
            Path("/proc/self/gid_map").write_text(f"{group} {group} 1", encoding="ascii")
        _bring_loopback_up()
        return True

    def _bring_loopback_up() -> None:
        import fcntl

        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:
            request = struct.pack("16sH14x", b"lo", 0)
            name, flags = struct.unpack("16sH14x", fcntl.ioctl(control, _GET_FLAGS, request))
            fcntl.ioctl(control, _SET_FLAGS, struct.pack("16sH14x", name, flags | _UP))

else:

    def _leave_network(*, root: bool) -> bool:
        del root  # there is no way that this process could go back from
        return False
