from __future__ import annotations

import gzip
import io
import os
import stat
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest

from build_support.errors import ArchiveError
from build_support.target import TARGETS, Target
from build_support.trees.archive import FIXED_TIME, Limits, check_layout, extract
from build_support.trees.archive_policy import Policy
from tests import unix
from tests.archives import (
    Member,
    elf,
    file,
    folder,
    hard_link,
    install_only,
    link,
    make_install_only,
    members_of,
    native,
    universal_macho,
    write_archive,
)

LINUX = TARGETS["linux-x86_64"]
MakeTree = Callable[[str, dict[str, bytes]], Path]
EVERY_TARGET = [pytest.param(target, id=name) for name, target in TARGETS.items()]


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """Make the empty folder to extract into, with nothing else in the folder around it."""
    inner = tmp_path / "around" / "inner"
    inner.mkdir(parents=True)
    return inner


def refusal(archive: Path, place: Path, limits: Limits | None = None) -> ArchiveError:
    """Extract an archive that must be refused, and see that nothing got out of the folder."""
    before = sorted(place.parent.parent.rglob("*"))
    with pytest.raises(ArchiveError) as caught:
        extract(archive, place, limits=limits)
    outside = [path for path in place.parent.parent.rglob("*") if place not in path.parents]
    assert sorted(outside) == before
    assert caught.value.why
    assert caught.value.hint
    assert archive.name in caught.value.what
    return caught.value


@pytest.mark.parametrize("target", EVERY_TARGET)
def test_extracts_the_shape_of_every_target(target: Target, tmp_path: Path, place: Path) -> None:
    extract(make_install_only(tmp_path, target), place)
    assert [path.name for path in place.iterdir()] == ["python"]
    check_layout(place / "python", target)
    for member in install_only(target):
        if "terminfo" in member.name:
            continue
        path = place / member.name
        if member.type == tarfile.SYMTYPE:
            assert str(path.readlink()) == member.target
        else:
            assert path.read_bytes() == member.data


def test_modes_times_and_owners_are_normalised(tmp_path: Path, place: Path) -> None:
    members = [
        Member("python/bin", mode=0o2700, type=tarfile.DIRTYPE),
        file("python/bin/set-user", b"x", 0o4711),
        file("python/bin/writable", b"x", 0o666),
        file("python/bin/unreadable", b"x", 0o000),
        file("python/implied/sticky", b"x", 0o1640),
        link("python/bin/link", "set-user"),
        hard_link("python/bin/same", "python/bin/set-user"),
    ]
    archive = write_archive(tmp_path / "a.tar.gz", members)
    mask = os.umask(0o077)
    try:
        extract(archive, place)
    finally:
        os.umask(mask)
    modes = {path.name: stat.S_IMODE(path.lstat().st_mode) for path in place.rglob("*")}
    assert modes.pop("link")
    assert modes == {
        "python": 0o755,
        "bin": 0o755,
        "implied": 0o755,
        "set-user": 0o755,
        "same": 0o755,
        "writable": 0o644,
        "unreadable": 0o644,
        "sticky": 0o644,
    }
    assert {path.lstat().st_mtime for path in place.rglob("*")} == {FIXED_TIME}
    assert {path.lstat().st_uid for path in place.rglob("*")} == {unix.getuid()}


def test_a_hard_link_becomes_a_file_of_its_own(tmp_path: Path, place: Path) -> None:
    members = [file("python/a", b"text"), hard_link("python/b", "python/a")]
    extract(write_archive(tmp_path / "a.tar.gz", members), place)
    assert (place / "python/b").read_bytes() == b"text"
    assert (place / "python/a").stat().st_nlink == 1


def test_links_inside_the_tree_are_kept(tmp_path: Path, place: Path) -> None:
    members = [
        file("python/lib/real/x.py", b"x"),
        link("python/lib/alias", "real"),
        link("python/bin", "./lib/alias/../real"),
        link("python/lib/up", "../lib//real/x.py"),
        link("python/lib/dangling", "nowhere"),
    ]
    extract(write_archive(tmp_path / "a.tar.gz", members), place)
    assert (place / "python/bin/x.py").read_bytes() == b"x"
    assert (place / "python/lib/up").read_bytes() == b"x"


def test_terminfo_is_left_out_before_names_are_compared(tmp_path: Path, place: Path) -> None:
    extract(make_install_only(tmp_path, LINUX), place)
    assert not (place / "python/share/terminfo").exists()
    assert (place / "python/share/man").exists()


