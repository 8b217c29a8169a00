"""A made-up Debian machine: its configuration, its cache, and option B's calls on it."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from build_support import debian
from build_support.cache import Cache
from build_support.debian import resolve
from build_support.debian.resolution import Resolution
from build_support.target import TARGETS

if TYPE_CHECKING:
    from tests.unit.build_support.conftest import Said

_OS_RELEASE = 'ID=debian\nVERSION_CODENAME="bookworm"\n'
_DAY = 24 * 3600


@dataclass(frozen=True)
class Machine:
    """A Debian machine: its cache, its configuration, and what was reported."""

    cache: Cache
    etc_apt: Path
    os_release: Path
    said: Said

    def resolve(self, target: str = "linux-x86_64", *, refresh: bool = False) -> Resolution:
        return resolve(
            TARGETS[target],
            cache=self.cache,
            reporter=self.said.reporter,
            refresh=refresh,
            etc_apt=self.etc_apt,
            os_release=self.os_release,
        )

    def download(self, resolution: Resolution) -> Path:
        return debian.download(
            resolution,
            cache=self.cache,
            reporter=self.said.reporter,
            etc_apt=self.etc_apt,
            os_release=self.os_release,
        )

    @property
    def record(self) -> Path:
        return self.cache.root / "debian" / "linux-x86_64.json"

    def grow_old(self, days: float) -> None:
        then = time.time() - days * _DAY
        os.utime(self.record, (then, then))


def make_machine(folder: Path, said: Said, source: str) -> Machine:
    etc_apt = folder / "etc/apt"
    etc_apt.mkdir(parents=True)
    (etc_apt / "sources.list").write_text(source, encoding="utf-8")
    os_release = folder / "os-release"
    os_release.write_text(_OS_RELEASE, encoding="utf-8")
    return Machine(Cache(folder / "cache"), etc_apt, os_release, said)
