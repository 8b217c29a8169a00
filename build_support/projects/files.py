"""Which files of a project are shipped: an explicit list, less what must never be."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from build_support.errors import ProjectError
from build_support.lists import listed
from build_support.projects.built import BuiltFiles, uncompiled, warn_of_built
from build_support.projects.ignored import IgnoreRules, load_ignore_rules
from build_support.projects.never_shipped import is_never_shipped
from build_support.projects.project import Project
from build_support.projects.secrets import (
    likely_secret_reason,
    private_key_reason,
    secret_reason,
)
from build_support.projects.standins import Problem, refusal, standin_problem

_SHOWN = 20


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A file to ship: where it is now, and where it goes below `app/`."""

    origin: Path
    path: PurePosixPath


def list_files(
    project: Project, warn: Callable[[str], None] = lambda _: None
) -> tuple[SourceFile, ...]:
    """List the files of a project that are shipped, in the order of their paths.

    `warn` is called with what is left out because it looks like a secret, and with what was built,
    is ignored by git and may be read by the application. Raises ProjectError
    when something that the project names is missing or secret, and naming all links and
    stand-ins that cannot be shipped.
    """
    walk = _Walk(project.root, load_ignore_rules(project.root), frozenset(project.extra_files))
    found: dict[PurePosixPath, SourceFile] = {}
    for path in project.source:
        shipped = {
            file.path: file
            for file in walk.find(_existing(project, path, walk), explicit=False)
            if not any(map(is_never_shipped, path.parents))
        }
        if not shipped and not walk.problems:
            raise ProjectError(
                f"Nothing of {project.root / path} would be shipped.",
                why="Its name is one that never is, or git ignores all of it.",
                hint="Name it in `extra-files` of [tool.djdesk] if it belongs to the application.",
            )
        found |= shipped
    for path in project.extra_files:
        for file in walk.find(_existing(project, path, walk), explicit=True):
            found[file.path] = file
    if walk.problems:
        raise refusal(project.root, walk.problems)
    if not found:
        raise ProjectError(
            f"The project in {project.root} has no files to ship.",
            hint="Name its folders in `source` of [tool.djdesk], and look at its .gitignore.",
        )
    if left_out := {path: why for path, why in walk.left_out.items() if path not in found}:
        warn(_left_out_warning(left_out))
    warn_of_built(
        walk.built.unshipped(found),
        uncompiled(project.root, sorted(found)),
        lambda paths: _line("extra-files", (*project.extra_files, *paths)),
        warn,
    )
    return tuple(found[path] for path in sorted(found))


def files_below(folder: PurePosixPath, files: Sequence[SourceFile]) -> dict[PurePosixPath, Path]:
    """Return where the files in a folder are now, by their path there."""
    return {
        file.path.relative_to(folder): file.origin
        for file in files
        if file.path.is_relative_to(folder)
    }


def shipping_lines(
    project: Project, paths: Sequence[PurePosixPath], rules: IgnoreRules
) -> list[str]:
    """Return the lines of [tool.djdesk] that ship more paths, beside what is shipped already."""
    source: list[PurePosixPath] = []
    extra: list[PurePosixPath] = []
    for path in dict.fromkeys(paths):
        never = any(map(is_never_shipped, (path, *path.parents)))
        ignored = rules.ignores(path, folder=(project.root / path).is_dir())
        (extra if never or ignored else source).append(path)
    changed = {"source": (project.source, source), "extra-files": (project.extra_files, extra)}
    return [_line(key, (*before, *more)) for key, (before, more) in changed.items() if more]


def _line(key: str, paths: Sequence[PurePosixPath]) -> str:
    return f"{key} = [{', '.join(json.dumps(str(path), ensure_ascii=False) for path in paths)}]"


def _left_out_warning(left_out: Mapping[PurePosixPath, str]) -> str:
    named = listed((f"{path}: {why}" for path, why in sorted(left_out.items())), most=_SHOWN)
    return (
        "Not shipped, because everybody with the application could read it:\n"
        f"{named}\nA file that is no secret is shipped if `extra-files` of [tool.djdesk] names "
        "the file itself; private keys and .env files never are."
    )


def _existing(project: Project, path: PurePosixPath, walk: _Walk) -> PurePosixPath:
    origin = project.root / path
    for parent in reversed(path.parents):
        if parent.parts and (project.root / parent).is_symlink() and not walk.admits_link(parent):
            raise refusal(project.root, walk.problems)
    if not origin.exists() and not (origin.is_symlink() and not walk.admits_link(path)):
        raise ProjectError(
            f"{origin} is not there.",
            why="[tool.djdesk] of pyproject.toml names it.",
            hint="Correct `source` or `extra-files` there.",
        )
    return path


