from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit.build_support.projects.made_project import Make


@pytest.fixture
def make(tmp_path: Path) -> Make:
    """Make files in a project's folder: names, or names with their text."""

    def make(*names: str, **texts: str) -> Path:
        for name, text in {**dict.fromkeys(names, ""), **texts}.items():
            file = tmp_path / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8")
        return tmp_path

    return make
