from __future__ import annotations

from pathlib import Path

import pytest
from packaging.requirements import Requirement

from build_support.errors import ProjectError
from build_support.projects.requirements import (
    LockedRequirement,
    applies,
    check_agreement,
    join,
    read_lock,
    render,
)
from build_support.target import TARGETS, Target

ROOT = Path(__file__).resolve().parents[4]
LINUX, WINDOWS = TARGETS["linux-x86_64"], TARGETS["windows-x86_64"]
A, B = "a" * 64, "b" * 64
HASH = f"--hash=sha256:{A}"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "requirements.lock"


def _lock(file: Path, text: str | bytes) -> tuple[LockedRequirement, ...]:
    file.write_bytes(text.encode() if isinstance(text, str) else text)
    return read_lock(file)


def _entries(*lines: str) -> tuple[LockedRequirement, ...]:
    return tuple(LockedRequirement(Requirement(line), (HASH,)) for line in lines)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", []),
        ("# only a comment\n\n", []),
        (f"django==6.1.3 {HASH}\n", ["django==6.1.3"]),
        (f"django==6.1.3 {HASH}", ["django==6.1.3"]),
        (f"django==6.1.3 \\\n    {HASH}\n", ["django==6.1.3"]),
        (f"django==6.1.3 \\\r\n    {HASH}\r\n", ["django==6.1.3"]),
        (f"\ufeffdjango==6.1.3 {HASH}\n", ["django==6.1.3"]),
        (f"django==6.1.3 \\\n    {HASH}\n    # via notes\n", ["django==6.1.3"]),
        (f"django==6.1.3 \\\n    # via notes\n    {HASH}\n", ["django==6.1.3"]),
        (f"django==6.1.3 {HASH}  # via \\\n", ["django==6.1.3"]),
        (f"django==6.1.3 {HASH} # see --hash=sha256:{B}\n", ["django==6.1.3"]),
        (
            f"# a\ndjango==6.1.3 {HASH}\n\n# b\nasgiref==3.9 {HASH}\n",
            ["django==6.1.3", "asgiref==3.9"],
        ),
        (
            f"tzdata==2026.6 ; sys_platform == 'win32' \\\n {HASH}",
            ['tzdata==2026.6; sys_platform == "win32"'],
        ),
        (f"django[argon2]==6.1.3 {HASH}", ["django[argon2]==6.1.3"]),
        (f"x == 1.0+local {HASH}", ["x==1.0+local"]),
        (f"x==1.0\t{HASH}", ["x==1.0"]),
        (f"x==1.0 \\\n\\\n{HASH}", ["x==1.0"]),
    ],
)
def test_reads_what_pip_and_uv_write(file: Path, text: str, expected: list[str]) -> None:
    found = _lock(file, text)
    assert [str(entry.requirement) for entry in found] == expected
    assert all(entry.hashes == (HASH,) for entry in found)


def test_all_hashes_are_kept(file: Path) -> None:
    (entry,) = _lock(file, f"x==1 \\\n    {HASH} \\\n    --hash=sha256:{B}\n")
    assert entry.hashes == (HASH, f"--hash=sha256:{B}")
    assert (entry.name, str(entry.version)) == ("x", "1")


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("django==6.1.3", "no --hash"),
        ("django==6.1.3 --hash=sha512:" + "c" * 128, "no --hash"),
        ("django==6.1.3 --hash=sha256:abc", "no --hash"),
        (f"django==6.1.3  # {HASH}", "no --hash"),
        (f"django {HASH}", "not pinned"),
        (f"django>=6.1 {HASH}", "not pinned"),
        (f"django==6.1.* {HASH}", "not pinned"),
        (f"django===6.1.3 {HASH}", "not pinned"),
        (f"django==6.1.3,<7 {HASH}", "not pinned"),
        (f"django~=6.1.3 {HASH}", "not pinned"),
        (f"django @ https://example.org/django.whl {HASH}", "address"),
        (f"django @ file:///tmp/django.whl {HASH}", "address"),
        (f"https://example.org/django.whl {HASH}", ""),
        (f"./django.whl {HASH}", ""),
        (f"django==six {HASH}", ""),
        ("--index-url https://example.org/simple", "Options"),
        ("-r other.txt", "Options"),
        ("-e .", "Options"),
        ("--find-links=wheels", "Options"),
        ("--require-hashes", "Options"),
    ],
)
def test_what_is_not_pinned_and_hashed_is_refused_by_its_line(
    file: Path, line: str, why: str
) -> None:
    with pytest.raises(ProjectError) as caught:
        _lock(file, f"# first\nasgiref==3.9 \\\n    {HASH}\n{line}\n")
    assert f"{file}, line 4:" in caught.value.what
    assert why in caught.value.why
    assert caught.value.why
    # What it asks for is not written over a list that is no lock.
    assert f"-o {file.name}" in caught.value.hint


@pytest.mark.parametrize(
    "line",
    [
        "--index-url https://me:secret@example.org/simple",
        f"django @ https://me:secret@example.org/django.whl {HASH}",
        "https://me:secret@example.org/django.whl",
    ],
)
def test_a_password_in_a_lock_is_not_shown(file: Path, line: str) -> None:
    with pytest.raises(ProjectError) as caught:
        _lock(file, line)
    assert "secret" not in str(caught.value)


def test_a_missing_lock_says_how_to_write_it(file: Path) -> None:
    with pytest.raises(ProjectError) as caught:
        read_lock(file)
    assert str(file) in caught.value.what
    assert f"--generate-hashes -o {file.name}" in caught.value.hint


