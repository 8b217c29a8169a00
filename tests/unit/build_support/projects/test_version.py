from __future__ import annotations

import os
import shutil
import subprocess
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest

from build_support.errors import ProjectError
from build_support.projects.git import git_environment
from build_support.projects.project import load_project
from build_support.projects.version import find_version

_PROJECT = '[project]\nname = "web-garden"\ndynamic = ["version"]\n'
_TABLE = '[tool.djdesk]\nidentifier = "org.example.garden"\nsettings-module = "garden.settings"\n'
#: What pyproject.toml says, the project's files, and the version.
DYNAMIC: dict[str, tuple[str, dict[str, str], str]] = {
    "setuptools attr": (
        '[tool.setuptools.dynamic]\nversion = { attr = "garden.__version__" }\n',
        {"src/garden/__init__.py": '__version__ = "1.2.3"\n'},
        "1.2.3",
    ),
    "setuptools attr of a tuple": (
        '[tool.setuptools.dynamic]\nversion = { attr = "garden.VERSION" }\n',
        {"garden/__init__.py": "VERSION = (1, 2, 3)\n"},
        "1.2.3",
    ),
    "setuptools attr of a module": (
        '[tool.setuptools.dynamic]\nversion = { attr = "garden.about.version" }\n',
        {"src/garden/__init__.py": "", "src/garden/about.py": "version: str = '2.0'\n"},
        "2.0",
    ),
    "setuptools attr in another folder": (
        (
            '[tool.setuptools]\npackage-dir = { "" = "lib" }\n'
            '[tool.setuptools.dynamic]\nversion = { attr = "garden.__version__" }\n'
        ),
        {"lib/garden/__init__.py": '__version__ = "3.1"\n'},
        "3.1",
    ),
    "joined": (
        '[tool.setuptools.dynamic]\nversion = { attr = "garden.__version__" }\n',
        {"src/garden/__init__.py": 'VERSION = (4, 5)\n__version__ = ".".join(map(str, VERSION))\n'},
        "4.5",
    ),
    "joined by a generator": (
        '[tool.setuptools.dynamic]\nversion = { attr = "garden.__version__" }\n',
        {"src/garden/__init__.py": 'V = (4, 6)\n__version__ = ".".join(str(part) for part in V)\n'},
        "4.6",
    ),
    "formatted": (
        '[tool.setuptools.dynamic]\nversion = { attr = "garden.__version__" }\n',
        {"src/garden/__init__.py": 'major = 5\n__version__ = f"{major}.1rc{2}"\n'},
        "5.1rc2",
    ),
    "imported": (
        '[tool.setuptools.dynamic]\nversion = { attr = "garden.__version__" }\n',
        {
            "src/garden/__init__.py": "from .about import version as __version__\n",
            "src/garden/about.py": "from garden.deep.number import version\n",
            "src/garden/deep/__init__.py": "",
            "src/garden/deep/number.py": "version = '6.0'\n",
        },
        "6.0",
    ),
    "setuptools file": (
        '[tool.setuptools.dynamic]\nversion = { file = "VERSION" }\n',
        {"VERSION": "\ufeff7.8\r\n"},
        "7.8",
    ),
    "setuptools files": (
        '[tool.setuptools.dynamic]\nversion = { file = ["VERSION"] }\n',
        {"VERSION": "7.9"},
        "7.9",
    ),
    "setup.cfg": ("", {"setup.cfg": "[metadata]\nversion = 1.5\n"}, "1.5"),
    "setup.cfg attr": (
        "",
        {"setup.cfg": "[metadata]\nversion = attr: garden.V\n", "garden/__init__.py": "V = '1.6'"},
        "1.6",
    ),
    "setup.cfg file": (
        "",
        {"setup.cfg": "[metadata]\nversion = file: V.txt\n", "V.txt": "1.7\n"},
        "1.7",
    ),
    "setup.py": (
        "",
        {"setup.py": "from setuptools import setup\nV = '1.8'\nsetup(name='x', version=V)\n"},
        "1.8",
    ),
    "hatch": (
        '[tool.hatch.version]\npath = "src/garden/__about__.py"\n',
        {"src/garden/__about__.py": "__version__ = '2.3'\n"},
        "2.3",
    ),
    "hatch with a pattern": (
        '[tool.hatch.version]\npath = "V"\npattern = "v=(?P<version>[0-9.]+)"\n',
        {"V": "x\nv=2.4\n"},
        "2.4",
    ),
    "hatch code": (
        '[tool.hatch.version]\nsource = "code"\npath = "v.py"\nexpression = "V"\n',
        {"v.py": "V = '2.5'\n"},
        "2.5",
    ),
    "flit": (
        '[build-system]\nbuild-backend = "flit_core.buildapi"\n',
        {"web_garden.py": '__version__ = "3.4"\n'},
        "3.4",
    ),
    "flit module": (
        (
            '[build-system]\nbuild-backend = "flit_core.buildapi"\n'
            '[tool.flit.module]\nname = "garden"\n'
        ),
        {"src/garden/__init__.py": '__version__ = "3.5"\n'},
        "3.5",
    ),
    "pdm": (
        '[tool.pdm.version]\nsource = "file"\npath = "v.py"\n',
        {"v.py": '__version__ = "4.1"\n'},
        "4.1",
    ),
    "poetry": ('[tool.poetry]\nversion = "5.2"\n', {}, "5.2"),
    "written by setuptools-scm": (
        '[tool.setuptools_scm]\nversion_file = "src/garden/_version.py"\n',
        {"src/garden/_version.py": "__version__ = version = '6.6'\n"},
        "6.6",
    ),
    "fallback of setuptools-scm": ('[tool.setuptools_scm]\nfallback_version = "0.1"\n', {}, "0.1"),
}


