from __future__ import annotations

import io
import os
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from build_support.bundles import interpreter
from build_support.bundles.interpreter import Choice, Interpreter, Wish, choose
from build_support.cache import Cache
from build_support.debian.resolution import Resolution
from build_support.errors import (
    BuildError,
    DownloadError,
    IntegrityError,
    UnreachableError,
    UsageError,
)
from build_support.published.fetch import Archive
from build_support.published.pins import load_pins
from build_support.reporter import Reporter
from build_support.target import TARGETS, Target

HERE, ELSEWHERE, WINDOWS = (
    TARGETS[name] for name in ("linux-x86_64", "linux-arm64", "windows-x86_64")
)
PINS = load_pins()
RESOLUTION = Resolution("3.14.2", "sid", ())


@dataclass
class _World:
    """This machine and the network, as `choose` sees them."""

    root: Path
    failure: BuildError | None = None
    unsupported: str | None = None
    fetched: list[bool] = field(default_factory=list)
    obtained: list[bool] = field(default_factory=list)
    said: io.StringIO = field(default_factory=io.StringIO)

    @property
    def cache(self) -> Cache:
        return Cache(self.root)

    def choose(
        self,
        target: Target = HERE,
        **wish: Any,  # noqa: ANN401 - names and types are those of Wish
    ) -> Interpreter:
        usual = Wish(PINS, environment={})
        return choose(
            target, replace(usual, **wish), cache=self.cache, reporter=Reporter(self.said)
        )


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> _World:
    world = _World(tmp_path / "cache")

    def fetch_archive(*_: object, patient: bool, cache: Cache, **__: object) -> Archive:
        world.fetched.append(patient)
        if world.failure:
            raise world.failure
        return Archive(cache.root / "x.tar.gz", "0" * 64, "a source")

    def obtain(
        target: Target,
        *,
        cache: Cache,
        reporter: Reporter,
        refresh: bool,
        finished: Callable[[Resolution], bool],
    ) -> Resolution:
        world.obtained.append(refresh)
        with cache.lock(f"debian/{target}"):
            assert not finished(RESOLUTION)
            return RESOLUTION

    monkeypatch.setattr(interpreter, "fetch_archive", fetch_archive)
    monkeypatch.setattr(interpreter, "host_target", lambda: HERE)
    monkeypatch.setattr("build_support.bundles.interpreter.debian.obtain", obtain)
    monkeypatch.setattr(
        "build_support.bundles.interpreter.debian.host_supports", lambda: world.unsupported
    )
    return world


def _is_published(found: Interpreter) -> bool:
    assert (found.pin is None) != (found.resolution is None)
    assert found.python.redistributable == (found.pin is not None)
    assert found.python.provider == ("python-build-standalone" if found.pin else "debian")
    return found.pin is not None


@pytest.mark.parametrize("name", TARGETS)
@pytest.mark.parametrize("choice", ["auto", "published"])
def test_a_published_interpreter_is_described_by_its_pin(
    world: _World, name: str, choice: Choice
) -> None:
    found = world.choose(TARGETS[name], choice=choice)
    pin = PINS.pin_for(TARGETS[name])
    assert found.pin == pin
    assert (found.python.version, found.python.archive) == (pin.python_version, pin.file)
    assert found.python.sha256 == pin.sha256
    assert found.target is TARGETS[name]


OUT_OF_REACH = UnreachableError("No route.", hint="Look.")


@pytest.mark.parametrize(
    ("target", "wish", "unsupported"),
    [
        (HERE, {"choice": "published"}, None),
        (HERE, {"release": True}, None),
        (HERE, {"archive": Path("/some/x.tar.gz")}, None),
        (HERE, {}, "This machine does not run Debian"),
        (ELSEWHERE, {}, None),
        (WINDOWS, {}, None),
    ],
)
def test_where_nothing_else_may_be_used_nothing_is_tried_beforehand(
    world: _World, target: Target, wish: Mapping[str, object], unsupported: str | None
) -> None:
    world.failure, world.unsupported = OUT_OF_REACH, unsupported
    assert _is_published(world.choose(target, **wish))
    assert (world.fetched, world.obtained, world.said.getvalue()) == ([], [], "")


