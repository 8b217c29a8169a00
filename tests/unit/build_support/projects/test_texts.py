from __future__ import annotations

import codecs
from pathlib import Path

import pytest

from build_support.errors import ProjectError
from build_support.projects.project import load_project
from build_support.projects.publication import load_publication
from build_support.projects.requirements import read_lock
from build_support.projects.texts import read_text, read_toml

_PROJECT = """\
[project]
name = "garden"
version = "1.2"
description = "Größe"

[tool.djdesk]
identifier = "org.example.garden"
settings-module = "garden.settings"
"""


@pytest.mark.parametrize("mark", [b"", codecs.BOM_UTF8])
@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
def test_marks_and_endings_make_no_difference(tmp_path: Path, mark: bytes, ending: str) -> None:
    file = tmp_path / "a.txt"
    file.write_bytes(mark + f"a{ending}ü{ending}".encode())
    assert read_text(file) == "a\nü\n"


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_another_encoding_is_refused(tmp_path: Path, encoding: str) -> None:
    file = tmp_path / "pyproject.toml"
    file.write_bytes("\ufeff[project]\n".encode(encoding))
    with pytest.raises(ProjectError) as caught:
        read_toml(file)
    assert str(file) in caught.value.what
    assert "UTF-" in caught.value.why
    assert caught.value.hint


def test_utf_16_without_a_mark_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_bytes("x = 1\n".encode("utf-16-le"))
    with pytest.raises(ProjectError):
        read_toml(tmp_path / "a.toml")


def test_the_line_of_a_wrong_byte_is_named(tmp_path: Path) -> None:
    file = tmp_path / "a.txt"
    file.write_bytes("ä\nb\ncaf".encode() + b"\xe9\n")
    with pytest.raises(ProjectError) as caught:
        read_text(file)
    assert "Line 3 " in caught.value.why


def test_a_description_with_a_mark_is_read_by_all_who_need_it(tmp_path: Path) -> None:
    (tmp_path / "src" / "garden").mkdir(parents=True)
    (tmp_path / "src" / "garden" / "settings.py").touch()
    content = codecs.BOM_UTF8 + _PROJECT.replace("\n", "\r\n").encode()
    (tmp_path / "pyproject.toml").write_bytes(content)
    project = load_project(tmp_path)
    (tmp_path / "pyproject.toml").unlink()  # it was parsed once for all
    assert load_publication(project).description == "Größe"


def test_a_lock_in_another_encoding_is_refused(tmp_path: Path) -> None:
    (tmp_path / "requirements.lock").write_bytes("django==6.1.3\n".encode("utf-16"))
    with pytest.raises(ProjectError) as caught:
        read_lock(tmp_path / "requirements.lock")
    assert "UTF-16" in caught.value.why
