from __future__ import annotations

from collections.abc import Callable
from pathlib import Path, PurePosixPath

import pytest

from build_support.errors import ProjectError
from build_support.projects.desktop import Desktop
from build_support.projects.project import Project, load_project

ROOT = Path(__file__).resolve().parents[4]

_PROJECT = {"name": '"notes"', "version": '"1.2"'}
_DJDESK = {"identifier": '"org.example.notes"', "settings-module": '"notes.settings"'}

Load = Callable[..., Project]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A project's folder with settings below src/ and without a pyproject.toml."""
    (tmp_path / "src" / "notes").mkdir(parents=True)
    (tmp_path / "src" / "notes" / "settings.py").touch()
    (tmp_path / "manage.py").touch()
    return tmp_path


@pytest.fixture
def load(folder: Path) -> Load:
    """Load a project whose tables have these keys more; None takes one away."""

    def load(
        djdesk: dict[str, str | None] | None = None, project: dict[str, str | None] | None = None
    ) -> Project:
        tables = (("project", _PROJECT, project), ("tool.djdesk", _DJDESK, djdesk))
        lines = []
        for title, usual, more in tables:
            keys = {**usual, **(more or {})}
            lines += [f"[{title}]"]
            lines += [f"{key} = {value}" for key, value in keys.items() if value is not None]
        (folder / "pyproject.toml").write_text("\n".join(lines), encoding="utf-8")
        return load_project(folder)

    return load


def test_what_is_not_said_has_a_default(load: Load, folder: Path) -> None:
    project = load()
    assert project == Project(
        root=folder,
        name="notes",
        identifier="org.example.notes",
        version="1.2",
        settings_module="notes.settings",
        requirements=PurePosixPath("requirements.lock"),
        languages=None,
        source=(PurePosixPath("manage.py"), PurePosixPath("src")),
        source_root=PurePosixPath("src"),
        extra_files=(),
        dependencies=(),
        desktop=Desktop(permissions=(), synchronous="NORMAL", sentry_dsn=None),
    )
    assert project.lock == folder / "requirements.lock"


def test_what_is_said_is_taken(load: Load, folder: Path) -> None:
    project = load(
        {
            "name": '"My Nötes"',
            "version": '"2.0"',
            "requirements": '"locks/prod.txt"',
            "languages": '["en", "pt-br", "zh-hans", "kab"]',
            "source": '["src/notes", "./manage.py"]',
            "extra-files": '["fixtures/first.json"]',
            "permissions": '["notifications"]',
            "synchronous": '"FULL"',
            "sentry-dsn": '"https://key@sentry.example/42"',
        },
        {"dependencies": '["Django>=6.1", "tzdata ; sys_platform == \'win32\'"]'},
    )
    assert (project.name, project.version) == ("My Nötes", "2.0")
    assert project.lock == folder / "locks" / "prod.txt"
    assert project.languages == ("en", "pt-br", "zh-hans", "kab")
    assert project.source == (PurePosixPath("src/notes"), PurePosixPath("manage.py"))
    assert project.extra_files == (PurePosixPath("fixtures/first.json"),)
    assert [dependency.name for dependency in project.dependencies] == ["Django", "tzdata"]
    assert project.desktop == Desktop(("notifications",), "FULL", "https://key@sentry.example/42")


def test_the_example_is_a_project() -> None:
    assert load_project(ROOT).settings_module.startswith("djdesk.")


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("name", '""'),
        ("name", '"  "'),
        ("name", "3"),
        ("name", '"two\\nlines"'),
        ("name", '"\\u001b[31m"'),
        ("identifier", None),
        ("identifier", '"notes"'),
        ("identifier", '"org..notes"'),
        ("identifier", '"org.1notes"'),
        ("identifier", '"org.example/notes"'),
        ("identifier", '"org.example.nötes"'),
        ("identifier", '"org.example.notes\\n"'),
        ("version", '"one"'),
        ("version", '""'),
        ("version", "1.0"),
        ("settings-module", None),
        ("settings-module", '""'),
        ("settings-module", '"notes/settings"'),
        ("settings-module", '"notes.settings.py "'),
        ("settings-module", '"..settings"'),
        ("settings-module", '["notes.settings"]'),
        ("requirements", "1"),
        ("requirements", '""'),
        ("languages", '"en"'),
        ("languages", '["en", 1]'),
        ("languages", '["EN"]'),
        ("languages", '["pt_BR"]'),
        ("languages", '["../en"]'),
        ("source", '"src"'),
        ("source", "[1]"),
        ("extra-files", "{}"),
        ("permissions", '["camera"]'),
        ("synchronous", '"OFF"'),
        ("sentry-dsn", '"42"'),
    ],
)
def test_a_wrong_value_is_refused_by_file_and_key(
    load: Load, folder: Path, key: str, value: str | None
) -> None:
    with pytest.raises(ProjectError) as caught:
        load({key: value})
    assert str(folder / "pyproject.toml") in caught.value.what
    if key != "version":
        assert key in caught.value.what


@pytest.mark.parametrize("key", ["requirements", "source", "extra-files"])
@pytest.mark.parametrize(
    "path", ["/etc/passwd", "../other", "src/../../x", "C:/x", "C:x", "//server/x", "src\\\\x", "."]
)
def test_a_path_out_of_the_project_is_refused(load: Load, key: str, path: str) -> None:
    value = f'"{path}"' if key == "requirements" else f'["src", "{path}"]'
    with pytest.raises(ProjectError) as caught:
        load({key: value})
    assert key in caught.value.what
    assert "relative" in caught.value.why


