import json
import shutil
from pathlib import Path

import pytest

from djdesk_runtime.reports.masking import MASK
from tests.unit.djdesk_runtime.data.updates import RUN, migration
from tests.unit.djdesk_runtime.made_bundle import (
    DISTRIBUTIONS,
    MANIFEST,
    RUNTIME,
    changed_bundle,
    run,
    started,
)


@pytest.mark.parametrize("command", ["serve", "manage", "check", "info"])
def test_help(bundle: Path, command: str) -> None:
    done = run(bundle, command, "--help")
    assert done.returncode == 0
    assert "--data-dir" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([], "required: command"),
        (["dance"], "invalid choice: 'dance'"),
        (["serve", "--port", "65536"], "'65536' is not a number from 0 to 65535"),
        (["serve", "--port", "-1"], "port"),
        (["serve", "--dat", "x"], "--dat"),
    ],
)
def test_wrong_command_line(bundle: Path, arguments: list[str], words: str) -> None:
    done = run(bundle, *arguments)
    assert done.returncode == 2
    assert words in done.stderr


def test_info_tells_and_touches_nothing(bundle: Path, tmp_path: Path) -> None:
    done = run(bundle, "info", variables={"HOME": str(tmp_path), "XDG_DATA_HOME": str(tmp_path)})
    facts = json.loads(done.stdout)
    assert done.returncode == 0
    assert facts["app"] == MANIFEST["app"]
    assert facts["target"] == "linux-x86_64"
    assert facts["python"]["isolated"] is True
    assert facts["python"]["writes_bytecode"] is False
    assert facts["python"]["bundled_version"] == "3.14.10"
    assert "org.example.tiny-site" in facts["data_dir"]
    names = {item["name"].lower() for item in facts["distributions"]}
    assert names == set(DISTRIBUTIONS)
    assert not any(tmp_path.iterdir())


def test_check_passes(bundle: Path, tmp_path: Path) -> None:
    done = run(bundle, "check", variables={"HOME": str(tmp_path), "XDG_DATA_HOME": str(tmp_path)})
    assert done.returncode == 0, done.stderr
    assert "no issues" in done.stdout
    assert not any(tmp_path.iterdir())


def test_check_fails_on_a_warning(bundle: Path, tmp_path: Path) -> None:
    settings = "app/src/tiny/settings.py"
    content = (bundle / settings).read_text(encoding="utf-8").replace("X_FRAME", "")
    copy = changed_bundle(bundle, tmp_path, settings, content + "\nX_FRAME_OPTIONS = 'ALLOW'\n")
    done = run(copy, "check")
    assert done.returncode == 1
    assert "security.W019" in done.stderr


def test_manage_passes_arguments_and_exit_code_on(bundle: Path, tmp_path: Path) -> None:
    done = run(bundle, "manage", "--data-dir", str(tmp_path), "leave", "--code", "23")
    assert (done.returncode, done.stdout.splitlines()[-1]) == (23, "leaving")


def test_manage_uses_the_data_of_the_variable(bundle: Path, tmp_path: Path) -> None:
    variables = {"DJDESK_DATA_DIR": str(tmp_path / "variable")}
    done = run(bundle, "manage", "migrate", "--verbosity", "0", variables=variables)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "variable" / "db.sqlite3").is_file()


def test_option_wins_over_variable(bundle: Path, tmp_path: Path) -> None:
    variables = {"DJDESK_DATA_DIR": str(tmp_path / "variable")}
    run(bundle, "manage", "--data-dir", str(tmp_path / "o"), "migrate", variables=variables)
    assert [path.name for path in tmp_path.iterdir()] == ["o"]


def test_manage_without_a_command_helps(bundle: Path, tmp_path: Path) -> None:
    done = run(bundle, "manage", variables={"HOME": str(tmp_path)})
    assert done.returncode == 0
    assert "run_django.py manage" in done.stdout
    assert "collectstatic" in done.stdout


def test_unknown_management_command(bundle: Path, tmp_path: Path) -> None:
    done = run(bundle, "manage", "--data-dir", str(tmp_path), "dance")
    assert done.returncode == 1
    assert "Unknown command: 'dance'" in done.stderr
    assert "Traceback" not in done.stderr


