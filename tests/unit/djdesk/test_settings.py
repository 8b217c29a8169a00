import os
import re
import runpy
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from djdesk.settings import base, dev

ROOT = Path(base.__file__).resolve().parents[3]
ABOUT_HTTPS = {"security.W004", "security.W008", "security.W016"}


def run(*arguments: str, cwd: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    environment = {
        name: value
        for name, value in os.environ.items()
        if name not in {"DJANGO_SETTINGS_MODULE", "DJANGO_SECRET_KEY", "PYTHONPATH"}
    }
    environment |= {"PYTHONDONTWRITEBYTECODE": "1"} | variables
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=cwd,
        env=environment,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=60,
        check=False,
    )


def test_a_key_is_random_for_each_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DJANGO_SECRET_KEY", raising=False)
    keys = {runpy.run_path(base.__file__)["SECRET_KEY"] for _ in range(2)}
    assert len(keys) == 2
    assert min(map(len, keys)) >= 50


def test_a_key_can_be_given(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DJANGO_SECRET_KEY", "given")
    assert runpy.run_path(base.__file__)["SECRET_KEY"] == "given"


def test_only_loopback_is_served() -> None:
    assert base.ALLOWED_HOSTS == ["127.0.0.1", "localhost", "[::1]"]
    assert not base.DEBUG


def test_development_differs_only_where_it_must() -> None:
    differing = {
        name for name in dir(base) if name.isupper() and getattr(base, name) != getattr(dev, name)
    }
    assert differing == {"DEBUG", "SECRET_KEY", "STORAGES"}
    assert dev.SECRET_KEY.startswith("django-insecure-")
    assert dev.STORAGES["default"] == base.STORAGES["default"]


def test_the_deployment_check_finds_only_what_https_would_solve(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "src" / "djdesk", tmp_path / "djdesk")
    result = run(
        *("-W", "error", "-m", "django", "check", "--deploy"),
        cwd=tmp_path,
        DJANGO_SETTINGS_MODULE="djdesk.settings.base",
    )
    assert result.returncode == 0, result.stderr
    assert set(re.findall(r"\((\w+\.\w\d+)\)", result.stderr)) == ABOUT_HTTPS


def test_importing_the_settings_creates_nothing(tmp_path: Path) -> None:
    project = tmp_path / "src" / "djdesk"
    shutil.copytree(ROOT / "src" / "djdesk", project)
    before = sorted(tmp_path.rglob("*"))
    code = "import django; django.setup(); import djdesk.urls, djdesk.wsgi"
    for name in ("base", "dev"):
        result = run(
            *("-c", code),
            cwd=tmp_path,
            PYTHONPATH=str(tmp_path / "src"),
            DJANGO_SETTINGS_MODULE=f"djdesk.settings.{name}",
        )
        assert result.returncode == 0, result.stderr
    assert sorted(tmp_path.rglob("*")) == before


def test_manage_works_from_a_checkout_that_is_not_installed(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "src" / "djdesk", tmp_path / "src" / "djdesk")
    shutil.copy(ROOT / "manage.py", tmp_path)
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    result = run(str(tmp_path / "manage.py"), "migrate", "--no-color", cwd=elsewhere)
    assert result.returncode == 0, result.stderr
    assert "Applying notes.0001_initial... OK" in result.stdout
    assert (tmp_path / "data" / "db.sqlite3").stat().st_size > 0


def test_manage_without_django_says_what_to_do(tmp_path: Path) -> None:
    shutil.copy(ROOT / "manage.py", tmp_path)
    result = run("-S", "-E", str(tmp_path / "manage.py"), "check", cwd=tmp_path)
    assert result.returncode == 1
    assert "Django is not installed" in result.stderr
    assert "pip install" in result.stderr
    assert "Traceback" not in result.stderr


@pytest.mark.django_db
def test_migrations_are_complete() -> None:
    from django.core.management import call_command

    call_command("makemigrations", "--check", "--dry-run", verbosity=0)