def test_an_archive_in_the_cache_is_enough(world: _World) -> None:
    pin = PINS.pin_for(HERE)
    archive = world.cache.archive(pin.sha256, pin.file)
    archive.parent.mkdir(parents=True)
    archive.touch()
    world.failure = OUT_OF_REACH
    assert _is_published(world.choose())
    assert world.fetched == []


def test_what_can_be_reached_is_fetched_at_once_and_used(world: _World) -> None:
    assert _is_published(world.choose())
    assert world.fetched == [False]
    assert (world.obtained, world.said.getvalue()) == ([], "")


def test_out_of_reach_option_b_is_used_with_one_clear_warning(world: _World) -> None:
    world.failure = OUT_OF_REACH
    found = world.choose()
    assert not _is_published(found)
    assert found.python.version == "3.14.2"
    assert found.python.sha256 == RESOLUTION.digest
    assert (world.fetched, world.obtained) == ([False], [False])
    said = world.said.getvalue()
    assert said.count("warning") == 1
    assert "3.14.2" in said
    assert "not be released" in said.replace("must\n         not", "must not").replace("\n", " ")
    assert said.startswith("warning")  # why each source failed, `fetch_archive` says as it does


def test_out_of_reach_is_remembered_until_asked_to_look_again(world: _World) -> None:
    world.failure = OUT_OF_REACH
    world.choose()
    assert not _is_published(world.choose())
    assert world.fetched == [False]
    assert world.said.getvalue().count("warning") == 2
    world.failure = None
    assert _is_published(world.choose(refresh=True))
    assert world.fetched == [False, False]


def test_another_mirror_is_tried_although_the_last_was_out_of_reach(world: _World) -> None:
    world.failure = OUT_OF_REACH
    world.choose()
    world.choose(environment={"DJDESK_PYTHON_MIRROR": "https://mirror.example.org/"})
    assert world.fetched == [False, False]


def _age_mark(world: _World, seconds: float) -> None:
    (mark,) = (world.root / "debian").glob("unreachable-*")
    then = time.time() - seconds
    os.utime(mark, (then, then))


def test_after_hours_the_sources_are_tried_again(world: _World) -> None:
    world.failure = OUT_OF_REACH
    world.choose()
    _age_mark(world, 7 * 3600)
    world.choose()
    assert world.fetched == [False, False]
    world.choose()
    assert world.fetched == [False, False]


def test_a_build_in_between_does_not_put_that_off(world: _World) -> None:
    world.failure = OUT_OF_REACH
    world.choose()
    _age_mark(world, 3000)
    world.choose()
    assert world.fetched == [False]
    (mark,) = (world.root / "debian").glob("unreachable-*")
    assert time.time() - mark.stat().st_mtime >= 3000


@pytest.mark.parametrize(
    "failure",
    [
        IntegrityError("Another SHA-256."),
        DownloadError("404 Not Found."),
        UsageError("The mirror cannot be used."),
        BuildError("The cache cannot be written."),
    ],
)
def test_only_out_of_reach_leads_to_option_b(world: _World, failure: BuildError) -> None:
    world.failure = failure
    with pytest.raises(type(failure)) as caught:
        world.choose()
    assert caught.value is failure
    assert world.obtained == []
    assert not list(world.root.rglob("unreachable-*"))


@pytest.mark.parametrize("refresh", [False, True])
def test_option_b_when_it_is_asked_for(world: _World, refresh: bool) -> None:
    assert not _is_published(world.choose(choice="debian", refresh=refresh))
    assert (world.fetched, world.obtained) == ([], [refresh])
    assert world.said.getvalue() == ""


@pytest.mark.parametrize(
    ("target", "wish", "unsupported", "words"),
    [
        (HERE, {"release": True}, None, "release"),
        (HERE, {"archive": Path("/x")}, None, "--interpreter-archive"),
        (HERE, {}, "This machine does not run Debian", "does not run Debian"),
        (WINDOWS, {}, None, "windows-x86_64"),
        (TARGETS["macos-arm64"], {}, None, "macos-arm64"),
    ],
)
def test_option_b_is_refused_where_it_may_not_be_used(
    world: _World, target: Target, wish: Mapping[str, object], unsupported: str | None, words: str
) -> None:
    world.unsupported = unsupported
    with pytest.raises(UsageError) as caught:
        world.choose(target, choice="debian", **wish)
    assert words in str(caught.value)
    assert world.obtained == []
