"""A project for tests of the stages that only read what it says."""

from __future__ import annotations

from pathlib import Path, PurePosixPath

import pytest

from build_support.projects.project import Project


@pytest.fixture
def project(tmp_path: Path) -> Project:
    root = tmp_path / "project"
    (root / "src" / "notes").mkdir(parents=True)
    (root / "src" / "notes" / "settings.py").write_text("SECRET_KEY = 'x'\n")
    (root / "requirements.lock").write_text(f"django==6.1.3 --hash=sha256:{'a' * 64}\n")
    return Project(
        root=root,
        name="Notes",
        identifier="org.example.notes",
        version="1.2",
        settings_module="notes.settings",
        requirements=PurePosixPath("requirements.lock"),
        languages=None,
        source=(PurePosixPath("src"),),
        source_root=PurePosixPath("src"),
        extra_files=(),
        dependencies=(),
    )
