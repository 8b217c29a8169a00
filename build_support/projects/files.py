"""Which files of a project are shipped: an explicit list, less what must never be."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path, PurePosixPath

import pathspec

from build_support.errors import ProjectError
from build_support.projects.project import Project

#: Never shipped, wherever it lies, whatever .gitignore says and in whatever case it is
#: written. Each with its reason.
NEVER: Mapping[str, str] = {
    ".*": "hidden: version control, .env, editors, caches",
    "__pycache__": "bytecode of another Python",
    "*.py[co]": "bytecode of another Python",
    "*.sqlite3": "a developer's database",
    "*.sqlite": "a developer's database",
    "*.db": "a developer's database",
    "*.sqlite3-*": "a developer's database",
    "*.sqlite-*": "a developer's database",
    "*.db-*": "a developer's database",
    "*.log": "a developer's logs",
    "*.egg-info": "made by an installer",
    "node_modules": "the front end's tools",
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
#: Never shipped either; not even `extra-files` may name these, or what lies below them.
SECRET = (".env*", ".git", ".git-credentials", "*.pem", "id_rsa*", "id_ed25519*")


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
        shipped = {
            file.path: file
            for file in _walk(project.root, _existing(project, path), _Ignored(project.root))
            if not any(map(_never, path.parents))
        }
        if not shipped:
            raise ProjectError(
                f"Nothing of {project.root / path} would be shipped.",
                why="Its name is one that never is, or .gitignore names all of it.",
                hint="Name it in `extra-files` of [tool.djdesk] if it belongs to the application.",
            )
        found |= shipped
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
            verdict = _verdict(spec, path.relative_to(base).as_posix(), folder=folder)
            ignored = ignored if verdict is None else verdict
        return ignored

    def _spec(self, base: PurePosixPath) -> pathspec.GitIgnoreSpec | None:
        if base not in self._specs:
            file = self._root / base / ".gitignore"
            self._specs[base] = _read_ignores(file) if file.is_file() else None
        return self._specs[base]


def _read_ignores(file: Path) -> pathspec.GitIgnoreSpec:
    try:
        text = file.read_text(encoding="utf-8-sig")
        return pathspec.GitIgnoreSpec.from_lines(text.splitlines())
    except ValueError as error:
        raise ProjectError(
            f"{file} cannot be read.",
            why=str(error),
            hint="It decides what is shipped. Mend that line, or write the file in UTF-8.",
        ) from None


def _verdict(spec: pathspec.GitIgnoreSpec, name: str, *, folder: bool) -> bool | None:
    """Say what the last pattern that matches says: ignored, not ignored, or nothing (None).

    As in git, `name/**` is what lies in a folder and not the folder itself, from which
    later patterns may take something back.
    """
    for pattern in reversed(spec.patterns):
        inside = str(getattr(pattern, "pattern", "")).rstrip().endswith("/**")
        if pattern.match_file(f"{name}/" if folder and not inside else name) is not None:
            return pattern.include
    return None


def _existing(project: Project, path: PurePosixPath) -> PurePosixPath:
    for parent in path.parents:
        if (project.root / parent).is_symlink() and parent.parts:
            _check_link(project.root, parent)
    if not (project.root / path).exists():
        raise ProjectError(
            f"{project.root / path} is not there.",
            why="[tool.djdesk] of pyproject.toml names it.",
            hint="Mend `source` or `extra-files` there.",
        )
    return path


def _walk(root: Path, path: PurePosixPath, ignored: _Ignored | None) -> Iterator[SourceFile]:
    """Yield the files at and below a path. Without `ignored`, all but the secret ones."""
    origin = root / path
    link = origin.is_symlink()
    folder = origin.is_dir()
    if ignored is None:
        _refuse_secret(root, path)
    elif _never(path) or ignored(path, folder=folder and not link):
        return
    if link:
        _check_link(root, path)
    if folder:
        if (origin / "pyvenv.cfg").is_file():
            return
        for name in sorted(entry.name for entry in origin.iterdir()):
            yield from _walk(root, path / name, ignored)
    elif origin.is_file():
        yield SourceFile(origin, path)


def _never(path: PurePosixPath) -> bool:
    at_top = len(path.parts) == 1 and path.name.lower() in NEVER_AT_TOP
    return at_top or _is_any(path.name, NEVER) or _is_any(path.name, SECRET)


def _is_any(name: str, patterns: Iterable[str]) -> bool:
    return any(fnmatchcase(name.lower(), pattern) for pattern in patterns)


def _refuse_secret(root: Path, path: PurePosixPath) -> None:
    if any(_is_any(part, SECRET) for part in path.parts):
        raise ProjectError(
            f"{root / path} may not be shipped.",
            why="Files of this name hold secrets, and a bundle is given to everybody.",
            hint="Take it out of what [tool.djdesk] names in `source` and `extra-files`.",
        )


def _check_link(root: Path, path: PurePosixPath) -> None:
    origin, home = root / path, root.resolve()
    try:
        target = origin.resolve()
    except RuntimeError:  # a link to itself, before Python 3.13
        target = origin
    if not target.is_relative_to(home) or not target.is_file():
        raise ProjectError(
            f"{origin} is a link to {target}.",
            why="Only links to files inside the project can be shipped, as copies.",
            hint="Put the real file in its place, or take the link out of the project's source.",
        )
    _refuse_secret(home, PurePosixPath(target.relative_to(home).as_posix()))
