"""Sessions that no other test runs, typed as a user types them."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from build_support.published.pins import PINS_FILE
from build_support.target import host_target
from tests import unix
from tests.integration.conftest import Shared
from tests.integration.sessions import ROOT, environment, session_command
from tests.unit.build_support.packages.test_release import published

_SECONDS = 120
_LINK = re.compile(r"lets one browser in, once: (http://\S+)")
_URL = re.compile(r"Serving on (http://\S+)")
_LIMITED = pytest.mark.skipif(sys.platform == "win32", reason="ends sessions by POSIX' signals")


@contextmanager
def serving(shared: Shared, session: str, *words: object) -> Iterator[list[str]]:
    """Run a session until it serves; yield what it said by then. It is told to end afterwards.

    Not by Ctrl-C, which is ignored by what runs in the background, as tests may; that is tried in
    tests/unit/build_support/desktop.
    """
    variables = {"DJDESK_CACHE_DIR": str(shared.cache), "UV_OFFLINE": "1", "PYTHONUNBUFFERED": "1"}
    with subprocess.Popen(
        session_command(session, *words),
        cwd=ROOT,
        env=environment(**variables),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        process_group=0,
    ) as process:
        try:
            said: list[str] = []
            for line in process.stdout or ():
                said.append(line)
                if "Open this address" in line or (session == "dev" and "Serving on" in line):
                    break
            assert process.poll() is None, "".join(said)
            yield said
            process.terminate()
            assert process.wait(_SECONDS) != 0
        finally:
            if process.poll() is None:
                unix.killpg(process.pid, unix.SIGKILL)


def found(pattern: re.Pattern[str], said: list[str]) -> str:
    match = pattern.search("".join(said))
    assert match, "".join(said)
    return match[1]


@_LIMITED
def test_run_serves_the_bundle_to_one_browser(shared: Shared, bundle: Path, tmp_path: Path) -> None:
    words = ("--browser", "--no-open", "--bundle", bundle, "--data-dir", tmp_path / "data")
    with (
        serving(shared, "run", *words) as said,
        httpx.Client(trust_env=False, follow_redirects=True) as browser,
    ):
        url = found(_URL, said)
        assert httpx.get(url, trust_env=False).status_code == 403
        assert browser.get(found(_LINK, said)).status_code == 200
        assert "<h1" in browser.get(url).text
    with pytest.raises(httpx.ConnectError):
        httpx.get(url, trust_env=False)
    assert (tmp_path / "data" / "db.sqlite3").is_file()


@_LIMITED
def test_dev_serves_the_source_tree(shared: Shared, project: Path) -> None:
    with serving(shared, "dev", "--browser", "--no-open", "--project", project) as said:
        url = found(_URL, said)
        page = httpx.get(url, trust_env=False, timeout=_SECONDS)
        assert page.status_code == 200
        assert "<h1" in page.text
    with pytest.raises(httpx.ConnectError):
        httpx.get(url, trust_env=False)


def test_fetch_interpreter_says_what_it_has(shared: Shared, bundle: Path) -> None:
    assert bundle.is_dir()  # so that its interpreter is in the cache
    finished = shared.run("fetch-interpreter")
    assert finished.code == 0, finished.output
    assert f"for {host_target()} is in the cache." in finished.output
    assert re.search(r"sha256 +[0-9a-f]{64}", finished.output)


def test_clean_deletes_the_bundle_and_nothing_else(
    shared: Shared, bundle: Path, tmp_path: Path
) -> None:
    copy = Path(shutil.copytree(bundle, tmp_path / "django-bundle", symlinks=True))
    (tmp_path / "other").touch()
    finished = shared.run("clean", "--output", copy)
    assert finished.code == 0, finished.output
    # A lock is never deleted: another session may be waiting for it.
    left = {path.name for path in tmp_path.iterdir()}
    assert left == {"other", ".django-bundle.lock"}


def test_update_pins_without_a_network_changes_nothing(shared: Shared, tmp_path: Path) -> None:
    pins = Path(shutil.copy(PINS_FILE, tmp_path))
    nowhere = {"HTTPS_PROXY": "http://127.0.0.1:9", "NO_PROXY": ""}
    finished = shared.run("update-pins", "--pins", pins, **nowhere)
    assert finished.code != 0
    assert "Traceback" not in finished.output
    assert "Why:" in finished.output
    assert pins.read_bytes() == PINS_FILE.read_bytes()


@pytest.mark.skipif(sys.platform == "darwin", reason="it would make them here")
def test_packages_for_macos_are_made_on_a_mac(shared: Shared, tmp_path: Path) -> None:
    finished = shared.run("package-macos", "--rehearse", "--output", tmp_path / "dist")
    assert finished.code != 0
    assert f"Packages for macos cannot be made on {host_target().system}." in finished.output
    assert list(tmp_path.iterdir()) == []


@_LIMITED
def test_draft_release_hands_everything_to_gh(shared: Shared, tmp_path: Path) -> None:
    project, dist, told = (tmp_path / name for name in ("project", "dist", "told.json"))
    dist.mkdir()
    published(dist)
    project.mkdir()
    (project / "CHANGELOG.md").write_text("## 1.0.0\n\n- Ponds.\n", encoding="utf-8")
    who = ("-c", "user.name=Z", "-c", "user.email=z@example.org")
    for words in (("init", "-q"), ("add", "."), (*who, "commit", "-qm", "."), ("tag", "v1.0.0")):
        subprocess.run(["git", "-C", project, *words], check=True)
    gh = tmp_path / "bin" / "gh"
    gh.parent.mkdir()
    gh.write_text(
        f"#!{sys.executable}\nimport json, sys\n"
        f"json.dump([sys.argv[1:], sys.stdin.read()], open({str(told)!r}, 'w'))\n"
        "print('https://example.org/draft')\n",
        encoding="utf-8",
    )
    gh.chmod(0o755)
    path = f"{gh.parent}{os.pathsep}{os.environ['PATH']}"
    finished = shared.run("draft-release", "--project", project, "--output", dist, PATH=path)
    assert finished.code == 0, finished.output
    assert "Read it, and publish it: https://example.org/draft" in finished.output
    words, notes = json.loads(told.read_text(encoding="utf-8"))
    assert words[:4] == ["release", "create", "v1.0.0", "--draft"]
    assert {Path(word).name for word in words if word.startswith("/")} == {
        path.name for path in dist.iterdir() if not path.name.startswith(".")
    }
    assert notes == "- Ponds."