def test_what_is_left_out_counts_and_is_checked(tmp_path: Path, place: Path) -> None:
    many = [file(f"python/share/terminfo/a/{number}") for number in range(5)]
    archive = write_archive(tmp_path / "a.tar.gz", many)
    assert "4 allowed" in refusal(archive, place, Limits(members=4)).why
    outside = [file("python/share/terminfo/../../../../x")]
    assert "parent" in refusal(write_archive(tmp_path / "b.tar.gz", outside), place).why


UNSAFE: dict[str, tuple[list[Member], str]] = {
    "parent": ([file("python/../../escaped")], "parent"),
    "parent at the start": ([file("../escaped")], "parent"),
    "absolute": ([file("/escaped")], "absolute"),
    "absolute python": ([file("//python/x")], "absolute"),
    "drive": ([file("C:/escaped")], "absolute"),
    "drive without slash": ([file("c:escaped")], "absolute"),
    "share": ([file("\\\\server\\share")], "absolute"),
    "backslash": ([file("python/lib\\..\\..\\escaped")], "backslash"),
    "dot": ([file("./python/x")], "not below python/"),
    "empty component": ([file("python//x")], "not below python/"),
    "other root": ([file("python/x"), file("pythons/x")], "not below python/"),
    "case of the root": ([file("Python/x")], "not below python/"),
    "file as the root": ([file("python")], "is not a folder"),
    "link as the root": ([link("python", "elsewhere")], "is not a folder"),
    "link to a parent": ([link("python/a", "../../x")], "leaves the tree"),
    "link to beside the root": ([link("python/a", "../other")], "leaves the tree"),
    "link that returns": ([link("python/a", "../../inner/python/b")], "leaves the tree"),
    "absolute link": ([link("python/a", "/etc/passwd")], "no relative path"),
    "link to a drive": ([link("python/a", "C:\\Windows")], "no relative path"),
    "link with backslashes": ([link("python/a", "..\\..\\x")], "no relative path"),
    "link to a device of Windows": ([link("python/a", "lib/NUL")], "cannot be written"),
    "link to nothing": ([link("python/a", "")], "to nothing"),
    "chain of links": (
        [
            link("python/lib/one", "deep/two/.."),
            folder("python/lib/deep"),
            link("python/lib/deep/two", "../.."),
        ],
        "leaves the tree",
    ),
    "chain of links in other case": (
        [link("python/x/a", ".."), link("python/x/b", "A/../..")],
        "leaves the tree",
    ),
    "link to itself": ([link("python/a", "a")], "circle"),
    "two links to each other": ([link("python/a", "b"), link("python/b", "a")], "circle"),
    "write through a link": ([link("python/a", "lib"), file("python/a/x")], "written through"),
    "folder through a link": ([link("python/a", "."), folder("python/a/x")], "written through"),
    "write through a file": ([file("python/a"), file("python/a/x")], "written through"),
    "link in the place of a folder": ([file("python/a/x"), link("python/a", "b")], "twice"),
    "hard link outside": ([hard_link("python/a", "/etc/passwd")], "no file before it"),
    "hard link to a parent": ([hard_link("python/a", "python/../../x")], "no file before it"),
    "hard link to later": (
        [hard_link("python/a", "python/b"), file("python/b")],
        "no file before it",
    ),
    "hard link to a link": (
        [link("python/b", "c"), hard_link("python/a", "python/b")],
        "no file before it",
    ),
    "device": ([Member("python/a", type=tarfile.CHRTYPE)], "device"),
    "block device": ([Member("python/a", type=tarfile.BLKTYPE)], "device"),
    "pipe": ([Member("python/a", type=tarfile.FIFOTYPE)], "pipe"),
    "contiguous file": ([Member("python/a", type=tarfile.CONTTYPE)], "rarer"),
    "unknown type": ([Member("python/a", type=b"Z")], "rarer"),
    "same file twice": ([file("python/a"), file("python/a")], "twice"),
    "file and folder": ([file("python/a"), folder("python/a")], "written through"),
    "case": ([file("python/lib/Readme"), file("python/lib/README")], "same as"),
    "case of a folder": ([file("python/lib/x"), file("python/LIB/y")], "same as"),
    "case of sharp s": ([file("python/straße"), file("python/STRASSE")], "same as"),
    "normal forms": ([file("python/\u00fc"), file("python/u\u0308")], "same as"),
    "device of Windows": ([file("python/lib/aux.py")], "device on Windows"),
    "numbered device of Windows": ([file("python/com1.tar.gz")], "device on Windows"),
    "trailing dot": ([file("python/lib./x")], "dot or a space"),
    "trailing space": ([file("python/x ")], "dot or a space"),
    "colon": ([file("python/x:stream")], "Windows does not allow"),
    "question mark": ([file("python/x?")], "Windows does not allow"),
    "control character": ([file("python/x\ny")], "control character"),
    "not UTF-8": ([file("python/x\udcff")], "not UTF-8"),
    "long component": ([file("python/" + "é" * 128)], "255 bytes"),
    "long path": ([file("python/" + "long/" * 50 + "x")], "240 characters"),
}


