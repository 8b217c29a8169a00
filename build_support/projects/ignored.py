"""What git ignores, as git itself says, or by the same rules where git cannot be asked."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath
from types import MappingProxyType
from typing import Protocol

import pathspec

from build_support.errors import ProjectError
from build_support.projects.git import ask_git
from build_support.projects.texts import read_text
from build_support.trees import portable_names

_LINK_MODE = "120000"
_SUBMODULE_MODE = "160000"


class IgnoreRules(Protocol):
    """Whether paths are ignored, and which of them are stand-ins that only the index knows."""

    #: The git objects of files that are symbolic links in the index, whatever they are on the disk.
    links: Mapping[str, str]
    #: Folders of submodules that were not fetched.
    empty_submodules: frozenset[str]

    def ignores(self, path: PurePosixPath, *, folder: bool) -> bool:
        """Whether a path, relative to the project, is ignored."""


def load_ignore_rules(root: Path) -> IgnoreRules:
    """Return the rules for a project's folder.

    Raises ProjectError for a .gitignore that cannot be read.
    """
    top, prefix = (ask_git(root, "rev-parse", f"--show-{what}") for what in ("toplevel", "prefix"))
    if top is None or prefix is None:
        return PatternRules(root, _find_repository(root))
    # A home folder may be a repository that ignores all but a few files: not the project's own.
    place = prefix.removesuffix("\n")
    if (
        place
        and ask_git(Path(top.removesuffix("\n")), "check-ignore", "-q", "--", place) is not None
    ):
        return PatternRules(root, None)
    rules = ListedRules()
    _list_repository(root, PurePosixPath(), rules)
    return rules


class ListedRules:
    """What git listed as tracked, or as neither tracked nor ignored. All else is ignored."""

    def __init__(self) -> None:
        self._files: set[str] = set()
        self._folders: set[str] = set()
        self.links: Mapping[str, str] = {}
        self.empty_submodules: frozenset[str] = frozenset()

    def ignores(self, path: PurePosixPath, *, folder: bool) -> bool:
        """Whether git listed neither a path nor anything below it."""
        return _same(path.as_posix()) not in (self._folders if folder else self._files)

    def add(self, path: PurePosixPath) -> None:
        """Note a path that is not ignored."""
        self._files.add(_same(path.as_posix()))
        for parent in path.parents:
            self._folders.add(_same(parent.as_posix()))

    def add_folder(self, path: PurePosixPath) -> None:
        """Note a folder that is not ignored, whatever is in it."""
        self._folders.add(_same(path.as_posix()))
        self.add(path)


def _list_repository(root: Path, below: PurePosixPath, rules: ListedRules) -> None:
    """Note what the repository of a folder does not ignore, and so on in those inside it."""
    folder = root / below
    staged = ask_git(folder, "ls-files", "-z", "--stage", "--", ".")
    others = ask_git(folder, "ls-files", "-z", "--others", "--exclude-standard", "--", ".")
    if staged is None or others is None:
        raise ProjectError(
            f"git cannot list the files in {folder}.",
            why="What git ignores is not shipped, so it has to be known.",
            hint=f"Look what it says: git -C {folder} ls-files",
        )
    inner: list[PurePosixPath] = []
    for mode, git_object, name in _entries(staged, others):
        path = below / name
        if mode == _SUBMODULE_MODE or name.endswith("/"):
            inner.append(path)
            rules.add_folder(path)
            continue
        rules.add(path)
        if mode == _LINK_MODE:
            rules.links = {**rules.links, path.as_posix(): git_object}
    for path in inner:
        if (root / path / ".git").exists():
            _list_repository(root, path, rules)
        elif (root / path).is_dir():
            content = [file.relative_to(root).as_posix() for file in (root / path).rglob("*")]
            rules.empty_submodules |= set() if content else {path.as_posix()}
            for name in content:
                rules.add(PurePosixPath(name))


def _entries(staged: str, others: str) -> Iterator[tuple[str, str, str]]:
    """Yield (mode, object, path) of what is in the index, and ("", "", path) of other files."""
    for entry in staged.split("\0"):
        if entry:
            about, _, name = entry.partition("\t")
            mode, git_object, _ = about.split(" ")
            yield mode, git_object, name
    yield from (("", "", name) for name in others.split("\0") if name)


class PatternRules:
    """The .gitignore files, .git/info/exclude and the user's file of the same kind.

    Without git nobody knows which files are tracked although a rule names them.
    """

    links: Mapping[str, str] = MappingProxyType({})
    empty_submodules: frozenset[str] = frozenset()

    def __init__(self, root: Path, repository: Path | None) -> None:
        self._top = repository or root
        self._prefix = PurePosixPath(root.relative_to(self._top).as_posix())
        self._specs: dict[PurePosixPath, pathspec.GitIgnoreSpec | None] = {}
        outer = _outer_files(repository) if repository else []
        self._outer = [_read_patterns(file) for file in outer if file.is_file()]
        folders = [folder for folder in (self._prefix, *self._prefix.parents) if folder.parts]
        if any(self._matches(folder, folder=True) for folder in folders):
            self._top, self._prefix, self._outer, self._specs = root, PurePosixPath(), [], {}

    def ignores(self, path: PurePosixPath, *, folder: bool) -> bool:
        """Whether the last pattern that matches a path ignores it."""
        return self._matches(self._prefix / path, folder=folder)

    def _matches(self, whole: PurePosixPath, *, folder: bool) -> bool:
        ignored = False
        for spec in self._outer:
            ignored = _decide(spec, whole.as_posix(), folder=folder, before=ignored)
        for base in reversed(whole.parents):
            spec_there = self._spec(base)
            if spec_there is not None:
                name = whole.relative_to(base).as_posix()
                ignored = _decide(spec_there, name, folder=folder, before=ignored)
        return ignored

    def _spec(self, base: PurePosixPath) -> pathspec.GitIgnoreSpec | None:
        if base not in self._specs:
            file = self._top / base / ".gitignore"
            self._specs[base] = _read_patterns(file) if file.is_file() else None
        return self._specs[base]


def _find_repository(root: Path) -> Path | None:
    return next((folder for folder in (root, *root.parents) if (folder / ".git").exists()), None)


def _outer_files(repository: Path) -> list[Path]:
    """Return the user's file and the repository's own, the stronger one last."""
    configuration = os.environ.get("XDG_CONFIG_HOME")
    home = Path(configuration) if configuration else Path("~/.config").expanduser()
    return [home / "git" / "ignore", _git_folder(repository) / "info" / "exclude"]


def _git_folder(repository: Path) -> Path:
    """Return the folder that a repository's worktrees share; a file stands for it in a worktree."""
    folder = repository / ".git"
    if folder.is_file():
        folder = repository / read_text(folder).removeprefix("gitdir:").strip()
    shared = folder / "commondir"
    return folder / read_text(shared).strip() if shared.is_file() else folder


def _read_patterns(file: Path) -> pathspec.GitIgnoreSpec:
    try:
        return pathspec.GitIgnoreSpec.from_lines(read_text(file).split("\n"))
    except ProjectError as error:
        raise ProjectError(
            error.what, why=error.why, hint=f"It decides what is shipped. {error.hint}"
        ) from None
    except ValueError as error:
        raise ProjectError(
            f"{file} has a pattern that is not one of git's.",
            why=str(error),
            hint="It decides what is shipped. Correct that line.",
        ) from None


def _decide(spec: pathspec.GitIgnoreSpec, name: str, *, folder: bool, before: bool) -> bool:
    """Return what the last pattern that matches says, or what was known before.

    As in git, `name/**` is what is in a folder and not the folder itself, from which
    later patterns may take something back.
    """
    for pattern in reversed(spec.patterns):
        inside = str(getattr(pattern, "pattern", "")).rstrip().endswith("/**")
        if pattern.match_file(f"{name}/" if folder and not inside else name) is not None:
            return bool(pattern.include)
    return before


def _same(path: str) -> str:
    """Return what two spellings of a path have in common where file systems ignore case."""
    return path if sys.platform == "linux" else portable_names.folded(path)
