from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from build_support import debian
from build_support.debian import host_supports, obtain
from build_support.debian.apt import Archive, NotInSuiteError, PackagesGoneError
from build_support.debian.resolution import Package, Resolution
from build_support.errors import IntegrityError, ToolError, UnreachableError, UsageError
from build_support.target import TARGETS
from tests.unit.build_support.debian.machine import Machine, make_machine

if TYPE_CHECKING:
    from tests.unit.build_support.conftest import Said

#: Of the same name as the function in the package, and so not to be imported from there.
_DOWNLOAD = import_module("build_support.debian.download")
_LINUX = TARGETS["linux-x86_64"]


def _package(name: str, version: str = "1-1") -> Package:
    file = f"{name}_{version}_amd64.deb"
    return Package(name, version, "amd64", file, len(file), _sha256(file), f"pool/{file}")


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


@dataclass
class Suites:
    """Stands in for apt: what each suite has, or the error that it gives."""

    content: dict[str, tuple[Package, ...] | Exception]
    asked: list[tuple[str, str]] = field(default_factory=list)
    gone: bool = False
    fetched: list[str] = field(default_factory=list)

    def closure(self, archive: Archive, folder: Path, package: str) -> tuple[Package, ...]:
        assert package == "python3.14"
        assert not folder.exists()
        folder.mkdir(parents=True)
        self.asked.append((archive.suites[0], archive.architecture))
        found = self.content.get(archive.suites[0], NotInSuiteError("none", why="not there"))
        if isinstance(found, Exception):
            raise found
        return found

    def fetch(self, _: object, packages: list[Package], folder: Path) -> None:
        for package in packages:
            if self.gone:
                self.gone = False
                raise PackagesGoneError("The download failed.")
            self.fetched.append(package.file)
            (folder / package.file).write_text(package.file, encoding="utf-8")


@pytest.fixture
def suites(monkeypatch: pytest.MonkeyPatch) -> Suites:
    made = Suites({"sid": (_package("python3.14", "3.14.10-1"), _package("tzdata"))})
    monkeypatch.setattr(debian, "closure", made.closure)
    monkeypatch.setattr(_DOWNLOAD, "fetch", made.fetch)
    monkeypatch.setattr(debian, "host_supports", lambda _: None)
    return made


@pytest.fixture
def machine(tmp_path: Path, said: Said) -> Machine:
    return make_machine(tmp_path, said, "deb http://mirror.example.org/debian bookworm main\n")


def test_a_resolution_names_version_suite_and_needed_packages(
    machine: Machine, suites: Suites
) -> None:
    resolution = machine.resolve()
    assert resolution == Resolution("3.14.10", "sid", (_package("python3.14", "3.14.10-1"),))
    assert suites.asked == [("sid", "amd64")]
    assert [path.name for path in (machine.cache.root / "debian").iterdir() if path.is_dir()] == []


def test_the_digest_follows_the_packages_and_not_the_mirror() -> None:
    one = Resolution("3.14.10", "sid", (_package("python3.14"),))
    moved = replace(one.packages[0], location="elsewhere/x.deb")
    other = replace(one.packages[0], sha256="0" * 64)
    assert one.digest == replace(one, suite="forky", packages=(moved,)).digest
    assert one.digest != replace(one, packages=(other,)).digest


def test_an_arm64_target_is_resolved_on_any_machine(machine: Machine, suites: Suites) -> None:
    machine.resolve("linux-arm64")
    assert suites.asked == [("sid", "arm64")]


@pytest.mark.parametrize("target", ["windows-x86_64", "macos-arm64"])
def test_only_linux_targets(machine: Machine, suites: Suites, target: str) -> None:
    with pytest.raises(UsageError, match=target):
        machine.resolve(target)
    assert suites.asked == []


def test_the_next_suite_is_tried_when_one_has_no_final_python(
    machine: Machine, suites: Suites
) -> None:
    suites.content = {
        "sid": (_package("python3.14", "3.14.0~rc3-1"),),
        "forky": (_package("python3.14", "3.14.8-1+b1"),),
    }
    assert (machine.resolve().suite, machine.resolve().python_version) == ("forky", "3.14.8")


def test_no_suite_has_it(machine: Machine, suites: Suites) -> None:
    suites.content = {"sid": (_package("python3.14", "3.14.0~rc3-1"),)}
    with pytest.raises(ToolError) as caught:
        machine.resolve()
    assert caught.value.why == "sid: python3.14 is not a final release there\nforky: not there"
    assert str(machine.etc_apt / "sources.list") in caught.value.hint
    assert not machine.record.exists()