@pytest.mark.parametrize(("members", "why"), UNSAFE.values(), ids=UNSAFE.keys())
def test_refuses_unsafe_members(
    members: list[Member], why: str, tmp_path: Path, place: Path
) -> None:
    error = refusal(write_archive(tmp_path / "bad.tar.gz", members), place)
    assert "not safe" in error.what
    assert why in error.why


def test_the_error_names_the_member(tmp_path: Path, place: Path) -> None:
    members = [file("python/good"), file("python/bad?"), file("python/later")]
    error = refusal(write_archive(tmp_path / "bad.tar.gz", members), place)
    assert "'python/bad?'" in error.why
    assert not (place / "python/bad?").exists()
    chain = [link("python/wrong", "../x"), file("python/last")]
    other = place / "other"
    other.mkdir()
    assert "'python/wrong'" in refusal(write_archive(tmp_path / "c.tar.gz", chain), other).why


def test_a_folder_may_be_listed_twice(tmp_path: Path, place: Path) -> None:
    members = [file("python/a/x"), folder("python/a"), folder("python/a")]
    extract(write_archive(tmp_path / "a.tar.gz", members), place)


LIMITS: dict[str, tuple[Limits, str]] = {
    "members": (Limits(members=3), "3 allowed"),
    "member": (Limits(member=999), "999 are allowed"),
    "total": (Limits(total=2500), "2,500 bytes allowed"),
    "path": (Limits(path=8), "8 characters"),
}


@pytest.mark.parametrize(("limits", "why"), LIMITS.values(), ids=LIMITS.keys())
def test_limits(limits: Limits, why: str, tmp_path: Path, place: Path) -> None:
    members = [file(f"python/{number}", bytes(1000)) for number in range(3)]
    members += [file("python/long", b"")]
    archive = write_archive(tmp_path / "a.tar.gz", members)
    assert why in refusal(archive, place, limits).why
    again = place.parent / "again"
    again.mkdir()
    extract(archive, again, limits=Limits(members=4, member=1000, total=3000, path=11))


def test_hard_links_count_as_what_they_become(tmp_path: Path, place: Path) -> None:
    members = [file("python/a", bytes(1000))]
    members += [hard_link(f"python/{number}", "python/a") for number in range(5)]
    error = refusal(write_archive(tmp_path / "a.tar.gz", members), place, Limits(total=5000))
    assert "'python/4'" in error.why


def test_a_bomb_is_not_unpacked(tmp_path: Path, place: Path) -> None:
    archive = tmp_path / "bomb.tar.gz"
    write_archive(archive, [file("python/zeros", bytes(40_000_000))])
    assert archive.stat().st_size < 200_000
    assert "200:1" in refusal(archive, place).why
    assert sum(path.stat().st_size for path in place.rglob("zeros")) < 40_000_000


def test_a_header_bomb_is_not_read(tmp_path: Path, place: Path) -> None:
    """A pax header of any length is read into memory as a whole by tarfile."""
    header = tarfile.TarInfo("python/x")
    header.type, header.size = tarfile.XHDTYPE, 200_000_000
    noise = os.urandom(1_000_000)
    archive = tmp_path / "bomb.tar.gz"
    with gzip.open(archive, "wb", compresslevel=0) as stream:
        stream.write(header.tobuf(tarfile.PAX_FORMAT))
        for _ in range(4):
            stream.write(noise)
    error = refusal(archive, place)
    assert "no member" in error.why


def _spoil(change: Callable[[bytes], bytes]) -> Callable[[bytes], bytes]:
    """Change what is inside, and compress it again."""
    return lambda data: gzip.compress(change(gzip.decompress(data)), 1)