def test_collectstatic_goes_where_the_build_says_and_needs_no_data(
    bundle: Path, tmp_path: Path
) -> None:
    variables = {
        "DJDESK_STATIC_ROOT": str(tmp_path / "staging"),
        "HOME": str(tmp_path / "home"),
        "DJDESK_DATA_DIR": str(tmp_path / "data"),
    }
    done = run(bundle, "manage", "collectstatic", "--noinput", variables=variables)
    assert done.returncode == 0, done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["staging"]
    names = {path.name for path in (tmp_path / "staging" / "things").iterdir()}
    assert {"site.css", "site.css.gz"} <= names
    assert len(names) == 4


def test_unfinished_bundle_collects_static_files(bundle: Path, tmp_path: Path) -> None:
    unfinished = {key: MANIFEST[key] for key in ("schema", "app", "settings_module")}
    content = json.dumps(unfinished | {"source_roots": ["app/src"]})
    copy = changed_bundle(bundle, tmp_path, "bundle.json", content)
    shutil.rmtree(copy / "static")
    done = run(copy, "manage", "collectstatic", "--noinput")
    assert done.returncode == 0, done.stderr
    assert (copy / "static" / "staticfiles.json").is_file()


BROKEN = [
    ("x = 1\nif x\n", "SyntaxError: expected ':' (settings.py, line 2)"),
    ("x = 1\nimport no_such_module\n", "'no_such_module' (app/src/tiny/settings.py, line 2)"),
    ("import os\nos.environ['NO_KEY']\n", "KeyError: 'NO_KEY' (app/src/tiny/settings.py, line 2)"),
    ("INSTALLED_APPS = ['no_such_app']\n", "No module named 'no_such_app'"),
    ("DATABASES = 7\n", "TypeError: "),
    ("x = 1\nimport sys; sys.exit(0)\n", "SystemExit: 0 (app/src/tiny/settings.py, line 2)"),
    ("raise SystemExit('no such place')\n", "SystemExit: no such place (app/src/tiny"),
]


@pytest.mark.parametrize(("settings", "words"), BROKEN)
def test_broken_settings(bundle: Path, tmp_path: Path, settings: str, words: str) -> None:
    copy = changed_bundle(bundle, tmp_path, "app/src/tiny/settings.py", settings)
    with started(copy, tmp_path) as running:
        event = running.event()
        assert running.end() == 4
    assert event["event"] == "failed"
    assert words in str(event["message"])
    assert words in running.errors
    assert "Traceback" not in running.errors
    log = tmp_path / "data" / "logs" / "app.log"
    assert event["log"] == str(log)
    assert "Traceback" in log.read_text(encoding="utf-8")


def test_broken_wsgi_module(bundle: Path, tmp_path: Path) -> None:
    settings = "app/src/tiny/settings.py"
    content = (bundle / settings).read_text(encoding="utf-8")
    copy = changed_bundle(
        bundle, tmp_path, settings, content + "\nWSGI_APPLICATION = 'tiny.nothing.application'\n"
    )
    with started(copy, tmp_path) as running:
        events = list(iter(running.event, {}))
        assert running.end() == 4
    assert {event["event"] for event in events[:-1]} == {"progress"}
    assert events[-1]["event"] == "failed"
    assert "WSGI application" in str(events[-1]["message"])


def test_wsgi_module_that_exits(bundle: Path, tmp_path: Path) -> None:
    settings = "app/src/tiny/settings.py"
    content = (bundle / settings).read_text(encoding="utf-8")
    content += "\nWSGI_APPLICATION = 'tiny.wsgi.application'\n"
    copy = changed_bundle(bundle, tmp_path, settings, content)
    (copy / "app/src/tiny/wsgi.py").write_text("raise SystemExit(5)\n", encoding="utf-8")
    with started(copy, tmp_path) as running:
        *_, event = iter(running.event, {})
        assert running.end() == event["code"] == 4
    assert "SystemExit: 5 (app/src/tiny/wsgi.py, line 1)" in str(event["message"])


TELLS_KEY = """
from django.apps import AppConfig
from django.conf import settings

class Tells(AppConfig):
    name = "tiny.things"

    def ready(self):
        raise RuntimeError(f"the key is {settings.SECRET_KEY}, is it not?")
"""
TELLS_IN_STEP = """
from django.conf import settings
raise RuntimeError(f"the key is {settings.SECRET_KEY}, is it not?")
"""