def test_a_lock_in_another_encoding_is_named(file: Path) -> None:
    # What `>` of PowerShell writes.
    with pytest.raises(ProjectError, match="UTF-8"):
        _lock(file, f"django==6.1.3 {HASH}\n".encode("utf-16"))


@pytest.mark.parametrize("name", ["requirements.lock", "src/djdesk_runtime/requirements.lock"])
def test_our_own_locks_can_be_read_and_written(file: Path, name: str) -> None:
    lock = read_lock(ROOT / name)
    assert lock
    assert _lock(file, render(lock)) == lock


@pytest.mark.parametrize(
    ("lock", "dependencies"),
    [
        (["django==6.1.3", "asgiref==3.9"], ["django>=6.1,<6.2"]),
        (["django==6.1.3"], ["Django"]),
        (["zope-interface==7.0"], ["Zope_Interface>=6"]),
        (["Zope.Interface==7.0"], ["zope-interface"]),
        (["django==6.1.3"], ["django[argon2]>=6"]),
        (["django==6.2rc1"], ["django>=6.2a1"]),
        (["django==6.2rc1"], ["django<7"]),
        (["x==1.0"], []),
        # Nothing that is shipped needs it, and so a lock for 3.14 has no line for it.
        ([], ["tomli ; python_version < '3.11'", "pypiwin32 ; sys_platform == 'os2'"]),
        (["pywin32==311 ; sys_platform == 'win32'"], ["pywin32 ; sys_platform == 'win32'"]),
        # A universal lock may pin a version for each system, in any order.
        (
            ["numpy==3 ; sys_platform != 'win32'", "numpy==2 ; sys_platform == 'win32'"],
            ["numpy>=3 ; sys_platform != 'win32'", "numpy<3 ; sys_platform == 'win32'"],
        ),
    ],
)
def test_a_lock_that_agrees(lock: list[str], dependencies: list[str], file: Path) -> None:
    check_agreement(_entries(*lock), map(Requirement, dependencies), file=file)


@pytest.mark.parametrize(
    ("lock", "dependency", "words"),
    [
        (["asgiref==3.9"], "django>=6.1", "django>=6.1 is not in it"),
        ([], "django", "django is not in it"),
        (["django==6.0.9"], "django>=6.1", "pins django 6.0.9, not django>=6.1"),
        (["django==6.1.3"], "Django!=6.1.3", "pins django 6.1.3"),
        (["django==6.1.3"], "django[argon2]>=6.2", "pins django 6.1.3"),
        (["tzdata==1 ; sys_platform == 'win32'"], "tzdata", "not in it for linux"),
        (
            ["numpy==3 ; sys_platform != 'win32'", "numpy==2 ; sys_platform == 'win32'"],
            "numpy>=3",
            "pins numpy 2",
        ),
    ],
)
def test_a_lock_that_does_not_agree(
    lock: list[str], dependency: str, words: str, file: Path
) -> None:
    with pytest.raises(ProjectError) as caught:
        check_agreement(_entries(*lock), [Requirement(dependency)], file=file)
    assert str(file) in caught.value.what
    assert words in caught.value.why
    assert "uv pip compile" in caught.value.hint


def test_joining_adds_what_the_project_does_not_have() -> None:
    project = _entries("whitenoise==6.9", "Django==6.1.3")
    runtime = _entries("waitress==3.0", "WhiteNoise==6.11", "platformdirs==4.3")
    joined = join(iter(project), iter(runtime), LINUX)
    assert [str(entry.requirement) for entry in joined] == [
        "Django==6.1.3",
        "platformdirs==4.3",
        "waitress==3.0",
        "whitenoise==6.9",
    ]


@pytest.mark.parametrize(
    ("target", "expected"), [(LINUX, ["a==1", "b==1", "c==1"]), (WINDOWS, ["a==1", "b==2", "d==1"])]
)
def test_joining_takes_what_a_target_has_a_use_for_in_the_order_of_names(
    target: Target, expected: list[str]
) -> None:
    project = ["b==2 ; os_name == 'nt'", "b==1 ; os_name == 'posix'", "a==1"]
    runtime = ["d==1 ; os_name == 'nt'", "c==1 ; os_name != 'nt'", "b==9"]
    for order in (iter, reversed):
        joined = join(_entries(*order(project)), _entries(*order(runtime)), target)
        assert [str(entry.requirement).split(";")[0] for entry in joined] == expected


@pytest.mark.parametrize(("target", "version"), [(LINUX, "2"), (WINDOWS, "1")])
def test_the_runtime_s_entry_holds_where_the_project_s_is_for_others(
    target: Target, version: str
) -> None:
    project = _entries("waitress==1 ; sys_platform == 'win32'")
    (entry,) = join(project, _entries("waitress==2"), target)
    assert str(entry.version) == version


def test_an_entry_is_written_as_uv_and_pip_read_it() -> None:
    entry = LockedRequirement(Requirement("x==1 ; os_name=='nt'"), (HASH, f"--hash=sha256:{B}"))
    assert render([entry, entry]) == 2 * (
        f'x==1; os_name == "nt" \\\n    {HASH} \\\n    --hash=sha256:{B}\n'
    )


@pytest.mark.parametrize("name", TARGETS)
def test_a_marker_is_judged_for_the_target(name: str) -> None:
    assert applies(Requirement("x"), TARGETS[name])
    on_windows = applies(Requirement("x ; sys_platform == 'win32'"), TARGETS[name])
    assert on_windows == name.startswith("windows")
