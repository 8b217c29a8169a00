"""Which files of a project are shipped: an explicit list, less what must never be."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path, PurePosixPath

import pathspec

from build_support.errors import ProjectError
from build_support.project import Project

#: Never shipped, wherever it lies and whatever .gitignore says. Each with its reason.
NEVER: Mapping[str, str] = {
    ".*": "hidden: version control, .env, editors, caches",
    "__pycache__": "bytecode of another Python",
    "*.py[co]": "bytecode of another Python",
    "*.sqlite3": "a developer's database",
    "*.sqlite": "a developer's database",
    "*.db": "a developer's database",
    "*.sqlite3-*": "a developer's database",
    "*.log": "a developer's logs",
    "*.egg-info": "made by an installer",
    "node_modules": "the front end's tools",
    "Thumbs.db": "made by a file manager",
}
#: Never shipped when it lies directly in the project's folder.
NEVER_AT_TOP: Mapping[str, str] = {
    "media": "a developer's uploads",
    "data": "a developer's data",
    "venv": "a virtual environment",
    "env": "a virtual environment",
    "build": "made by a build",
    "dist": "made by a build",
}
#: Not even `extra-files` may name these.
SECRET = (".env*", ".git", ".git*", "*.pem", "id_rsa*", "id_ed25519*")


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A file to ship: where it is now, and where it goes below `app/`."""

    origin: Path
    path: PurePosixPath


def list_files(project: Project) -> tuple[SourceFile, ...]:
    """List the files of a project that are shipped, in the order of their paths.

    Raises ProjectError when something that the project names is missing, is a secret,
    or is a link out of the project.
    """
    found: dict[PurePosixPath, SourceFile] = {}
    for path in project.source:
        for file in _walk(project.root, _existing(project, path), _Ignored(project.root)):
            found[file.path] = file
    for path in project.extra_files:
        for file in _walk(project.root, _existing(project, path), None):
            found[file.path] = file
    if not found:
        raise ProjectError(
            f"The project in {project.root} has no files to ship.",
            hint="Name its folders in `source` of [tool.djdesk], and look at its .gitignore.",
        )
    return tuple(found[path] for path in sorted(found))


class _Ignored:
    """What .gitignore files say, read as they are met on the way down."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._specs: dict[PurePosixPath, pathspec.GitIgnoreSpec | None] = {}

    def __call__(self, path: PurePosixPath, *, folder: bool) -> bool:
        ignored = False
        for base in reversed(path.parents):
            spec = self._spec(base)
            if spec is None:
                continue
            name = path.relative_to(base).as_posix() + ("/" if folder else "")
            verdict = spec.check_file(name).include
            if verdict is not None:
                ignored = verdict
        return ignored

    def _spec(self, base: PurePosixPath) -> pathspec.GitIgnoreSpec | None:
        if base not in self._specs:
            file = self._root / base / ".gitignore"
            self._specs[base] = (
                pathspec.GitIgnoreSpec.from_lines(file.read_text(encoding="utf-8").splitlines())
                if file.is_file()
                else None
            )
        return self._specs[base]


def _existing(project: Project, path: PurePosixPath) -> PurePosixPath:
    if not (project.root / path).exists():
        raise ProjectError(
            f"{project.root / path} is not there.",
            why="[tool.djdesk] of pyproject.toml names it.",
            hint="Mend `source` or `extra-files` there.",
        )
    return path


def _walk(root: Path, path: PurePosixPath, ignored: _Ignored | None) -> Iterator[SourceFile]:
    """Yield the files at and below a path. Without `ignored`, all but the secret ones."""
    _refuse_secret(root, path, named=ignored is None)
    if ignored is not None and _never(path):
        return
    origin = root / path
    if origin.is_symlink():
        _check_link(root, origin)
    if origin.is_dir():
        if (origin / "pyvenv.cfg").is_file():
            return
        if ignored is not None and path.parts and ignored(path, folder=True):
            return
        for name in sorted(entry.name for entry in origin.iterdir()):
            yield from _walk(root, path / name, ignored)
    elif origin.is_file() and not (ignored is not None and ignored(path, folder=False)):
        yield SourceFile(origin, path)


def _never(path: PurePosixPath) -> bool:
    at_top = len(path.parts) == 1 and path.name in NEVER_AT_TOP
    return at_top or any(fnmatchcase(path.name, pattern) for pattern in NEVER)


def _refuse_secret(root: Path, path: PurePosixPath, *, named: bool) -> None:
    if named and any(fnmatchcase(path.name, pattern) for pattern in SECRET):
        raise ProjectError(
            f"{root / path} may not be shipped.",
            why="Files of this name hold secrets, and a bundle is given to everybody.",
            hint="Take it out of `extra-files` in [tool.djdesk].",
        )


def _check_link(root: Path, origin: Path) -> None:
    target = origin.resolve()
    if not target.is_relative_to(root.resolve()) or target.is_dir():
        raise ProjectError(
            f"{origin} is a link to {target}.",
            why="Only links to files inside the project can be shipped, as copies.",
            hint="Put the real file in its place, or take the link out of the project's source.",
        )
