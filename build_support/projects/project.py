"""The Django project being shipped, as its own pyproject.toml describes it.

`load_project` is the only way in. It reads a project laid out like the example::

    pyproject.toml      [project] and [tool.djdesk]
    requirements.lock   every dependency, pinned and hashed
    manage.py
    src/<package>/      what `settings-module` names

Everything after it works on a `Project`, so that a project found in another shape needs
another loader and nothing else.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import Any

from packaging.requirements import InvalidRequirement, Requirement
from packaging.version import InvalidVersion, Version

from build_support.errors import ProjectError
from build_support.projects.desktop import DEFAULT as DEFAULT_DESKTOP
from build_support.projects.desktop import Desktop, read_desktop
from build_support.projects.keys import KEYS
from build_support.projects.problems import Problems
from build_support.projects.source_advice import propose_source
from build_support.projects.texts import read_toml
from build_support.projects.version import find_version
from build_support.suggestions import nearest

_IDENTIFIER = re.compile(r"[A-Za-z][A-Za-z0-9-]*(\.[A-Za-z][A-Za-z0-9-]*)+")
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[a-z0-9]+)*")
_MODULE = re.compile(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)*")


@dataclass(frozen=True, slots=True)
class Project:
    """A Django project, ready to be bundled.

    `languages` is None when every translation is to be kept. `source` and `extra_files`
    are relative to `root`; the former is filtered by .gitignore, the latter is not.
    `source_root` is the folder, relative to `root`, from which the settings module is
    imported. `dependencies` are those of `[project]`, for checking the lock against.
    `document` is all of pyproject.toml.
    """

    root: Path
    name: str
    identifier: str
    version: str
    settings_module: str
    requirements: PurePosixPath
    languages: tuple[str, ...] | None
    source: tuple[PurePosixPath, ...]
    source_root: PurePosixPath
    extra_files: tuple[PurePosixPath, ...]
    dependencies: tuple[Requirement, ...]
    desktop: Desktop = DEFAULT_DESKTOP
    document: Mapping[str, Any] = field(default_factory=dict, compare=False, repr=False)

    @property
    def metadata(self) -> Mapping[str, Any]:
        """The table [project]; empty where there is none."""
        found = self.document.get("project")
        return found if isinstance(found, dict) else {}

    @property
    def lock(self) -> Path:
        """The file with every dependency, pinned and hashed."""
        return self.root / self.requirements


def load_project(root: Path) -> Project:
    """Read the project in a folder.

    Raises ProjectError, naming the file and every key that is missing or wrong.
    """
    root = root.absolute()
    file = root / "pyproject.toml"
    document = _read(file)
    tools = document.get("tool")
    table = tools.get("djdesk") if isinstance(tools, dict) else None
    if not isinstance(table, dict):
        raise ProjectError(
            f"{file} has no [tool.djdesk] table.",
            why="It tells what the application is called and which settings it uses.",
            hint="Add one; docs/reference/project-keys.md lists its keys.",
        )
    reader = _Reader(file, table)
    metadata = document.get("project", {})
    if not isinstance(metadata, dict):
        raise ProjectError(f"{file}: [project] must be a table.")
    problems = Problems(file)
    read = problems.read
    read(reader.refuse_unknown_keys)
    settings_module = read(lambda: reader.text("settings-module", pattern=_MODULE))
    source_root = read(lambda: _find_source_root(root, settings_module))
    project = Project(
        root=root,
        name=read(
            lambda: reader.text("name", default=metadata.get("name") or _poetry_name(document))
        ),
        identifier=read(lambda: reader.text("identifier", pattern=_IDENTIFIER)),
        version=read(lambda: _version(file, _given_version(reader, root, document))),
        settings_module=settings_module,
        requirements=read(lambda: reader.path("requirements", default="requirements.lock")),
        languages=read(reader.languages),
        source=read(lambda: reader.paths("source") or _default_source(file, source_root)),
        source_root=source_root,
        extra_files=read(lambda: reader.paths("extra-files")),
        dependencies=read(lambda: _dependencies(file, metadata.get("dependencies", []))),
        desktop=read(lambda: read_desktop(file, table)),
        document=document,
    )
    problems.refuse()
    return project


@dataclass(frozen=True, slots=True)
class _Reader:
    """Reads the keys of one table, and says which is wrong."""

    file: Path
    table: Mapping[str, Any]

    def refuse_unknown_keys(self) -> None:
        if unknown := sorted(set(self.table) - set(KEYS)):
            meant = [name for key in unknown if (name := nearest(key, KEYS))]
            question = f"Did you mean {', '.join(meant)}? " if meant else ""
            raise ProjectError(
                f"{self.file}: [tool.djdesk] has no key {', '.join(unknown)}.",
                hint=f"{question}The keys are: {', '.join(sorted(KEYS))}.",
            )

    def text(
        self, key: str, *, default: object = None, pattern: re.Pattern[str] | None = None
    ) -> str:
        value = self.table.get(key, default)
        if not isinstance(value, str) or not value.strip() or not value.isprintable():
            raise ProjectError(
                f"{self.file}: [tool.djdesk] needs {key!r}, a text on one line.",
                hint="Add it; docs/reference/project-keys.md lists the keys with examples.",
            )
        if pattern and not pattern.fullmatch(value):
            raise ProjectError(
                f"{self.file}: [tool.djdesk] {key} = {value!r} is not of the right form.",
                hint=_EXAMPLES[key],
            )
        return value

    def texts(self, key: str) -> tuple[str, ...] | None:
        value = self.table.get(key)
        if value is None:
            return None
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            raise ProjectError(f"{self.file}: [tool.djdesk] {key} must be a list of texts.")
        return tuple(value)

    def languages(self) -> tuple[str, ...] | None:
        languages = self.texts("languages")
        for language in languages or ():
            if not _LANGUAGE.fullmatch(language):
                raise ProjectError(
                    f"{self.file}: [tool.djdesk] languages holds {language!r}.",
                    why="Languages are written as Django's LANGUAGES does.",
                    hint='For example: languages = ["en", "de", "pt-br", "zh-hans"].',
                )
        return languages

    def path(self, key: str, *, default: str) -> PurePosixPath:
        return self._inside(key, self.text(key, default=default))

    def paths(self, key: str) -> tuple[PurePosixPath, ...]:
        return tuple(self._inside(key, text) for text in self.texts(key) or ())

    def _inside(self, key: str, text: str) -> PurePosixPath:
        path = PurePosixPath(text)
        # Windows calls more absolute than POSIX does: C:/x, C:x, and what begins with //.
        anchored = PureWindowsPath(text).anchor != ""
        if anchored or ".." in path.parts or "\\" in text or not path.parts:
            raise ProjectError(
                f"{self.file}: [tool.djdesk] {key} holds {text!r}.",
                why="Files of a project are named relative to its folder, with slashes.",
                hint="Move the file into the project, and name it from there.",
            )
        return path


_EXAMPLES = {
    "identifier": 'Write it as a reversed domain name, for example "org.example.notes".',
    "settings-module": 'Write it as it is imported, for example "notes.settings".',
}


def _read(file: Path) -> dict[str, Any]:
    if not file.parent.is_dir():
        is_file = file.parent.exists()
        raise ProjectError(
            f"{file.parent} is a file, not a folder."
            if is_file
            else f"There is no folder {file.parent}.",
            hint="Name the folder that holds the project's pyproject.toml with --project.",
        )
    try:
        return read_toml(file)
    except FileNotFoundError:
        raise ProjectError(
            f"There is no {file}.",
            why="Its table [tool.djdesk] tells what the application is called and which settings "
            "it uses.",
            hint="Write one, as docs/project.md shows, or name another folder with --project.",
        ) from None


def _default_source(file: Path, source_root: PurePosixPath | None) -> tuple[PurePosixPath, ...]:
    if source_root is None:  # the settings were not found, which is told already
        return ()
    if not source_root.parts:
        raise ProjectError(
            f"{file}: [tool.djdesk] needs 'source'.",
            why="The settings module is not below src/, so it cannot be told what to ship.",
            hint="Name the folders and files that the application needs. "
            f"By what is in the folder: {propose_source(file.parent)}",
        )
    manage = PurePosixPath("manage.py")
    return (*((manage,) if (file.parent / manage).exists() else ()), source_root)


def _find_source_root(root: Path, settings_module: str | None) -> PurePosixPath:
    if settings_module is None:  # which is told already
        return PurePosixPath("src")
    relative = Path(*settings_module.split("."))
    for candidate in (PurePosixPath("src"), PurePosixPath()):
        path = root / candidate / relative
        if path.with_suffix(".py").is_file() or (path / "__init__.py").is_file():
            return candidate
    raise ProjectError(
        f"The settings module {settings_module} is not in {root / 'src'} or {root}.",
        why=f"There is neither {relative}.py nor {relative}/__init__.py.",
        hint="Mend settings-module in [tool.djdesk], or move the package below src/.",
    )


def _poetry_name(document: Mapping[str, Any]) -> object:
    poetry = document.get("tool", {}).get("poetry")
    return poetry.get("name") if isinstance(poetry, dict) else None


def _given_version(reader: _Reader, root: Path, document: Mapping[str, Any]) -> str:
    """Return the version of [tool.djdesk], that of [project], or the one its build finds."""
    metadata = document.get("project", {})
    written = metadata.get("version") if "version" not in reader.table else ""
    if "version" in reader.table or written is not None:
        return reader.text("version", default=written)
    if found := find_version(root, document):
        return found
    dynamic = "version" in metadata.get("dynamic", [])
    raise ProjectError(
        f"{reader.file} does not say which version the project has.",
        why="[project] says that its build finds the version, and it was not found without "
        "running code of the project."
        if dynamic
        else "Neither [tool.djdesk] nor [project] has 'version'.",
        hint='Write it into [tool.djdesk], for example: version = "1.2.0"',
    )


def _version(file: Path, text: str) -> str:
    try:
        return str(Version(text))
    except InvalidVersion:
        raise ProjectError(
            f"{file}: {text!r} is not a version.", hint="Write it as PEP 440 does, as in 1.2.0."
        ) from None


def _dependencies(file: Path, lines: object) -> tuple[Requirement, ...]:
    if not isinstance(lines, list):
        raise ProjectError(f"{file}: [project] dependencies must be a list.")
    try:
        return tuple(Requirement(str(line)) for line in lines)
    except InvalidRequirement as error:
        raise ProjectError(
            f"{file}: a line of [project] dependencies is wrong.", why=str(error)
        ) from None