@pytest.mark.parametrize("error", [UnreachableError("No way."), IntegrityError("Not signed.")])
def test_other_failures_end_the_search(machine: Machine, suites: Suites, error: Exception) -> None:
    suites.content["sid"] = error
    with pytest.raises(type(error)):
        machine.resolve()
    assert len(suites.asked) == 1


def test_a_young_record_needs_no_network(machine: Machine, suites: Suites) -> None:
    first = machine.resolve()
    machine.grow_old(days=6.9)
    assert machine.resolve() == first
    assert len(suites.asked) == 1


def test_an_old_record_is_renewed(machine: Machine, suites: Suites) -> None:
    machine.resolve()
    machine.grow_old(days=7.1)
    suites.content["sid"] = (_package("python3.14", "3.14.11-1"),)
    assert machine.resolve().python_version == "3.14.11"
    assert machine.resolve().python_version == "3.14.11"
    assert len(suites.asked) == 2


def test_a_refresh_renews_a_young_record(machine: Machine, suites: Suites) -> None:
    machine.resolve()
    suites.content["sid"] = (_package("python3.14", "3.14.11-1"),)
    assert machine.resolve(refresh=True).python_version == "3.14.11"


def test_an_old_record_serves_while_the_archive_is_out_of_reach(
    machine: Machine, suites: Suites
) -> None:
    first = machine.resolve()
    machine.grow_old(days=100)
    suites.content["sid"] = UnreachableError("No way to the mirror.")
    assert machine.resolve() == first
    assert "No way to the mirror." in machine.said.text
    with pytest.raises(UnreachableError):
        machine.resolve(refresh=True)


@pytest.mark.parametrize("content", ["", "{", "[]", '{"schema": 0}', '{"schema": 1}', "\udcff"])
def test_a_damaged_record_is_ignored(machine: Machine, suites: Suites, content: str) -> None:
    first = machine.resolve()
    machine.record.write_text(content, encoding="utf-8", errors="surrogateescape")
    assert machine.resolve() == first
    assert len(suites.asked) == 2


def test_a_machine_without_apt_is_told_so(
    machine: Machine, suites: Suites, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(debian, "host_supports", lambda _: "There is no apt-get.")
    with pytest.raises(UsageError) as caught:
        machine.resolve()
    assert caught.value.why == "There is no apt-get."


@pytest.mark.parametrize(
    ("os_release", "machine", "programs", "reason"),
    [
        ("ID=debian", "x86_64", {"apt-get", "dpkg-deb"}, None),
        ('ID="ubuntu"', "aarch64", {"apt-get", "dpkg-deb"}, None),
        ("ID=fedora", "x86_64", {"apt-get", "dpkg-deb"}, "fedora"),
        ("", "x86_64", {"apt-get", "dpkg-deb"}, "does not run Debian"),
        ("ID=debian", "riscv64", {"apt-get", "dpkg-deb"}, "riscv64"),
        ("ID=debian", "x86_64", {"dpkg-deb"}, "no program apt-get on"),
        ("ID=debian", "x86_64", set(), "no program apt-get and no dpkg-deb"),
    ],
)
def test_which_machines_can(
    tmp_path: Path, os_release: str, machine: str, programs: set[str], reason: str | None
) -> None:
    path = tmp_path / "os-release"
    path.write_text(os_release, encoding="utf-8")
    find: Callable[[str], str | None] = lambda name: name if name in programs else None  # noqa: E731 - short and typed
    answer = host_supports(path, find=find, machine=machine)
    assert (answer is None) if reason is None else (answer is not None and reason in answer)


def test_obtain_has_everything_in_the_cache(machine: Machine, suites: Suites) -> None:
    record = machine.resolve()
    resolution = obtain(_LINUX, cache=machine.cache, reporter=machine.said.reporter)
    assert resolution == record
    assert suites.fetched == ["python3.14_3.14.10-1_amd64.deb"]


def test_obtain_downloads_nothing_for_a_finished_tree(machine: Machine, suites: Suites) -> None:
    machine.resolve()
    obtain(_LINUX, cache=machine.cache, reporter=machine.said.reporter, finished=lambda _: True)
    assert suites.fetched == []


def test_obtain_looks_anew_when_packages_are_gone(
    machine: Machine, suites: Suites, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        debian, "resolve", lambda *_, refresh, **__: machine.resolve(refresh=refresh)
    )
    machine.resolve()
    suites.gone = True
    suites.content["sid"] = (_package("python3.14", "3.14.11-1"),)
    resolution = obtain(_LINUX, cache=machine.cache, reporter=machine.said.reporter)
    assert resolution.python_version == "3.14.11"
    assert suites.fetched == ["python3.14_3.14.11-1_amd64.deb"]
