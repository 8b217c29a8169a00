"""The cache folder: downloads and finished trees, found by the SHA-256 of what made them.

Layout::

    CACHEDIR.TAG
    archives/<sha256>/<file>    a published interpreter archive
    debian/                     option B's packages and the versions last seen
    <stage>/<key>/              a finished tree, never changed after it got this name
    <stage>/<key>.partial/      one being made, held by <stage>/<key>.lock
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import platformdirs
from filelock import FileLock, Timeout

from build_support.trees.folders import recover_tree, remove_tree, replace_tree
from build_support.trees.trust import require_own

_TAG_FILE = "CACHEDIR.TAG"
_TAG = """Signature: 8a477f597d28d172789f06886806bc55
# This folder is a cache that DJDesk made. It can be deleted at any time.
# What the line above means: https://bford.info/cachedir/
"""
#: How long a tree that nobody uses is kept, in seconds.
_KEPT_SECONDS = 30 * 24 * 3600
#: The stages of trees.
TREES = ("interpreters", "packages", "nodejs", "electron", "icons")
_PARTS = ("archives", "debian", *TREES)


@dataclass(frozen=True, slots=True)
class Cache:
    """A cache folder. Made on first use, and safe for several builds at once."""

    root: Path

    def archive(self, sha256: str, file: str) -> Path:
        """Where the archive of this SHA-256 lies, or will."""
        return self.root / "archives" / sha256 / file

    @contextmanager
    def lock(self, name: str, waiting: Callable[[], None] = lambda: None) -> Iterator[None]:
        """Hold the lock `name` (a relative path); `waiting` is called once if another has it.

        The operating system lets go of a lock when its holder dies, however it dies. Raises
        UsageError when others than this user can write to its folder.
        """
        path = self._lock_file(name)
        require_own(self.root, path.parent)
        self._prepare(path.parent)
        lock = FileLock(path)
        try:
            lock.acquire(blocking=False)
        except Timeout:
            waiting()
            lock.acquire()
        try:
            yield
        finally:
            lock.release()

    def tree(
        self, stage: str, key: str, build: Callable[[Path], None], *, force: bool = False
    ) -> Path:
        """Return the finished tree of `key`, calling `build` with an empty folder if there is none.

        With `force` it is built although there is one, and put in its place. The tree
        gets its name only when it is whole, so that a killed build leaves nothing that
        could be taken for one. The time of its lock tells when it was last used. Raises
        UsageError when others than this user can have written it.
        """
        finished = self._own_tree(stage, key)
        if finished.is_dir() and not force:
            with suppress(OSError):  # a cache that cannot be written can still be read
                self._lock_file(f"{stage}/{key}").touch()
            return finished
        with self.lock(f"{stage}/{key}"):
            recover_tree(finished)
            if finished.is_dir() and not force:
                return finished
            partial = finished.with_name(f"{key}.partial")
            remove_tree(partial)
            partial.mkdir(mode=0o755, parents=True)
            try:
                build(partial)
                replace_tree(partial, finished)
                self._lock_file(f"{stage}/{key}").touch()
            finally:
                remove_tree(partial)
        return finished

    def has_tree(self, stage: str, key: str) -> bool:
        """Whether the finished tree of `key` is there. Raises UsageError as `tree` does."""
        return self._own_tree(stage, key).is_dir()

    def sweep(self) -> None:
        """Remove what killed builds left behind, and trees that were not used for a month.

        What a living build holds is left alone.
        """
        for stage in TREES:
            for lock_file in (self.root / stage).glob("*.lock"):
                lock = FileLock(lock_file)
                try:
                    lock.acquire(blocking=False)
                except Timeout:
                    continue
                try:
                    remove_tree(lock_file.with_suffix(".partial"))
                    if time.time() - lock_file.stat().st_mtime > _KEPT_SECONDS:
                        remove_tree(lock_file.with_suffix(""))
                finally:
                    lock.release()

    def clear(self) -> None:
        """Delete what builds have put here, and the folder itself when nothing else is in it.

        DJDESK_CACHE_DIR may name a folder that other things lie in as well.
        """
        for part in _PARTS:
            remove_tree(self.root / part)
        (self.root / _TAG_FILE).unlink(missing_ok=True)
        if self.root.is_dir() and not self.root.is_symlink() and not any(self.root.iterdir()):
            self.root.rmdir()

    def _own_tree(self, stage: str, key: str) -> Path:
        tree = self.root / stage / key
        require_own(self.root, tree.parent, tree)
        return tree

    def _lock_file(self, name: str) -> Path:
        return self.root / f"{name}.lock"

    def _prepare(self, folder: Path) -> None:
        above = [self.root / part for part in reversed(folder.relative_to(self.root).parents)]
        for place in (*above, folder):
            # Whatever the umask: `require_own` refuses what others can write.
            place.mkdir(mode=0o755, parents=True, exist_ok=True)
        tag = self.root / _TAG_FILE
        if not tag.exists():
            tag.write_text(_TAG, encoding="utf-8")


def open_cache() -> Cache:
    """Return the cache of DJDESK_CACHE_DIR, else the one in the platform's cache folder."""
    folder = os.environ.get("DJDESK_CACHE_DIR")
    return Cache(Path(folder).absolute() if folder else platformdirs.user_cache_path("djdesk"))
