from __future__ import annotations

import hashlib
import os
import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from build_support.errors import BuildError, VerificationError
from build_support.trees.listing import (
    Entry,
    compare,
    digest,
    list_tree,
    parse_listing,
    quick_compare,
    write_listing,
)
from tests import unix

EMPTY = hashlib.sha256(b"").hexdigest()
TEXT = hashlib.sha256(b"text").hexdigest()


@pytest.fixture
def root(tmp_path: Path) -> Path:
    tree = tmp_path / "tree"
    (tree / "b/empty").mkdir(parents=True)
    (tree / "b/run").write_bytes(b"text")
    (tree / "b/run").chmod(0o755)
    (tree / "b.txt").write_bytes(b"")
    (tree / "b.txt").chmod(0o600)
    (tree / "a ü").write_bytes(b"text")
    (tree / "a ü").chmod(0o444)
    (tree / "link").symlink_to("b/run")
    (tree / "folder").symlink_to("b")
    (tree / "dead").symlink_to("no where")
    return tree


ENTRIES = [
    Entry("644", 4, TEXT, "a ü"),
    Entry("644", 0, EMPTY, "b.txt"),
    Entry("755", 4, TEXT, "b/run"),
    Entry("link", 0, "no where", "dead"),
    Entry("link", 0, "b", "folder"),
    Entry("link", 0, "b/run", "link"),
]
LISTING = (
    f"644\t4\t{TEXT}\ta ü\n"
    f"644\t0\t{EMPTY}\tb.txt\n"
    f"755\t4\t{TEXT}\tb/run\n"
    "link\t0\t->no where\tdead\n"
    "link\t0\t->b\tfolder\n"
    "link\t0\t->b/run\tlink\n"
)


def test_lists_files_and_links_in_the_order_of_their_bytes(root: Path) -> None:
    assert list_tree(root) == ENTRIES


def test_order_is_that_of_bytes(tmp_path: Path) -> None:
    names = ["Z", "a", "a-b", "a/b", "a.b", "é", "\U0001f40d", "\uffee"]
    for name in names:
        path = tmp_path / ("folder-" + name if name == "a" else name)
        path.parent.mkdir(exist_ok=True)
        path.touch()
    paths = [entry.path for entry in list_tree(tmp_path)]
    assert paths == sorted(paths, key=str.encode)
    assert len(paths) == len(names)


def test_leaves_out_what_is_excluded(root: Path) -> None:
    paths = [entry.path for entry in list_tree(root, {"b", "dead"})]
    assert paths == ["a ü", "b.txt", "folder", "link"]


def test_the_text_and_back(root: Path) -> None:
    text = write_listing(list_tree(root))
    assert text == LISTING
    assert parse_listing(text) == ENTRIES
    assert digest(text) == hashlib.sha256(LISTING.encode()).hexdigest()


def test_an_empty_folder(tmp_path: Path) -> None:
    assert write_listing(list_tree(tmp_path)) == ""
    assert parse_listing("") == []
    assert compare(tmp_path, [], content=True, modes=True) == []


def test_many_files(tmp_path: Path) -> None:
    for number in range(300):
        (tmp_path / str(number)).write_text(str(number))
    entries = list_tree(tmp_path)
    for entry in entries:
        assert entry.content == hashlib.sha256(entry.path.encode()).hexdigest()
    assert compare(tmp_path, entries, content=True, modes=True) == []


@pytest.mark.parametrize(
    "line",
    [
        "",
        "644",
        f"640\t4\t{TEXT}\ta",
        f"644\t-4\t{TEXT}\ta",
        f"644\t04\t{TEXT}\ta",
        f"644\t4\t{TEXT[:-1]}\ta",
        f"644\t4\t{TEXT.upper()}\ta",
        f"644\t4\t{TEXT}\t",
        f"644\t4\t{TEXT}\ta\tb",
        "link\t0\tb\ta",
        "link\t3\t->b\ta",
        "link\t0\t->\ta",
    ],
)
def test_a_damaged_listing(line: str) -> None:
    with pytest.raises(VerificationError) as caught:
        parse_listing(LISTING + line + "\n")
    assert "Line 7 " in caught.value.why


def test_a_listing_cut_short() -> None:
    with pytest.raises(VerificationError) as caught:
        parse_listing(LISTING[:-5])
    assert "Line 6 " in caught.value.why


def _append(name: str) -> Callable[[Path], None]:
    return lambda root: (root / name).write_bytes(b"more than before")  # type: ignore[return-value]


