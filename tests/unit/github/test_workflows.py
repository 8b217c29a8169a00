"""Workflows do nothing that a developer could not do at home: each step is a session of nox."""

from __future__ import annotations

import itertools
import re
import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement
from ruamel.yaml import YAML

from build_support import ROOT
from build_support.command_line.parser import parse
from build_support.projects.requirements import read_lock
from build_support.target import TARGETS
from docs.generate.sessions import named_sessions

_NUGET_OPTIONS = "-ExcludeVersion -NonInteractive -OutputDirectory build/azure"
TOOLS_LOCK = "build_support/data/tools.lock"
GITHUB = ROOT / ".github"
WORKFLOWS = sorted(GITHUB.glob("workflows/*.yml"))
ACTIONS = sorted(GITHUB.glob("actions/*/action.yml"))

#: What a fresh machine is given before nox can do the rest, by how a line begins.
SET_UP = (
    "sudo apt-get update",
    "sudo apt-get install --yes --no-install-recommends $PACKAGES",
    "sudo sysctl --write kernel.apparmor_restrict_unprivileged_userns=0",
    f"python -m pip install --require-hashes --only-binary=:all: --requirement {TOOLS_LOCK}",
    # Pinned by its version; the session checks Microsoft's signature before it is loaded.
    f"nuget install Microsoft.Trusted.Signing.Client -Version 1.0.95 {_NUGET_OPTIONS}",
)
_PINNED = re.compile(r"[\w-]+/[\w-]+@[0-9a-f]{40}")
_MATRIX = re.compile(r"\$\{\{ matrix\.(\w+) \}\}")


@dataclass(frozen=True, slots=True)
class Step:
    """A step that runs commands, as one machine of the matrix runs them."""

    place: str
    lines: tuple[str, ...]

    def __str__(self) -> str:
        return self.place


def _read(file: Path) -> Mapping[str, Any]:
    document: Mapping[str, Any] = YAML(typ="safe").load(file.read_text(encoding="utf-8"))
    return document


def _machines(job: Mapping[str, Any]) -> list[dict[str, str]]:
    matrix = dict(job.get("strategy", {}).get("matrix", {}))
    included = matrix.pop("include", [])
    names = list(matrix)
    rows = [dict(zip(names, values, strict=True)) for values in itertools.product(*matrix.values())]
    return [*(rows if names else []), *included] or [{}]


def _steps() -> Iterator[Step]:
    for file in ACTIONS:
        for step in _read(file)["runs"]["steps"]:
            yield from _runs(file.parent.name, step, {})
    for file in WORKFLOWS:
        for name, job in _read(file)["jobs"].items():
            for machine in _machines(job):
                place = " ".join((file.stem, name, *machine.values()))
                for step in job["steps"]:
                    yield from _runs(place, step, machine)


def _runs(place: str, step: Mapping[str, Any], machine: Mapping[str, str]) -> Iterator[Step]:
    if "run" not in step:
        return
    text = str(step["run"])
    for variable, value in step.get("env", {}).items():
        if found := _MATRIX.fullmatch(str(value)):
            text = text.replace(f'"${variable}"', machine[found[1]])
    lines = [line.strip() for line in text.splitlines()]
    wanted = tuple(line for line in lines if line and not line.startswith("#"))
    yield Step(f"{place}: {step.get('name', text)}", wanted)


STEPS = list(_steps())


@pytest.mark.parametrize("step", STEPS, ids=str)
def test_a_step_runs_sessions_that_exist(step: Step, capsys: pytest.CaptureFixture[str]) -> None:
    for line in step.lines:
        if line in SET_UP:
            continue
        nox, option, session, *rest = shlex.split(line)
        assert (nox, option) == ("nox", "-s"), line
        assert session in named_sessions(), f"there is no session {session}"
        assert not rest or rest[0] == "--", line
        # Raises UsageError for an option that the session does not have.
        parse(session, rest[1:], check_paths=False)
    capsys.readouterr()


def test_there_are_steps_to_look_at() -> None:
    lines = {line for step in STEPS for line in step.lines}
    wanted = {"lint", "tests", "e2e", "docs", "check-release", "draft-release"}
    wanted |= {"package-linux", "package-macos", "package-windows"}
    assert wanted <= {line.split()[2] for line in lines if line.startswith("nox -s ")}
    assert "nox -s smoke -- --install" in lines


@pytest.mark.parametrize("file", [*WORKFLOWS, *ACTIONS], ids=str)
def test_every_action_is_pinned_by_its_commit(file: Path) -> None:
    text = file.read_text(encoding="utf-8")
    used = re.findall(r"uses: (\S+)(.*)", text)
    for action, comment in used:
        if action.startswith("$/"):
            assert (ROOT / action.removeprefix("$/") / "action.yml").is_file()
        else:
            assert _PINNED.fullmatch(action), action
            assert re.fullmatch(r" # v\d+\.\d+\.\d+", comment), f"{action} does not say its version"