@pytest.fixture
def make(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Path]:
    """Make a project of which the settings would fail if anything of it were run."""
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path))

    def make(about: str, files: dict[str, str], project: str = _PROJECT) -> Path:
        content = {"src/garden/settings.py": "raise SystemExit('was run')\n", **files}
        for name, text in content.items():
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name).write_text(text, encoding="utf-8", newline="")
        text = f"{project}{about}{_TABLE}"
        (tmp_path / "pyproject.toml").write_text(text, encoding="utf-8")
        return tmp_path

    return make


@pytest.mark.parametrize("case", DYNAMIC)
def test_versions_are_found_where_build_backends_find_them(
    make: Callable[..., Path], case: str
) -> None:
    about, files, expected = DYNAMIC[case]
    assert load_project(make(about, files)).version == expected


@pytest.mark.parametrize(
    ("about", "files"),
    [
        ("", {}),
        (
            '[tool.setuptools.dynamic]\nversion = { attr = "garden.__version__" }\n',
            {"src/garden/__init__.py": "import m\n__version__ = m.version('x')\n"},
        ),
        (
            '[tool.setuptools.dynamic]\nversion = { attr = "garden.__version__" }\n',
            {"src/garden/__init__.py": "__version__ = (\n"},
        ),
        (
            '[tool.setuptools.dynamic]\nversion = { attr = "garden.a" }\n',
            {"src/garden/__init__.py": "a = b\nb = a\n"},
        ),
        ('[tool.setuptools.dynamic]\nversion = { file = "GONE" }\n', {}),
        ('[tool.hatch.version]\npath = "v.py"\npattern = "("\n', {"v.py": "__version__ = '1'"}),
        ("[tool.setuptools_scm]\n", {}),
    ],
)
def test_a_version_that_cannot_be_read_is_refused_with_a_line_that_helps(
    make: Callable[..., Path], about: str, files: dict[str, str]
) -> None:
    root = make(about, files)
    with pytest.raises(ProjectError) as caught:
        load_project(root)
    assert caught.value.hint
    (root / "pyproject.toml").write_text(f'{_PROJECT}{about}{_TABLE}version = "1.2.0"\n')
    assert load_project(root).version == "1.2.0"


def test_a_project_without_project_table_needs_a_version_of_its_own(
    make: Callable[..., Path],
) -> None:
    root = make('name = "Garden"\nversion = "1.0"\n', {}, project=_TABLE)
    (root / "pyproject.toml").write_text(f'{_TABLE}name = "Garden"\nversion = "1.0"\n')
    assert load_project(root).version == "1.0"
    (root / "pyproject.toml").write_text(f'{_TABLE}name = "Garden"\n')
    with pytest.raises(ProjectError) as caught:
        load_project(root)
    assert "version" in caught.value.hint


@pytest.mark.skipif(shutil.which("git") is None, reason="there is no git")
def test_tags_of_git_are_versions(make: Callable[..., Path]) -> None:
    root = make("[tool.setuptools_scm]\n", {"a.txt": "1"})

    def git(*argv: str) -> None:
        command: list[str | Path] = [
            "git",
            "-C",
            root,
            "-c",
            "user.name=x",
            "-c",
            "user.email=x@example.org",
            *argv,
        ]
        environment = {**git_environment(os.environ), "GIT_CONFIG_GLOBAL": os.devnull}
        subprocess.run(command, env=environment, capture_output=True, check=True, timeout=60)

    def version() -> str:
        return load_project(root).version

    git("init", "-q")
    git("add", ".")
    git("commit", "-qm", "x")
    with pytest.raises(ProjectError):
        version()
    git("tag", "v1.4.2")
    assert version() == "1.4.2"
    (root / "a.txt").write_text("2")
    assert version().startswith("1.4.3.dev0+g")
    git("commit", "-qam", "y")
    assert version().startswith("1.4.3.dev1+g")
    git("tag", "garden-2.0rc1")
    assert version() == "2.0rc1"
    document = tomllib.loads('[tool.hatch.version]\nsource = "vcs"\n')
    assert find_version(root, document) == "2.0rc1"
    document = tomllib.loads('[build-system]\nrequires = ["setuptools", "setuptools-scm>=8"]\n')
    assert find_version(root, document) == "2.0rc1"
