"""What a user can get wrong: a clear error, a non-zero exit, and the previous bundle untouched."""

from __future__ import annotations

import ctypes
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from build_support.bundles.manifest import read_manifest
from build_support.verification.files import check_files
from tests import unix
from tests.integration.conftest import Shared
from tests.integration.sessions import ROOT, environment, session_command


def _append(path: Path, text: str) -> None:
    with path.open("a", encoding="utf-8") as stream:
        stream.write(text)


def _replace(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def _without_hashes(project: Path) -> None:
    (project / "requirements.lock").write_text("django==6.1.3\n", encoding="utf-8")


def _with_secret(project: Path) -> None:
    _append(project / ".env", "KEY=1")
    _replace(project / "pyproject.toml", "languages", 'extra-files = [".env"]\nlanguages')


def _with_private_key(project: Path) -> None:
    (project / "keys").mkdir()
    key = "-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkqhkiG9w0BAQEFAASC\n"
    _append(project / "keys" / "server.pem", key)
    _replace(project / "pyproject.toml", "languages", 'extra-files = ["keys"]\nlanguages')


def _with_folder_of_the_settings(project: Path) -> None:
    (project / "pages").mkdir()
    _append(project / "pages" / "page.html", "x")
    added = '\nTEMPLATES[0]["DIRS"] = [Path(__file__).resolve().parents[3] / "pages"]\n'
    _append(project / "src/djdesk/settings/base.py", f"\nfrom pathlib import Path\n{added}")


_MISTAKES: dict[str, tuple[Callable[[Path], object], tuple[str, ...]]] = {
    "no pyproject": (
        lambda project: (project / "pyproject.toml").unlink(),
        ("There is no", "pyproject.toml", "--project"),
    ),
    "lock missing": (
        lambda project: (project / "requirements.lock").unlink(),
        ("There is no lock", "uv pip compile"),
    ),
    "lock unhashed": (_without_hashes, ("requirements.lock, line 1", "--hash")),
    "lock not pinned": (
        lambda project: _replace(project / "requirements.lock", "django==", "django>="),
        ("requirements.lock, line", "=="),
    ),
    "lock of another version": (
        lambda project: _replace(project / "pyproject.toml", "django>=6.1,<6.2", "django>=7"),
        ("does not agree", "django", ">=7"),
    ),
    "dependency not locked": (
        lambda project: _replace(
            project / "pyproject.toml", '["django>=6.1,<6.2"]', '["django", "requests>=2"]'
        ),
        ("does not agree", "requests"),
    ),
    "hash of something else": (
        lambda project: (project / "requirements.lock").write_text(
            "django==6.1.3 --hash=sha256:" + "0" * 64 + "\n"
        ),
        ("Installing the locked packages", "django"),
    ),
    "settings with a syntax error": (
        lambda project: _append(project / "src/djdesk/settings/base.py", "\nDEBUG = (\n"),
        ("settings/base.py",),
    ),
    "settings that fail": (
        lambda project: _append(
            project / "src/djdesk/settings/base.py", "\nraise RuntimeError('no key')\n"
        ),
        ("static files failed", "RuntimeError: no key", "src/djdesk/settings/base.py, line "),
    ),
    "module with a syntax error": (
        lambda project: _append(project / "src/djdesk/local_time.py", "\ndef :\n"),
        ("local_time.py",),
    ),
    "collectstatic fails": (
        lambda project: _append(
            project / "src/djdesk/notes/static/notes/notes.css",
            "\nbody { background: url('nowhere.png') }\n",
        ),
        ("Static files", "nowhere.png"),
    ),
    "finder of static files that is not there": (
        lambda project: _append(
            project / "src/djdesk/settings/base.py",
            '\nSTATICFILES_FINDERS = ["djdesk.local_time.Nowhere"]\n',
        ),
        ("static files failed", "Nowhere"),
    ),
    "secret to be shipped": (
        _with_secret,
        (".env cannot be shipped",),
    ),
    "source that is not there": (
        lambda project: _replace(project / "pyproject.toml", '"src/djdesk"]', '"src/gone"]'),
        ("gone is not there",),
    ),
    "folder of the settings that is not shipped": (
        _with_folder_of_the_settings,
        ("TEMPLATES: pages", 'source = ["manage.py", "src/djdesk", "pages"]'),
    ),
    "private key to be shipped": (
        _with_private_key,
        ("keys/server.pem", "may not be shipped"),
    ),
    "pointer of Git LFS": (
        lambda project: _append(
            project / "src/djdesk/logo.png", "version https://git-lfs.github.com/spec/v1\n"
        ),
        ("src/djdesk/logo.png", "git lfs pull"),
    ),
    "unknown key": (
        lambda project: _replace(project / "pyproject.toml", "languages", "langauges"),
        ("has no key langauges", "languages"),
    ),
}


@pytest.mark.parametrize("name", _MISTAKES)
def test_mistakes_in_a_project(
    shared: Shared, bundle: Path, project: Path, tmp_path: Path, name: str
) -> None:
    mistake, words = _MISTAKES[name]
    output = tmp_path / "out" / "django-bundle"
    shutil.copytree(bundle, output, symlinks=True)
    mistake(project)
    finished = shared.run("bundle", "--project", project, "--output", output)
    _check_refused(finished.code, finished.output, words)
    assert read_manifest(output) == read_manifest(bundle)
    assert {path.name for path in output.parent.iterdir()} <= {
        "django-bundle",
        ".django-bundle.lock",
    }


@pytest.mark.parametrize(
    ("session", "options", "words"),
    [
        ("bundle", ["--target", "amiga"], ("no target 'amiga'", "linux-x86_64")),
        ("bundle", ["--frobnicate"], ("--frobnicate", "--help")),
        ("bundle", ["--interpreter", "debian", "--release"], ("release", "--interpreter")),
        (
            "bundle",
            ["--interpreter", "debian", "--target", "windows-x86_64"],
            ("windows-x86_64", "published"),
        ),
        ("bundle", ["--interpreter-archive", "/nowhere.tar.gz"], ("nowhere.tar.gz",)),
        ("fetch-interpreter", ["--pins", "/nowhere.json"], ("nowhere.json",)),
        ("verify", ["--bundle", "/nowhere"], ("There is no bundle in /nowhere",)),
        ("run", ["--browser", "--bundle", "/nowhere"], ("There is no bundle in /nowhere",)),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else None,
)
def test_mistakes_on_the_command_line(
    shared: Shared, session: str, options: list[str], words: tuple[str, ...]
) -> None:
    finished = shared.run(session, *options)
    _check_refused(finished.code, finished.output, words)


def test_an_archive_of_another_content_is_refused_and_kept(shared: Shared, tmp_path: Path) -> None:
    archive = tmp_path / "mine.tar.gz"
    archive.write_bytes(b"not the pinned archive")
    finished = shared.run("bundle", "--interpreter-archive", archive, "--output", tmp_path / "out")
    _check_refused(finished.code, finished.output, ("mine.tar.gz", "expected", "actual"))
    assert archive.read_bytes() == b"not the pinned archive"
    assert not (tmp_path / "out").exists()


@pytest.mark.skipif(os.name == "nt", reason="limits of a process are POSIX's")
def test_a_full_disk_loses_nothing(
    shared: Shared, bundle: Path, project: Path, tmp_path: Path
) -> None:
    """A limit on the size of files fails writes as a full disk does, here of the listing."""
    output = tmp_path / "out" / "django-bundle"
    shutil.copytree(bundle, output, symlinks=True)
    _append(project / "src/djdesk/urls.py", "\n# changed\n")
    limit = 150_000
    finished = subprocess.run(
        session_command("bundle", "--project", project, "--output", output),
        cwd=ROOT,
        env=environment(DJDESK_CACHE_DIR=str(shared.cache), UV_OFFLINE="1"),
        preexec_fn=lambda: unix.limit_file_size(limit),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        check=False,
    )
    _check_refused(finished.returncode, finished.stdout, ("could not be written", "Next:"))
    assert [problem for _, problem in check_files(output, read_manifest(output)) if problem] == []
    assert not (output.parent / ".django-bundle.staging").exists()


@pytest.mark.skipif(sys.platform != "linux", reason="takes away a right that Linux gives to root")
def test_a_cache_that_cannot_be_written(project: Path, tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    cache.mkdir(mode=0o555)
    finished = subprocess.run(
        session_command("bundle", "--project", project, "--output", tmp_path / "out" / "b"),
        cwd=ROOT,
        env=environment(DJDESK_CACHE_DIR=str(cache), UV_OFFLINE="1"),
        preexec_fn=_obey_modes,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        check=False,
    )
    _check_refused(finished.returncode, finished.stdout, ("Permission denied", "DJDESK_CACHE_DIR"))
    assert list(cache.iterdir()) == []


def _obey_modes() -> None:
    """Take from the program that is started next root's right to write everywhere."""
    drop_capability, override_modes = 24, 1  # PR_CAPBSET_DROP, CAP_DAC_OVERRIDE
    ctypes.CDLL(None).prctl(drop_capability, override_modes, 0, 0, 0)


def _check_refused(code: int, output: str, words: tuple[str, ...]) -> None:
    assert code != 0, output
    assert "Traceback" not in output, output
    assert 'File "' not in output, output
    for word in words:
        assert word in output, output