def test_packages_are_made_for_every_target() -> None:
    jobs = _read(GITHUB / "workflows" / "desktop.yml")["jobs"]
    machines = [machine for name in ("package", "windows") for machine in _machines(jobs[name])]
    assert {machine["target"] for machine in machines} == set(TARGETS)
    for machine in machines:
        assert machine["session"] == f"package-{TARGETS[machine['target']].system}"
    started = [*_machines(jobs["package"]), *_machines(jobs["start-on-windows"])]
    assert {machine["target"] for machine in started} == set(TARGETS)
    assert len({machine["runner"] for machine in started}) == len(TARGETS)


def _jobs() -> Iterator[tuple[str, Mapping[str, Any]]]:
    for file in WORKFLOWS:
        for name, job in _read(file)["jobs"].items():
            yield f"{file.stem} {name}", job


JOBS = list(_jobs())


@pytest.mark.parametrize(("place", "job"), JOBS, ids=[place for place, _ in JOBS])
def test_machines_are_named_by_their_version(place: str, job: Mapping[str, Any]) -> None:
    for machine in _machines(job):
        found = _MATRIX.fullmatch(job["runs-on"])
        runner = machine[found[1]] if found else job["runs-on"]
        assert re.fullmatch(r"(ubuntu|macos|windows)-\d[\w.-]*", runner), runner


@pytest.mark.parametrize(("place", "job"), JOBS, ids=[place for place, _ in JOBS])
def test_where_somebody_attests_nothing_is_installed_or_run(
    place: str, job: Mapping[str, Any]
) -> None:
    if job["permissions"].get("attestations") == "write":
        assert set(job["permissions"]) == {"attestations", "id-token"}
        assert not [step for step in job["steps"] if "run" in step]
        used = {step["uses"].partition("@")[0] for step in job["steps"]}
        assert used == {"actions/download-artifact", "actions/attest-build-provenance"}


def test_a_secret_is_given_to_one_step_and_nothing_unpinned_is_beside_it() -> None:
    for file in (*WORKFLOWS, *ACTIONS):
        document = _read(file)
        assert "secrets." not in str(document.get("env", {}))
        for job in document.get("jobs", {}).values():
            assert "secrets." not in str(job.get("env", {}))
    installing = [line for step in STEPS for line in step.lines if " pip install" in line]
    assert installing
    assert all("--require-hashes" in line for line in installing)
    for file in WORKFLOWS:
        # Otherwise nox would install the noxfile's block, without a hash.
        assert _read(file)["env"]["NOX_SCRIPT_MODE"] == "none"


def test_the_lock_of_the_tools_is_that_of_the_noxfile() -> None:
    block = re.findall(r'^#     "(.+)",$', (ROOT / "noxfile.py").read_text("utf-8"), re.MULTILINE)
    wanted = [Requirement(line) for line in block]
    assert len(wanted) > 5
    locked = {entry.requirement.name: entry for entry in read_lock(ROOT / TOOLS_LOCK)}
    for requirement in wanted:
        version = str(locked[requirement.name].requirement.specifier).removeprefix("==")
        assert requirement.specifier.contains(version), requirement
    assert "uv" in locked


def test_what_is_missing_is_told_in_ci_and_ends_nothing() -> None:
    steps = _read(GITHUB / "actions" / "prepare" / "action.yml")["runs"]["steps"]
    (doctor,) = [step for step in steps if "doctor" in step.get("run", "")]
    assert doctor["continue-on-error"] is True


def test_one_system_checks_what_is_the_same_on_all() -> None:
    steps = _read(GITHUB / "workflows" / "ci.yml")["jobs"]["check"]["steps"]
    for session in ("lint", "docs"):
        (step,) = [step for step in steps if step.get("run") == f"nox -s {session}"]
        assert step["if"] == "startsWith(matrix.system, 'ubuntu')"


def test_the_three_systems_are_checked() -> None:
    job = _read(GITHUB / "workflows" / "ci.yml")["jobs"]["check"]
    systems = [machine["system"].partition("-")[0] for machine in _machines(job)]
    assert systems == ["ubuntu", "macos", "windows"]


@pytest.mark.parametrize("file", WORKFLOWS, ids=lambda file: file.name)
def test_nobody_has_more_rights_or_time_than_is_said(file: Path) -> None:
    document = _read(file)
    assert document["permissions"] == {}
    assert "group" in document["concurrency"]
    for job in document["jobs"].values():
        assert job["timeout-minutes"] <= 90
        writes = {name for name, right in job["permissions"].items() if right == "write"}
        assert writes <= {"contents", "id-token", "attestations"}
        # An identity alone changes nothing here; Azure gives it rights, to the environment's.
        alone = writes == {"id-token"} and "'release'" in job.get("environment", "")
        assert not writes or alone or job["if"] == "github.ref_type == 'tag'"
