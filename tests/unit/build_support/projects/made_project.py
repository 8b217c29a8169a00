"""Projects in a folder, of which only the files matter."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path, PurePosixPath

from build_support.projects.project import Project
from build_support.projects.texts import read_toml

Make = Callable[..., Path]
Names = list[str] | None


def made_project(root: Path, source: Names = None, extra: Names = None) -> Project:
    file = root / "pyproject.toml"
    return Project(
        document=read_toml(file) if file.is_file() else {},
        root=root,
        name="notes",
        identifier="org.example.notes",
        version="1.0",
        settings_module="notes.settings",
        requirements=PurePosixPath("requirements.lock"),
        languages=None,
        source=tuple(map(PurePosixPath, ["src"] if source is None else source)),
        source_root=PurePosixPath("src"),
        extra_files=tuple(map(PurePosixPath, extra or [])),
        dependencies=(),
    )