@dataclass(slots=True)
class _Walk:
    """Goes through a project's folders, and collects what stands in the way."""

    root: Path
    rules: IgnoreRules
    named: frozenset[PurePosixPath]
    problems: dict[PurePosixPath, Problem] = field(default_factory=dict)
    left_out: dict[PurePosixPath, str] = field(default_factory=dict)
    built: BuiltFiles = field(init=False)

    def __post_init__(self) -> None:
        self.built = BuiltFiles(self.root)

    def find(self, path: PurePosixPath, *, explicit: bool) -> Iterator[SourceFile]:
        """Yield the files at and below a path; if it is `explicit`, all but the secret ones."""
        above = tuple((self.root / parent).resolve() for parent in reversed(path.parents))
        yield from self._find(path, above, explicit=explicit)

    def _find(
        self, path: PurePosixPath, above: tuple[Path, ...], *, explicit: bool
    ) -> Iterator[SourceFile]:
        """Go on at a path. `above` are the real folders on the way to it, the project's first."""
        origin = self.root / path
        link, folder = origin.is_symlink(), origin.is_dir()
        # Git knows what is behind a link to a folder by that folder's own name.
        known = PurePosixPath((above[-1] / path.name).relative_to(above[0]).as_posix())
        skipped = self._is_refused if explicit else self._is_skipped
        if skipped(path, known):
            return
        if link and not self.admits_link(path):
            return
        if folder:
            if (origin / "pyvenv.cfg").is_file() or not self._admits_folder(path, known, above):
                return
            for name in sorted(entry.name for entry in origin.iterdir()):
                yield from self._find(path / name, (*above, origin.resolve()), explicit=explicit)
        elif origin.is_file():
            linked = None if link else self.rules.links.get(known.as_posix())
            if problem := standin_problem(origin, linked):
                self.problems[path] = problem
            yield SourceFile(origin, path)

    def _admits_folder(
        self, path: PurePosixPath, known: PurePosixPath, above: tuple[Path, ...]
    ) -> bool:
        """Whether what is in a folder can be shipped; else note the problem."""
        real = (self.root / path).resolve()
        if real in above:
            self.problems[path] = Problem.link(f"leads back to a folder that it is in: {real}")
        elif not real.is_relative_to(above[0]):  # a junction of Windows
            self.problems[path] = Problem.link(f"leads out of the project: {real}")
        elif known.as_posix() in self.rules.empty_submodules:
            self.problems[path] = Problem.submodule()
        return path not in self.problems

    def admits_link(self, path: PurePosixPath) -> bool:
        """Whether a link leads to something inside that may be shipped; else note the problem."""
        origin, home = self.root / path, self.root.resolve()
        problem = _link_problem(origin, home, self.named)
        if problem is not None:
            self.problems[path] = problem
        return problem is None

    def _is_skipped(self, path: PurePosixPath, known: PurePosixPath) -> bool:
        """Whether `source` does not ship a path that git knows as `known`."""
        origin = self.root / path
        if self.rules.ignores(known, folder=origin.is_dir() and not origin.is_symlink()):
            if not is_never_shipped(path):
                self.built.note_ignored(path)
            return True
        return self._is_left_out(path)

    def _is_left_out(self, path: PurePosixPath) -> bool:
        """Whether `source` leaves out a path for what its name says, or the key that is in it."""
        origin = self.root / path
        secret = secret_reason(path) or ("" if origin.is_dir() else _file_secret(origin, path))
        if secret and path.name != ".git":
            self.left_out[path] = secret
        return bool(secret) or is_never_shipped(path)

    def _is_refused(self, path: PurePosixPath, _: PurePosixPath) -> bool:
        """Whether a file that `extra-files` names, or that is below such a folder, is secret."""
        origin = self.root / path
        secret = next((why for part in (path, *path.parents) if (why := secret_reason(part))), "")
        if not secret and not origin.is_dir():
            secret = _key_reason(origin) if path in self.named else _file_secret(origin, path)
        if secret:
            self.problems[path] = Problem.secret(secret)
        return bool(secret)


def _file_secret(origin: Path, path: PurePosixPath) -> str:
    return likely_secret_reason(path) or _key_reason(origin)


def _key_reason(origin: Path) -> str:
    return private_key_reason(origin) if origin.is_file() else ""


def _link_problem(origin: Path, home: Path, named: frozenset[PurePosixPath]) -> Problem | None:
    try:
        real = origin.resolve(strict=True)
    except FileNotFoundError:
        target = origin.readlink()
        annexed = ".git/annex/objects/" in target.as_posix()
        return Problem.annex() if annexed else Problem.link(f"leads to nothing: {target}")
    except (OSError, RuntimeError):  # a link to itself; the latter before Python 3.13
        return Problem.link("leads back to itself")
    if not real.is_relative_to(home):
        return Problem.link(f"leads out of the project: {real}")
    inside = PurePosixPath(real.relative_to(home).as_posix())
    if ".git/annex/objects/" in inside.as_posix():
        return None
    secret = next((why for part in (inside, *inside.parents) if (why := secret_reason(part))), "")
    if not secret and real.is_file() and inside not in named:
        secret = likely_secret_reason(inside)
    return Problem.secret(f"{secret}, to which it leads: {inside}") if secret else None
