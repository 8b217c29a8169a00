"""Bundles for other systems that cannot be made: the wrong archive, a package without a wheel."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from build_support import digest
from build_support.target import TARGETS
from tests.integration.conftest import Shared
from tests.integration.foreign import FOREIGN, NATIVE, copy_project, pinned
from tests.integration.sessions import Finished
from tests.wheels import PLATFORM_TAGS, make_source_distribution, make_wheel


@pytest.mark.parametrize(
    ("named", "really", "words"),
    [
        ("windows-x86_64", "linux-x86_64", "no CPython 3.14 for windows-x86_64"),
        ("linux-arm64", "windows-arm64", "no CPython 3.14 for linux-arm64"),
        ("macos-arm64", "macos-x86_64", "is for macos on x86_64"),
        ("macos-x86_64", "linux-x86_64", "is for linux on x86_64"),
    ],
)
def test_an_archive_for_another_target_is_refused(
    shared: Shared, tmp_path: Path, named: str, really: str, words: str
) -> None:
    made = pinned(tmp_path, TARGETS[named], really=TARGETS[really])
    output = tmp_path / "here" / "django-bundle"
    finished = shared.run("bundle", "--project", NATIVE, *made.words, "--output", output)
    _check_refused(finished, output, words, f"for {named}")


def _check_refused(finished: Finished, output: Path, *words: str) -> None:
    assert finished.code != 0
    for word in words:
        assert word in finished.output
    assert "Traceback" not in finished.output
    assert not output.exists()
    assert [path.name for path in output.parent.iterdir()] == [f".{output.name}.lock"]


@pytest.mark.parametrize("target", FOREIGN[-1:])
@pytest.mark.parametrize("source_too", [False, True], ids=["nothing", "only its source"])
def test_a_package_without_a_wheel_for_the_target_is_named(
    shared: Shared, tmp_path: Path, target: str, source_too: bool
) -> None:
    """Every other target has a wheel; where there is a source, it must not be built."""
    tags = [tag for name, tag in PLATFORM_TAGS.items() if name != target]
    wheels = tmp_path / "wheels"
    wheels.mkdir()
    files = [make_wheel(wheels, "rarely_built", "1.5", tag) for tag in tags]
    if source_too:
        files.append(make_source_distribution(wheels, "rarely_built", "1.5"))
    made = pinned(tmp_path, TARGETS[target])
    project = _project_with("rarely-built==1.5", files, tmp_path / "project")
    output = tmp_path / "here" / "django-bundle"
    finished = shared.run(
        "bundle", "--project", project, *made.words, "--output", output, UV_FIND_LINKS=str(wheels)
    )
    _check_refused(
        finished,
        output,
        f"Installing the locked packages for {target}",
        "rarely-built==1.5",
        f"has a wheel for CPython 3.14 on {target}",
    )


def _project_with(requirement: str, files: Sequence[Path], folder: Path) -> Path:
    """Copy the project, and let it depend on one package alone, locked to these files."""
    project = copy_project(folder)
    about = project / "pyproject.toml"
    lines = about.read_text(encoding="utf-8").splitlines()
    kept = [line for line in lines if not line.startswith("dependencies")]
    kept.insert(kept.index("[project]") + 1, f'dependencies = ["{requirement}"]')
    about.write_text("\n".join(kept), encoding="utf-8")
    hashes = " ".join(f"--hash=sha256:{digest.of_file(file)}" for file in files)
    (project / "requirements.lock").write_text(f"{requirement} {hashes}\n", encoding="utf-8")
    return project
