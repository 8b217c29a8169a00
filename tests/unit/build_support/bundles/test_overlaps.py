from __future__ import annotations

import os
import random
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from build_support.bundles import packages
from build_support.bundles.overlaps import check_installed
from build_support.cache import Cache
from build_support.errors import ProjectError
from build_support.projects.requirements import LockedRequirement, read_lock
from build_support.target import TARGETS, Target, host_target
from build_support.trees import listing
from build_support.trees.bytecode import Compiler
from build_support.trees.records import differing_files, read_records
from tests.wheels import lock_line, make_pure_wheel

LINUX = TARGETS["linux-x86_64"]
#: Three distributions that share files: equal ones, and ones of which only one can be kept.
_SHARED: dict[str, dict[str, str | bytes]] = {
    "alpha": {"alpha.py": "", "tests/__init__.py": "# alpha\n", "space/a.py": "", "same.txt": "x"},
    "beta": {"beta.py": "", "tests/__init__.py": "# beta\n", "space/b.py": "", "same.txt": "x"},
    "gamma": {
        "gamma.py": "",
        "tests/__init__.py": "# gamma\n",
        "tests/test_x.py": "",
        "gamma-1.data/data/share/x.txt": "gamma",
        "gamma-1.data/scripts/tool": "#!python\n",
        "gamma-1.data/headers/gamma.h": "gamma",
        "gamma-1.data/platlib/space/g.py": "",
        "gamma-1.dist-info/entry_points.txt": "[console_scripts]\nsame = gamma:main\n",
    },
    "delta": {
        "share/x.txt": "delta",
        "delta.pth": "import sys\n",
        "delta-1.dist-info/entry_points.txt": "[console_scripts]\nsame = delta:main\n",
    },
}
WINNERS = {"tests/__init__.py": b"# gamma\n", "share/x.txt": b"gamma", "same.txt": b"x"}
Lock = Callable[..., tuple[LockedRequirement, ...]]