def _relink(root: Path) -> None:
    (root / "link").unlink()
    (root / "link").symlink_to("b.txt")


def _to_file(root: Path) -> None:
    (root / "link").unlink()
    (root / "link").write_bytes(b"")


def _to_link(root: Path) -> None:
    (root / "b.txt").unlink()
    (root / "b.txt").symlink_to("dead")


#: What is changed, what is said, and whether it shows without reading or without modes.
CHANGES: dict[str, tuple[Callable[[Path], object], str, bool]] = {
    "missing": (lambda root: (root / "a ü").unlink(), "a ü is missing", True),
    "missing link": (lambda root: (root / "dead").unlink(), "dead is missing", True),
    "longer": (_append("b.txt"), "b.txt has 16 bytes, not 0", True),
    "content": (
        lambda root: (root / "b/run").write_bytes(b"TEXT"),
        "b/run has another content",
        False,
    ),
    "mode": (lambda root: (root / "b/run").chmod(0o644), "b/run has mode 644, not 755", False),
    "other link": (_relink, "link is a link to b.txt, not to b/run", True),
    "file for a link": (_to_file, "link is no link any more", True),
    "link for a file": (_to_link, "b.txt is a link now", True),
}


@pytest.mark.parametrize(("change", "said", "quick"), CHANGES.values(), ids=CHANGES.keys())
def test_differences(change: Callable[[Path], object], said: str, quick: bool, root: Path) -> None:
    assert compare(root, ENTRIES, content=True, modes=True) == []
    assert quick_compare(root, ENTRIES) == []
    change(root)
    assert compare(root, ENTRIES, content=True, modes=True) == [said]
    assert quick_compare(root, ENTRIES) == ([said] if quick else [])
    assert compare(root, ENTRIES, content=False, modes=False) == ([said] if quick else [])


def test_every_difference_is_told_in_order(root: Path) -> None:
    (root / "0 new").touch()
    (root / "b/run").unlink()
    (root / "a ü").write_bytes(b"TEXT")
    assert compare(root, ENTRIES, content=True, modes=True) == [
        "0 new is not in the listing",
        "a ü has another content",
        "b/run is missing",
    ]


def test_what_is_excluded_is_not_new(root: Path) -> None:
    (root / "listing").touch()
    assert compare(root, ENTRIES, content=True, modes=True) == ["listing is not in the listing"]
    assert compare(root, ENTRIES, content=True, modes=True, exclude={"listing"}) == []


def test_the_quick_look_does_not_mind_new_files(root: Path) -> None:
    (root / "new").touch()
    assert quick_compare(root, ENTRIES) == []


def test_modes_and_times_that_do_not_matter(root: Path) -> None:
    (root / "a ü").chmod(0o666)
    (root / "b/run").chmod(0o500)
    os.utime(root / "b.txt", (0, 0))
    assert compare(root, ENTRIES, content=True, modes=True) == []


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes in folders here")
def test_a_pipe_is_refused(root: Path) -> None:
    unix.mkfifo(root / "pipe")
    with pytest.raises(BuildError, match="'pipe' cannot be part"):
        list_tree(root)
    assert list_tree(root, {"pipe"}) == ENTRIES


@pytest.mark.skipif(not hasattr(socket, "AF_UNIX"), reason="no sockets in folders here")
def test_a_socket_is_refused(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(root)  # the path of a socket must be short
    with socket.socket(unix.AF_UNIX) as open_socket:
        open_socket.bind("socket")
        with pytest.raises(BuildError, match="'socket' cannot be part"):
            list_tree(root)
        assert quick_compare(root, ENTRIES) == ["'socket' cannot be part of a bundle."]


@pytest.mark.skipif(os.name == "nt", reason="no such names here")
@pytest.mark.parametrize("name", [b"tab\there", b"line\nend", b"latin \xfc"])
def test_names_that_cannot_be_listed(name: bytes, root: Path) -> None:
    (root / os.fsdecode(name)).touch()
    with pytest.raises(BuildError, match="cannot be part of a bundle"):
        list_tree(root)


def test_a_link_to_a_name_that_cannot_be_listed(root: Path) -> None:
    (root / "odd").symlink_to("a\tb")
    with pytest.raises(BuildError, match="'odd' cannot be part"):
        list_tree(root)


def test_a_missing_folder(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        list_tree(tmp_path / "nowhere")
