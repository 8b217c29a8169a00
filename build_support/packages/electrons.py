"""Which Electron goes into a package: the pinned one, a given one, in a rehearsal the stand-in."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from build_support.cache import Cache
from build_support.desktop import electron as desktop
from build_support.desktop import release
from build_support.desktop.electron import ElectronWish
from build_support.errors import UnreachableError, UsageError
from build_support.licences.shell import Electron
from build_support.reporter import Reporter
from build_support.target import Target

#: The first major version whose fuses can be set (electronjs.org, "Electron Fuses").
_FIRST_WITH_FUSES = 12
_HINT = (
    "Name a mirror in ELECTRON_MIRROR, or a folder with an unpacked Electron: --electron-dist "
    "FOLDER\nTo go through all of it without one: --rehearse"
)


@dataclass(frozen=True, slots=True)
class PackagedElectron:
    """An unpacked Electron for a target. `sha256` is its archive's, empty if that is not known."""

    folder: Path
    version: str
    sha256: str

    @property
    def stand_in(self) -> bool:
        """Whether it needs the shim, and so is for rehearsals only."""
        return desktop.is_stand_in(self.version)

    @property
    def has_fuses(self) -> bool:
        """Whether its fuses can be set."""
        return int(self.version.partition(".")[0]) >= _FIRST_WITH_FUSES

    @property
    def described(self) -> Electron:
        """It, as notices and bills of materials know it."""
        return Electron(self.version, self.sha256, self.folder)


def electron_for(
    target: Target, wish: ElectronWish, *, rehearse: bool, cache: Cache, reporter: Reporter
) -> PackagedElectron:
    """Return the Electron for a target, fetching it if need be.

    Raises UsageError for a folder without one or with one that is too old, and ToolError
    when none can be had.
    """
    given = wish.dist or desktop.override(wish.environment)
    if given is not None:
        found = PackagedElectron(given, desktop.read_version(given, target), "")
        if found.stand_in and not rehearse:
            raise UsageError(
                f"Electron {found.version} is too old for the shell.",
                hint="Name a current one with --electron-dist, or say --rehearse.",
            )
        return found
    archive = release.archive_for(target)
    with suppress(UnreachableError):
        folder = release.unpacked(
            archive,
            name=f"Electron {archive.version} for {target}",
            replaceable=rehearse and target.name in desktop.STAND_IN_TARGETS,
            hint=_HINT,
            cache=cache,
            reporter=reporter,
            environment=wish.environment,
            refresh=wish.refresh,
        )
        return PackagedElectron(folder, archive.version, archive.sha256)
    with reporter.step(f"Prepare the stand-in for Electron, for {target}"):
        folder = desktop.stand_in_folder(target, cache=cache)
    return PackagedElectron(folder, desktop.read_version(folder, target), "")
