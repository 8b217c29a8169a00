"""A folder's files as one text: how big each is and what is inside.

One line for each file or symbolic link, in the order of the paths' bytes, fields separated by
tabs: mode (`644`, `755` or `link`), size in bytes, SHA-256 or `->` and the link's target, path
with `/`. Folders and times are not listed. Equal texts mean equal trees.
"""

from __future__ import annotations

import hashlib
import os
import re
import stat
from collections.abc import Collection, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from build_support import digest as digests
from build_support.errors import BuildError, VerificationError

LINK = "link"
_POINTS_TO = "->"
_LINE = re.compile(
    r"(?P<mode>644|755)\t(?P<size>0|[1-9][0-9]*)\t(?P<content>[0-9a-f]{64})\t(?P<path>[^\t]+)"
    r"|(?P<link>link)\t0\t->(?P<target>[^\t]+)\t(?P<name>[^\t]+)"
)
_UNLISTABLE = re.compile(r"[\x00-\x1f\x7f\x85\u2028\u2029\ud800-\udfff]")
_FILES_AT_ONCE = 64


@dataclass(frozen=True, slots=True)
class Entry:
    """A file, or a symbolic link (`mode` is `link`, `size` 0, `content` its target)."""

    mode: str
    size: int
    content: str
    path: str


def list_tree(root: Path, exclude: Collection[str] = ()) -> list[Entry]:
    """List everything below a folder, besides the paths in `exclude` and what is below them.

    Raises BuildError for what is neither file, folder nor link, and for names that are not
    UTF-8 or have control characters.
    """
    found = _found(root, exclude)
    digests_of = _hash_all(root, [path for path, item in found.items() if item.mode != LINK])
    return [
        Entry(item.mode, item.size, item.target or digests_of[path], path)
        for path, item in found.items()
    ]


def write_listing(entries: Sequence[Entry]) -> str:
    """Return the text of a listing."""
    return "".join(
        f"{entry.mode}\t{entry.size}\t{_POINTS_TO if entry.mode == LINK else ''}"
        f"{entry.content}\t{entry.path}\n"
        for entry in entries
    )


def parse_listing(text: str) -> list[Entry]:
    """Read the text of a listing. Raises VerificationError naming a line that is none."""
    lines = text.split("\n")
    if lines.pop():
        raise _not_a_listing(len(lines) + 1)
    entries: list[Entry] = []
    for number, line in enumerate(lines, start=1):
        match = _LINE.fullmatch(line)
        if match is None:
            raise _not_a_listing(number)
        if match["link"]:
            entries.append(Entry(LINK, 0, match["target"], match["name"]))
        else:
            size = int(match["size"])
            entries.append(Entry(match["mode"], size, match["content"], match["path"]))
    return entries


def digest(listing_text: str) -> str:
    """Return the SHA-256 of a listing, in hex: one number for a whole tree."""
    return hashlib.sha256(listing_text.encode()).hexdigest()


def compare(
    root: Path,
    entries: Sequence[Entry],
    *,
    content: bool,
    modes: bool,
    exclude: Collection[str] = (),
) -> list[str]:
    """Return how a folder differs from a listing, one sentence for each file, sorted by path.

    With `content` files are read, else only their sizes are looked at; with `modes` it counts
    whether a file may be run. Raises what `list_tree` raises.
    """
    found = _found(root, exclude)
    listed = {entry.path: entry for entry in entries}
    differences = dict.fromkeys(listed.keys() - found.keys(), "is missing")
    differences |= dict.fromkeys(found.keys() - listed.keys(), "is not in the listing")
    for path in listed.keys() & found.keys():
        if wrong := _difference(listed[path], found[path], modes=modes):
            differences[path] = wrong
    if content:
        same = [
            entry.path for entry in entries if entry.path not in differences and entry.mode != LINK
        ]
        for path, found_digest in _hash_all(root, same).items():
            if found_digest != listed[path].content:
                differences[path] = "has another content"
    return [f"{path} {differences[path]}" for path in sorted(differences, key=os.fsencode)]


def quick_compare(root: Path, entries: Sequence[Entry]) -> list[str]:
    """Return which listed files are missing or of another size. Reads no file.

    What is there and not listed does not matter here.
    """
    try:
        found = _found(root, ())
    except BuildError as error:
        return [error.what]
    differences: list[str] = []
    for entry in entries:
        item = found.get(entry.path)
        wrong = "is missing" if item is None else _difference(entry, item, modes=False)
        if wrong:
            differences.append(f"{entry.path} {wrong}")
    return differences


@dataclass(frozen=True, slots=True)
class _Found:
    """What a folder holds under a path: as Entry, without the digest."""

    mode: str
    size: int
    target: str


def _difference(entry: Entry, found: _Found, *, modes: bool) -> str:
    if (entry.mode == LINK) != (found.mode == LINK):
        return "is a link now" if found.mode == LINK else "is no link any more"
    if entry.mode == LINK:
        same = entry.content == found.target
        return "" if same else f"is a link to {found.target}, not to {entry.content}"
    if entry.size != found.size:
        return f"has {found.size} bytes, not {entry.size}"
    if modes and entry.mode != found.mode:
        return f"has mode {found.mode}, not {entry.mode}"
    return ""


def _found(root: Path, exclude: Collection[str]) -> dict[str, _Found]:
    """Look at everything below a folder, in the order of the paths' bytes."""
    found = dict(_walk(str(root), "", frozenset(exclude)))
    return dict(sorted(found.items(), key=lambda item: os.fsencode(item[0])))


def _walk(folder: str, prefix: str, exclude: frozenset[str]) -> Iterator[tuple[str, _Found]]:
    with os.scandir(folder) as children:
        for child in children:
            path = prefix + child.name
            if path in exclude:
                continue
            if child.is_dir(follow_symlinks=False):
                yield from _walk(child.path, f"{path}/", exclude)
            else:
                yield path, _look(child, path)


def _look(child: os.DirEntry[str], path: str) -> _Found:
    if _UNLISTABLE.search(path):
        raise _not_listable(path, "its name is not UTF-8 or has control characters")
    if child.is_symlink():
        target = str(Path(child.path).readlink())
        if not target or _UNLISTABLE.search(target):
            raise _not_listable(path, "the target of the link has such a name")
        return _Found(LINK, 0, target.replace(os.sep, "/"))
    status = child.stat(follow_symlinks=False)
    if not stat.S_ISREG(status.st_mode):
        raise _not_listable(path, "it is a socket, a pipe or a device")
    return _Found("755" if status.st_mode & 0o111 else "644", status.st_size, "")


def _hash_all(root: Path, paths: Sequence[str]) -> dict[str, str]:
    """Return the digest of each path; hashing lets other threads run."""
    groups = [
        paths[start : start + _FILES_AT_ONCE] for start in range(0, len(paths), _FILES_AT_ONCE)
    ]

    def hash_group(group: Sequence[str]) -> list[str]:
        return [digests.of_file(root / path) for path in group]

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        results = [result for group in pool.map(hash_group, groups) for result in group]
    return dict(zip(paths, results, strict=True))


def _not_listable(path: str, why: str) -> BuildError:
    return BuildError(
        f"{path!r} cannot be part of a bundle.",
        why=f"{why[:1].upper()}{why[1:]}.",
        hint="Remove it.",
    )


def _not_a_listing(number: int) -> VerificationError:
    return VerificationError(
        "The listing of the bundle is damaged.",
        why=f"Line {number} is not one of a listing.",
        hint="Make the bundle again with: nox -s bundle -- --force",
    )