@pytest.mark.parametrize(
    ("project", "words"),
    [
        ({"version": None}, "version"),
        ({"name": None}, "'name'"),
        ({"dependencies": '"django"'}, "dependencies"),
        ({"dependencies": '["django >"]'}, "dependencies"),
        ({"dependencies": '["django", "not a requirement!"]'}, "dependencies"),
    ],
)
def test_what_is_wrong_in_the_project_table_is_named(
    load: Load, project: dict[str, str | None], words: str
) -> None:
    with pytest.raises(ProjectError) as caught:
        load(project=project)
    assert words in caught.value.what


def test_an_unknown_key_is_refused_with_those_that_there_are(load: Load) -> None:
    with pytest.raises(ProjectError) as caught:
        load({"settings_module": '"x"', "sources": "[]"})
    assert "settings_module, sources" in caught.value.what
    assert "settings-module" in caught.value.hint


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (None, "There is no"),
        (b"[project]\nname = 'x'\n", "no [tool.djdesk]"),
        (b"", "no [tool.djdesk]"),
        (b"[tool]\ndjdesk = 3\n", "no [tool.djdesk]"),
        (b"tool = 3\n", "no [tool.djdesk]"),
        (b"project = 3\n[tool.djdesk]\n", "[project]"),
        (b"[tool.djdesk\n", "pyproject.toml"),
        (b"[tool.djdesk]\nname = 'a'\nname = 'b'\n", "pyproject.toml"),
        (b"# caf\xe9\n", "pyproject.toml"),
    ],
)
def test_a_file_that_is_missing_or_broken_is_named(
    tmp_path: Path, text: bytes | None, words: str
) -> None:
    file = tmp_path / "pyproject.toml"
    if text is not None:
        file.write_bytes(text)
    with pytest.raises(ProjectError) as caught:
        load_project(tmp_path)
    assert words in caught.value.what
    assert str(file) in caught.value.what


@pytest.mark.parametrize(
    ("settings", "root"),
    [
        ("src/notes/settings.py", "src"),
        ("src/notes/settings/__init__.py", "src"),
        ("notes/settings.py", "."),
        ("notes/settings/__init__.py", "."),
        ("notes/settings/base.py", None),
        ("lib/notes/settings.py", None),
    ],
)
def test_settings_are_found_below_src_and_in_the_folder_itself(
    load: Load, folder: Path, settings: str, root: str | None
) -> None:
    (folder / "src" / "notes" / "settings.py").unlink()
    (folder / settings).parent.mkdir(parents=True, exist_ok=True)
    (folder / settings).touch()
    source = {"source": '["manage.py", "notes"]'}
    if root is not None:
        assert load(source).source_root == PurePosixPath(root)
    else:
        with pytest.raises(ProjectError, match=r"notes\.settings"):
            load(source)


def test_settings_below_src_come_first(load: Load, folder: Path) -> None:
    (folder / "notes").mkdir()
    (folder / "notes" / "settings.py").touch()
    assert load().source_root == PurePosixPath("src")


@pytest.mark.parametrize(
    ("text", "normalised"), [("1.0", "1.0"), ("v1.0-beta.2", "1.0b2"), ("2026.11.10", "2026.11.10")]
)
def test_a_version_is_written_as_pep_440_does(load: Load, text: str, normalised: str) -> None:
    assert load({"version": f'"{text}"'}).version == normalised


def test_source_must_be_named_where_the_settings_are_not_below_src(
    load: Load, folder: Path
) -> None:
    """Else the project would be shipped without its own package: src/ has something else."""
    (folder / "src" / "notes" / "settings.py").rename(folder / "src" / "notes" / "other.py")
    (folder / "notes").mkdir()
    (folder / "notes" / "settings.py").touch()
    for source in ({}, {"source": "[]"}):
        with pytest.raises(ProjectError, match="'source'") as caught:
            load(source)
        assert str(folder / "pyproject.toml") in caught.value.what
        assert "source = [" in caught.value.hint
    named = load({"source": '["notes"]'})
    assert (named.source, named.source_root) == ((PurePosixPath("notes"),), PurePosixPath())


def test_the_default_source_is_what_is_there(load: Load, folder: Path) -> None:
    (folder / "manage.py").unlink()
    assert load().source == (PurePosixPath("src"),)


def test_a_folder_may_be_named_relatively(
    load: Load, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    load()
    monkeypatch.chdir(folder.parent)
    assert load_project(Path(folder.name)).root == folder


def test_everything_that_is_wrong_is_named_at_once(load: Load) -> None:
    wrong = {
        "identifier": '"notes"',
        "settings-module": '"nothing.settings"',
        "langauges": '["en"]',
        "synchronous": '"MAYBE"',
        "extra-files": '["../x"]',
    }
    with pytest.raises(ProjectError) as caught:
        load(dict(wrong), {"version": '"one"', "dependencies": '["=="]'})
    said = str(caught.value)
    for part in ("nothing.settings", *wrong, "'one'", "dependencies", "languages?"):
        assert part in said, part


def test_no_folder_a_file_and_a_folder_without_project_are_told_apart(tmp_path: Path) -> None:
    (tmp_path / "a file").touch()
    (tmp_path / "empty").mkdir()
    said = {}
    for each in ("gone", "a file", "empty"):
        with pytest.raises(ProjectError) as caught:
            load_project(tmp_path / each)
        said[each] = caught.value.what.replace(each, "…")
        assert "--project" in caught.value.hint
    assert len(set(said.values())) == len(said)