@pytest.fixture
def wheels(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that uv takes wheels from, and nothing else."""
    folder = tmp_path / "wheels"
    folder.mkdir()
    for name, value in {
        "UV_FIND_LINKS": str(folder),
        "UV_NO_INDEX": "1",
        "UV_OFFLINE": "1",
        "UV_CACHE_DIR": str(tmp_path / "uv"),
    }.items():
        monkeypatch.setenv(name, value)
    return folder


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Path]:
    """Return a function that makes a tree of wheels for a target, each time from nothing."""
    monkeypatch.setattr(packages, "compile_trees", lambda *_, **__: None)
    made: list[Path] = []

    def install(
        *wheels: Path, target: Target = LINUX, warn: Callable[[str], None] = lambda _: None
    ) -> Path:
        made.append(tmp_path / f"made-{len(made)}")
        made[-1].mkdir()
        file = made[-1] / "requirements.lock"
        file.write_text("".join(f"{lock_line(wheel)}\n" for wheel in wheels))
        tree = packages.install_packages(
            read_lock(file),
            target,
            languages=None,
            compiler=Compiler("3.14", lambda: Path("python")),
            cache=Cache(made[-1] / "cache"),
            warn=warn,
        )
        return tree / "packages"

    return install


def _make_shared(folder: Path) -> list[Path]:
    return [make_pure_wheel(folder, name, files) for name, files in _SHARED.items()]


def test_overlapping_distributions_give_the_same_bytes_in_any_order(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, install: Callable[..., Path]
) -> None:
    """The installer here goes through the lock in a random order, one file after another."""
    wheels = {wheel.name.partition("-")[0]: wheel for wheel in _make_shared(tmp_path)}
    random_order = random.Random(0)

    def unpack(lock: Sequence[LockedRequirement], _: Target, folder: Path) -> None:
        members = [(entry.name, name) for entry in lock for name in _names(wheels[entry.name])]
        random_order.shuffle(members)
        for owner, name in members:
            where = name.partition(".data/")[2].partition("/")[2] or name
            with zipfile.ZipFile(wheels[owner]) as archive:
                content = archive.read(name).replace(f"{owner}-1.data/data/".encode(), b"")
            (folder / where).parent.mkdir(parents=True, exist_ok=True)
            (folder / where).unlink(missing_ok=True)
            (folder / where).write_bytes(content)

    monkeypatch.setattr(packages, "_install", unpack)
    shipped = [wheels[name] for name in ("alpha", "beta", "delta")]
    gamma = {"gamma.py": "", "tests/__init__.py": "# gamma\n", "share/x.txt": "gamma"}
    wheels["gamma"] = make_pure_wheel(tmp_path, "gamma", gamma)
    trees = [install(*shipped, wheels["gamma"]) for _ in range(25)]
    assert len({listing.write_listing(listing.list_tree(tree)) for tree in trees}) == 1
    for path, content in WINNERS.items():
        assert (trees[0] / path).read_bytes() == content


def _names(wheel: Path) -> list[str]:
    with zipfile.ZipFile(wheel) as archive:
        return archive.namelist()


def test_uv_gives_the_same_bytes_every_time(wheels: Path, install: Callable[..., Path]) -> None:
    made = _make_shared(wheels)
    warnings: list[str] = []
    trees = [install(*made, warn=warnings.append) for _ in range(5)]
    assert len(set(warnings)) == 1
    for path in ("tests/__init__.py", "share/x.txt"):
        assert path in warnings[0]
    assert "same.txt" not in warnings[0]
    assert len({listing.write_listing(listing.list_tree(tree)) for tree in trees}) == 1
    for path, content in WINNERS.items():
        assert (trees[0] / path).read_bytes() == content
    assert not (trees[0] / "bin").exists()
    assert {path.name for path in (trees[0] / "space").iterdir()} == {"a.py", "b.py", "g.py"}
    records = read_records(trees[0])
    assert not list(differing_files(trees[0], records))
    owners = [info for info, rows in records.items() for row in rows if row.path in "share/x.txt"]
    assert owners == ["gamma-1.dist-info"]


def test_settling_does_not_change_the_cache_of_uv(
    tmp_path: Path, wheels: Path, install: Callable[..., Path]
) -> None:
    made = _make_shared(wheels)
    install(*made)
    before = {path: path.read_bytes() for path in (tmp_path / "uv").rglob("*.py")}
    install(*made)
    assert before
    assert {path: path.read_bytes() for path in before} == before


def test_odd_content_is_installed_the_same_way_every_time(
    wheels: Path, install: Callable[..., Path]
) -> None:
    odd = make_pure_wheel(
        wheels,
        "odd",
        {
            "odd/__init__.py": "",
            "odd/__pycache__/__init__.cpython-314.pyc": b"old",
            "odd/only_bytecode.pyc": b"kept",
            "odd/größe, b.txt": "x",
            "odd/program": b"\x7fELF",
            "odd-1.dist-info/INSTALLER": "pip\n",
            "odd-1.dist-info/REQUESTED": "",
            "odd-1.dist-info/direct_url.json": "{}",
            "odd-1.dist-info/METADATA": b"Metadata-Version: 2.1\nName: odd\nVersion: 1\nX: \xe9\n",
        },
        unlisted={"odd/unlisted.txt": b"u"},
        rows=["odd/__init__.py,,", "odd/gone.py,sha256=abc,3", "../../etc/passwd,,", "/etc/x,,"],
    )
    trees = [install(odd) for _ in range(2)]
    assert len({listing.write_listing(listing.list_tree(tree)) for tree in trees}) == 1
    rows = read_records(trees[0])["odd-1.dist-info"]
    paths = [row.path for row in rows]
    assert paths == sorted(set(paths))
    assert {"odd/only_bytecode.pyc", "odd/größe, b.txt", "odd/unlisted.txt"} <= set(paths)
    assert not {"odd/gone.py", "../../etc/passwd", "/etc/x"} & set(paths)
    assert not (trees[0] / "odd" / "__pycache__").exists()


def test_a_member_that_leads_out_is_not_written(
    tmp_path: Path, wheels: Path, install: Callable[..., Path]
) -> None:
    outside = tmp_path / "outside.txt"
    bad = make_pure_wheel(
        wheels,
        "bad",
        {"bad.py": ""},
        unlisted={"../outside.txt": b"x", "../../../outside.txt": b"x", str(outside): b"x"},
    )
    install(bad)
    assert not outside.exists()
    assert not list(tmp_path.glob("made-*/**/outside.txt"))


def test_a_package_called_bin_keeps_its_modules(wheels: Path, install: Callable[..., Path]) -> None:
    odd = make_pure_wheel(
        wheels,
        "odd",
        {
            "bin/__init__.py": "",
            "bin/run.py": "#!/usr/bin/env python\n",
            "bin/table.txt": "x",
            "odd-1.data/scripts/tool": "#!python\n",
            "odd-1.dist-info/entry_points.txt": "[console_scripts]\nstart = bin:main\n",
        },
    )
    tree = install(odd)
    assert {path.name for path in (tree / "bin").iterdir()} == {
        "__init__.py",
        "run.py",
        "table.txt",
    }
    assert not list(differing_files(tree, read_records(tree)))


def test_modules_in_a_folder_called_bin_stay_without_being_a_package(
    wheels: Path, install: Callable[..., Path]
) -> None:
    odd = make_pure_wheel(
        wheels,
        "odd",
        {
            "Scripts/module.py": "",
            "bin/module.py": "",
            "bin/deep/other.py": "",
            "odd-1.data/scripts/tool.py": "#!python\nprint()\n",
            "odd-1.data/scripts/native": b"\x7fELF",
            "odd-1.dist-info/entry_points.txt": "[console_scripts]\nstart = bin:main\n",
        },
    )
    tree = install(odd)
    found = {path.relative_to(tree).as_posix() for path in tree.rglob("*.py")}
    assert found == {"Scripts/module.py", "bin/module.py", "bin/deep/other.py"}
    assert not (tree / "bin" / "native").exists()


def test_content_that_is_not_what_the_record_says_is_refused(
    tmp_path: Path, wheels: Path, install: Callable[..., Path]
) -> None:
    wheel = make_pure_wheel(wheels, "plain", {"plain.py": "x = 1\n", "other.py": ""})
    install(wheel)
    (cached,) = (tmp_path / "uv").rglob("plain.py")
    cached.write_text("x = 2\n")  # as an editor does in an environment that is linked to it
    with pytest.raises(ProjectError) as caught:
        install(wheel)
    assert "plain.py" in caught.value.why
    assert "other.py" not in caught.value.why
    assert "uv cache clean plain" in caught.value.hint


def test_a_wheel_whose_record_is_wrong_is_refused(
    wheels: Path, install: Callable[..., Path]
) -> None:
    wrong = {"plain.py": "sha256=47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU"}
    wheel = make_pure_wheel(wheels, "plain", {"plain.py": "x = 1\n"}, hashes=wrong)
    with pytest.raises(ProjectError) as caught:
        install(wheel)
    assert "plain.py" in caught.value.why


@pytest.mark.skipif(os.name == "nt", reason="its file systems cannot hold these")
@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("Space/a.py", "space/b.py"),
        ("x/Read.txt", "x/READ.txt"),
        ("x/stra\u00dfe.txt", "x/strasse.txt"),
        ("x/e\u0301.txt", "x/\u00e9.txt"),
    ],
)
def test_names_that_differ_in_case_only_are_refused_where_they_are_equal(
    tmp_path: Path, first: str, second: str
) -> None:
    for name, path in {"a": first, "b": second}.items():
        _unpack(tmp_path, make_pure_wheel(tmp_path, name, {path: "x"}))
    if host_target().system == "linux":
        check_installed(tmp_path / "packages", LINUX)
    for other in ("windows-x86_64", "macos-arm64"):
        with pytest.raises(ProjectError) as caught:
            check_installed(tmp_path / "packages", TARGETS[other])
        assert first.partition("/")[0] in caught.value.why


@pytest.mark.skipif(os.name == "nt", reason="its file systems cannot hold these")
@pytest.mark.parametrize("name", ["x/aux.py", "x/a:b.txt", "x/dot.", "con/y.py", "x/what?.txt"])
def test_names_that_windows_cannot_hold_are_refused_for_it(tmp_path: Path, name: str) -> None:
    _unpack(tmp_path, make_pure_wheel(tmp_path, "a", {name: "x"}))
    check_installed(tmp_path / "packages", LINUX)
    with pytest.raises(ProjectError) as caught:
        check_installed(tmp_path / "packages", TARGETS["windows-x86_64"])
    assert name in caught.value.why


@pytest.mark.parametrize("record", [b"caf\xe9.py,,\n", b'"x.py,,\n'])
def test_a_record_that_cannot_be_read_is_an_error_of_the_lock(
    tmp_path: Path, record: bytes
) -> None:
    folder = tmp_path / "x-1.dist-info"
    folder.mkdir()
    (folder / "RECORD").write_bytes(record)
    with pytest.raises(ProjectError) as caught:
        check_installed(tmp_path, LINUX)
    assert "x-1" in caught.value.what


def _unpack(folder: Path, wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder / "packages")
