"""One real bundle for all integration tests of a run, and what else they share.

Everything is made once, by whichever worker comes first, in a folder that pytest removes;
the downloads come from the developer's own cache, so that the tests need no network.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from filelock import FileLock

from build_support.cache import open_cache
from tests.integration.sessions import ROOT, Finished, run_session

_DOWNLOADS = ("archives", "debian")
#: Nobody answers there: what is published is out of reach, also on a machine that reaches all of
#: the internet. Sessions then take what is in the cache, and in rehearsals the stand-ins.
_NO_INTERNET = dict.fromkeys(("HTTPS_PROXY", "https_proxy"), "http://127.0.0.1:9")


@dataclass(frozen=True, slots=True)
class Shared:
    """A folder that all workers of a run share, and the cache in it."""

    folder: Path
    cache: Path

    def once(self, name: str, make: Callable[[Path], None]) -> Path:
        """Return the folder `name`, which the first to ask for it makes."""
        folder = self.folder / name
        with FileLock(self.folder / f"{name}.lock"):
            if not folder.exists():
                partial = self.folder / f"{name}.partial"
                shutil.rmtree(partial, ignore_errors=True)
                partial.mkdir()
                make(partial)
                partial.rename(folder)
        return folder

    def run(self, session: str, *words: object, **variables: str) -> Finished:
        """Run a nox session with the shared cache, as a user would, and without a network."""
        own = {"DJDESK_CACHE_DIR": str(self.cache), "UV_OFFLINE": "1", **_NO_INTERNET}
        return run_session(session, *words, **{**own, **variables})


@pytest.fixture(scope="session")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Shared:
    """The folder of this run: beside the workers' own ones."""
    own = tmp_path_factory.getbasetemp()
    folder = (own.parent if "PYTEST_XDIST_WORKER" in os.environ else own) / "shared"
    folder.mkdir(exist_ok=True)

    def copy_downloads(cache: Path) -> None:
        for name in _DOWNLOADS:
            source = open_cache().root / name
            if source.is_dir():
                shutil.copytree(source, cache / name)

    shared = Shared(folder, folder / "cache")
    shared.once("cache", copy_downloads)
    return shared


@pytest.fixture(scope="session")
def bundle(shared: Shared) -> Path:
    """The example's bundle for this machine, made by the session that makes it for everybody.

    Tests do not change it; those that must make a copy.
    """

    def make(folder: Path) -> None:
        finished = shared.run("bundle", "--output", folder / "django-bundle")
        assert finished.code == 0, finished.output

    return shared.once("bundle", make) / "django-bundle"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A copy of the example project alone, for tests that change it."""
    folder = tmp_path / "project"
    folder.mkdir()
    for name in ("pyproject.toml", "requirements.lock", "manage.py"):
        shutil.copy2(ROOT / name, folder / name)
    shutil.copytree(
        ROOT / "src" / "djdesk",
        folder / "src" / "djdesk",
        ignore=shutil.ignore_patterns("__pycache__"),
    )
    return folder