def _flip(data: bytes, place: int) -> bytes:
    return data[:place] + bytes([data[place] ^ 0xFF]) + data[place + 1 :]


DAMAGE: dict[str, Callable[[bytes], bytes]] = {
    "empty file": lambda _: b"",
    "no gzip": lambda _: b"<html>Not found</html>" * 100,
    "empty gzip": lambda _: gzip.compress(b""),
    "empty tar": lambda _: gzip.compress(bytes(10240)),
    "no tar": lambda _: gzip.compress(b"text" * 5000),
    "first half": lambda data: data[: len(data) // 2],
    "last byte missing": lambda data: data[:-1],
    "checksum missing": lambda data: data[:-8],
    "checksum wrong": lambda data: _flip(data, len(data) - 6),
    "compressed data wrong": lambda data: _flip(data, len(data) // 2),
    "garbage behind": lambda data: data + b"garbage",
    "tar cut in a file": _spoil(lambda data: data[:3500]),
    "tar without an end": _spoil(lambda data: data.rstrip(b"\0") + bytes(300)),
    "tar cut at a member": _spoil(lambda data: data[: data.index(b"python/c")]),
    "header wrong": _spoil(lambda data: _flip(data, data.index(b"python/b"))),
    "header blank": _spoil(
        lambda data: (
            data[: data.index(b"python/b")] + bytes(512) + data[data.index(b"python/b") + 512 :]
        )
    ),
    "garbage in the tar": _spoil(lambda data: data[:-1] + b"x"),
    "negative size": _spoil(lambda data: data.replace(b"00000001750", b"-0000001750")),
}


@pytest.mark.parametrize("damage", DAMAGE.values(), ids=DAMAGE.keys())
def test_refuses_damaged_archives(
    damage: Callable[[bytes], bytes], tmp_path: Path, place: Path
) -> None:
    names = ("python/a", "python/b", "python/c")
    noise = bytes(range(256)) * 4
    archive = write_archive(tmp_path / "bad.tar.gz", [file(name, noise[:1000]) for name in names])
    extract(archive, place.parent)
    for name in names:
        (place.parent / name).unlink()
    (place.parent / "python").rmdir()
    archive.write_bytes(damage(archive.read_bytes()))
    refusal(archive, place)


def test_the_checksum_is_read_where_a_read_ends_at_the_end(tmp_path: Path, place: Path) -> None:
    """A tar of five times 64 KiB: tarfile has all of it without reading to the checksum."""
    members = [file("python/noise", os.urandom(320_000))]
    archive = write_archive(tmp_path / "bad.tar.gz", members)
    data = archive.read_bytes()
    assert len(gzip.decompress(data)) == 5 * 65536
    archive.write_bytes(_flip(data, len(data) - 6))
    assert "CRC" in refusal(archive, place).why


def test_a_sparse_file_is_refused(tmp_path: Path, place: Path) -> None:
    archive = tmp_path / "sparse.tar.gz"
    info = tarfile.TarInfo("python/sparse")
    info.pax_headers = {"GNU.sparse.map": "0,4", "GNU.sparse.size": "400000000"}
    with tarfile.open(archive, "w:gz", format=tarfile.PAX_FORMAT) as tar:
        tar.addfile(info)
    assert "rarer" in refusal(archive, place).why


@pytest.mark.parametrize("name", ["../escaped", "python/../../escaped"])
def test_tarfile_checks_what_we_should_have_refused(
    name: str, tmp_path: Path, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def admit_everything(self: Policy, member: tarfile.TarInfo) -> str:
        return "file"

    monkeypatch.setattr(Policy, "admit", admit_everything)
    assert "outside" in refusal(write_archive(tmp_path / "bad.tar.gz", [file(name)]), place).why


def test_no_rights_to_create_links(
    tmp_path: Path, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def deny(self: Path, target: str) -> None:
        raise OSError(22, "A required privilege is not held by the client", str(self))

    monkeypatch.setattr(Path, "symlink_to", deny)
    with pytest.raises(ArchiveError) as caught:
        extract(make_install_only(tmp_path, LINUX), place)
    assert "Developer Mode" in caught.value.hint
    assert "privilege" in caught.value.why


def test_a_full_disk_is_not_taken_for_a_damaged_archive(
    tmp_path: Path, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(self: Path, target: str) -> None:
        raise OSError(28, "No space left on device", str(self))

    monkeypatch.setattr(Path, "symlink_to", full)
    with pytest.raises(OSError, match="No space left"):
        extract(make_install_only(tmp_path, LINUX), place)


@pytest.fixture
def tree(tmp_path: Path) -> MakeTree:
    """Return a function that makes a target's tree with some files changed."""

    def make(name: str, changes: dict[str, bytes]) -> Path:
        where = tmp_path / "tree"
        where.mkdir()
        extract(make_install_only(tmp_path, TARGETS[name]), where)
        for path, data in changes.items():
            changed = where / "python" / path
            changed.parent.mkdir(parents=True, exist_ok=True)
            changed.unlink(missing_ok=True)
            changed.write_bytes(data)
        return where / "python"

    return make


@pytest.mark.parametrize("target", EVERY_TARGET)
@pytest.mark.parametrize("other", EVERY_TARGET)
def test_only_the_right_system_and_processor(target: Target, other: Target, tree: MakeTree) -> None:
    python = tree(target.name, {str(target.layout.executable): native(other)})
    if target == other:
        check_layout(python, target)
    else:
        with pytest.raises(ArchiveError, match=f"no CPython for {target}") as caught:
            check_layout(python, target)
        assert f"for {other.system} on {other.machine}" in caught.value.why


@pytest.mark.parametrize(
    ("name", "missing"),
    [
        ("linux-x86_64", "bin/python3"),
        ("linux-x86_64", "lib/python3.14/os.py"),
        ("windows-x86_64", "python.exe"),
        ("windows-x86_64", "python314.dll"),
        ("windows-arm64", "Lib/os.py"),
        ("macos-arm64", "bin/python3.14"),
    ],
)
def test_something_is_missing(name: str, missing: str, tree: MakeTree) -> None:
    python = tree(name, {})
    (python / missing).unlink()
    with pytest.raises(ArchiveError, match=r"no CPython 3\.14"):
        check_layout(python, TARGETS[name])


def test_an_executable_outside_the_tree(tree: MakeTree, tmp_path: Path) -> None:
    python = tree("linux-x86_64", {})
    (tmp_path / "python3.14").write_bytes(elf("x86_64"))
    (python / "bin/python3").unlink()
    (python / "bin/python3").symlink_to("../../../python3.14")
    with pytest.raises(ArchiveError):
        check_layout(python, LINUX)


def test_a_script_stands_before_the_executable_of_option_b(tree: MakeTree) -> None:
    script = {"bin/python3.14": b"#!/bin/sh\nexec x\n"}
    behind = {"lib/runtime/python3.14": elf("x86_64")}
    check_layout(tree("linux-x86_64", script | behind), LINUX)


def test_a_script_alone_is_no_executable(tree: MakeTree) -> None:
    python = tree("linux-x86_64", {"bin/python3.14": b"#!/bin/sh\nexec x\n"})
    with pytest.raises(ArchiveError, match="no CPython for"):
        check_layout(python, LINUX)


def test_a_script_is_no_executable_of_macos(tree: MakeTree) -> None:
    changes = {"bin/python3.14": b"#!/bin/sh\n", "lib/runtime/python3.14": native(LINUX)}
    with pytest.raises(ArchiveError, match="no CPython for"):
        check_layout(tree("macos-arm64", changes), TARGETS["macos-arm64"])


def test_a_universal_executable_is_for_both_processors(tree: MakeTree) -> None:
    both = universal_macho(native(TARGETS["macos-arm64"]), native(TARGETS["macos-x86_64"]))
    python = tree("macos-arm64", {"bin/python3.14": both})
    check_layout(python, TARGETS["macos-arm64"])
    check_layout(python, TARGETS["macos-x86_64"])


def test_an_archive_around_a_folder(tmp_path: Path, place: Path, tree: MakeTree) -> None:
    python = tree("linux-x86_64", {})
    extract(write_archive(tmp_path / "again.tar.gz", members_of(python)), place)
    assert members_of(place / "python") == members_of(python)


def test_a_plain_tar_is_not_taken(tmp_path: Path, place: Path) -> None:
    archive = tmp_path / "plain.tar.gz"
    with tarfile.open(archive, "w:") as tar:
        tar.addfile(tarfile.TarInfo("python/x"), io.BytesIO())
    assert "damaged" in refusal(archive, place).what