@pytest.mark.parametrize("place", ["application", "migration"])
def test_secret_key_in_the_projects_own_words(bundle: Path, tmp_path: Path, place: str) -> None:
    content = migration("0001_initial", RUN, step=TELLS_IN_STEP)
    name = "things/migrations/0002_tell.py"
    if place == "application":
        name, content = "things/apps.py", TELLS_KEY
    copy = changed_bundle(bundle, tmp_path, f"app/src/tiny/{name}", content)
    with started(copy, tmp_path) as running:
        *_, event = iter(running.event, {})
        running.end()
    key = (tmp_path / "data" / "secret_key").read_text(encoding="ascii").strip()
    log = (tmp_path / "data" / "logs" / "app.log").read_text(encoding="utf-8")
    for text in (str(event["message"]), running.errors, log):
        assert f"the key is {MASK}, is it not?" in text
        assert key not in text


def test_broken_settings_and_manage(bundle: Path, tmp_path: Path) -> None:
    copy = changed_bundle(bundle, tmp_path, "app/src/tiny/settings.py", "1 / 0\n")
    done = run(copy, "manage", "migrate", variables={"DJDESK_DATA_DIR": str(tmp_path / "data")})
    assert done.returncode == 4
    assert "ZeroDivisionError: division by zero (app/src/tiny/settings.py, line 1)" in done.stderr
    assert "Traceback" not in done.stderr
    log = tmp_path / "data" / "logs" / "app.log"
    assert f"build again; {log} has the traceback." in done.stderr
    assert "Traceback" in log.read_text(encoding="utf-8")


@pytest.mark.parametrize("arguments", [["manage", "collectstatic", "--noinput"], ["check"]])
def test_broken_settings_without_data_name_no_log(
    bundle: Path, tmp_path: Path, arguments: list[str]
) -> None:
    """It would be gone before anybody could look at it."""
    copy = changed_bundle(bundle, tmp_path, "app/src/tiny/settings.py", "1 / 0\n")
    done = run(copy, *arguments)
    assert done.returncode == 4
    assert "ZeroDivisionError: division by zero (app/src/tiny/settings.py, line 1)" in done.stderr
    assert done.stderr.endswith("What to do: Correct the project and build again.\n")
    assert "app.log" not in done.stderr


@pytest.mark.parametrize("content", ["", "[]", '{"schema": 2}'])
def test_damaged_manifest(bundle: Path, tmp_path: Path, content: str) -> None:
    copy = changed_bundle(bundle, tmp_path, "bundle.json", content)
    with started(copy, tmp_path) as running:
        event = running.event()
        assert running.end() == 3
    assert event["event"] == "failed"
    assert "The application is damaged" in str(event["message"])
    assert run(copy, "info").returncode == 3


def test_missing_runtime(tmp_path: Path) -> None:
    shutil.copy(RUNTIME / "run_django.py", tmp_path)
    done = run(tmp_path, "info")
    assert done.returncode == 3
    assert "No module named 'djdesk_runtime'" in done.stderr
    assert "Install the application again" in done.stderr


def test_project_cannot_shadow_the_library_nor_dependencies_the_project(
    bundle: Path, tmp_path: Path
) -> None:
    copy = changed_bundle(
        bundle, tmp_path, "app/src/colorsys.py", "raise RuntimeError('shadowed')\n"
    )
    (copy / "app" / "src" / "shared.py").write_text("whose = 'project'\n", encoding="utf-8")
    (copy / "packages" / "shared.py").write_text("whose = 'dependency'\n", encoding="utf-8")
    (copy / "app" / "src" / "djdesk_runtime").mkdir()
    code = "import colorsys, shared; print(shared.whose)"
    done = run(copy, "manage", "--data-dir", str(tmp_path / "data"), "shell", "-v0", "-c", code)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == "project"


def test_nothing_comes_from_the_interpreters_own_site_folder(bundle: Path, tmp_path: Path) -> None:
    code = "import pytest"
    done = run(bundle, "manage", "--data-dir", str(tmp_path), "shell", "-v0", "-c", code)
    assert done.returncode == 1
    assert "No module named 'pytest'" in done.stderr
