"""A project that writes everywhere, in a bundle that it cannot write in, without HOME or /tmp.

One of its dependencies has static files with defects, and it sets what WhiteNoise has settings for.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from build_support.bundles.protocol import new_token
from build_support.trees.folders import remove_tree
from tests import unix
from tests.integration.conftest import Shared
from tests.integration.running import running, token_header
from tests.integration.sessions import ROOT, Finished
from tests.wheels import lock_line, make_pure_wheel

_PROJECT = ROOT / "tests" / "projects" / "writing"
_NOBODY = 65534
_WIDGETS: Mapping[str, str | bytes] = {
    "gardenwidgets/__init__.py": "",
    "gardenwidgets/static/gardenwidgets/w.css": "p {}\n\nb { background: url('gone.png') }\n",
    "gardenwidgets/static/gardenwidgets/w.js": "f()\n//# sourceMappingURL=w.js.map\n",
    "gardenwidgets/static/gardenwidgets/out.css": "p { background: url(../../../../x.png) }\n",
    "gardenwidgets/static/gardenwidgets/old.css": "/* Größe */".encode("latin-1"),
}
#: More than Django keeps in memory.
_UPLOAD = bytes(range(256)) * 4 * 1024 * 8


@dataclass(frozen=True, slots=True)
class Used:
    """What its build said, and what was seen when it was used."""

    build: str
    data: Path
    written: dict[str, Any]
    uploaded: dict[str, Any]
    download: bytes
    static: dict[str, httpx.Response]
    before: dict[str, int]
    after: dict[str, int]


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project, with its wheels beside it."""
    folder = tmp_path_factory.mktemp("writing")
    wheel = make_pure_wheel(folder, "gardenwidgets", _WIDGETS, version="3.1")
    project = folder / "project"
    shutil.copytree(_PROJECT, project, ignore=shutil.ignore_patterns("__pycache__"))
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    (project / "requirements.lock").write_text(f"{lock}{lock_line(wheel)}\n", encoding="utf-8")
    return project


def _build(shared: Shared, project: Path, output: Path) -> Finished:
    wheels = str(project.parent)
    return shared.run("bundle", "--project", project, "--output", output, UV_FIND_LINKS=wheels)


@pytest.fixture(scope="module")
def used(shared: Shared, project: Path) -> Iterator[Used]:
    folder = Path(tempfile.mkdtemp(prefix="djdesk-"))
    folder.chmod(0o755)
    try:
        bundle, scratch = folder / "Größe ü" / "django-bundle", folder / "scratch"
        built = _build(shared, project, bundle)
        assert built.code == 0, built.output
        _seal(bundle)
        scratch.mkdir()
        user = _NOBODY if unix.geteuid() == 0 else None
        if user is not None:
            unix.chown(scratch, user, user)
        yield _use(bundle, scratch, user, built.output)
    finally:
        remove_tree(folder)


def _seal(bundle: Path) -> None:
    for name, _, files in os.walk(bundle):
        for path in (Path(name), *(Path(name, file) for file in files)):
            if not path.is_symlink():
                path.chmod(path.stat().st_mode & 0o555)


def _use(bundle: Path, scratch: Path, user: int | None, build: str) -> Used:
    token = new_token()
    environment = {"PATH": os.defpath, "TMPDIR": str(scratch / "not there")}
    before = _times(bundle)
    with running(bundle, scratch, token=token, environment=environment, user=user) as server:
        with httpx.Client(
            base_url=server.url, headers=token_header(token), trust_env=False, timeout=60
        ) as client:
            upload = client.post("upload/", files={"file": ("a.bin", _UPLOAD)})
            uploaded = _json(upload, scratch)
            written = _json(client.get("write/"), scratch)
            addresses = [*written["static"], "/static/garden/garden.css", "/robots.txt"]
            static = {address: client.get(address) for address in addresses}
            download = client.get(uploaded["url"]).content
        assert server.end() == 0
    data = scratch / "data"
    return Used(build, data, written, uploaded, download, static, before, _times(bundle))


def _json(response: httpx.Response, scratch: Path) -> dict[str, Any]:
    log = (scratch / "data" / "logs" / "app.log").read_text(encoding="utf-8")
    assert response.status_code == httpx.codes.OK, log
    content: dict[str, Any] = response.json()
    return content


def _times(bundle: Path) -> dict[str, int]:
    return {str(path): path.lstat().st_mtime_ns for path in (bundle, *bundle.rglob("*"))}


def test_nothing_is_written_in_the_bundle(used: Used) -> None:
    assert used.before == used.after


@pytest.mark.parametrize("name", ["exports", "last-start.txt"])
def test_what_the_settings_make_is_not_in_the_bundle(used: Used, name: str) -> None:
    """An empty folder would be lost in some packages; a file may be about this machine."""
    assert not [path for path in used.before if Path(path).name == name]


def test_large_upload_is_held_where_it_stays(used: Used) -> None:
    assert Path(used.uploaded["held"]).is_relative_to(used.data)
    assert Path(used.uploaded["kept"]) == used.data / "media" / "upload.bin"
    assert used.uploaded["url"] == "/media/upload.bin"
    assert used.download == _UPLOAD


@pytest.mark.parametrize(
    "place",
    [
        "sessions/*",
        "cache/default/*",
        "mail/default/*",
        "logs/garden.log",
        "storages/thumbnails/small.png",
        "files/exports/all.csv",
    ],
)
def test_what_the_project_writes_is_in_the_data(used: Used, place: str) -> None:
    files = [path for path in used.data.glob(place) if path.is_file()]
    assert files
    assert all(path.stat().st_size for path in files)


def test_caches_work_and_one_in_a_database_has_its_table(used: Used) -> None:
    assert used.written["cached"] == ["value", "value"]
    assert "cache_table" not in used.build


def test_working_folder_is_the_projects(used: Used) -> None:
    assert used.written["words"] == "apple pear\n"
    assert used.written["child"] == 0


def test_there_is_a_place_for_temporary_files(used: Used) -> None:
    assert "not there" not in used.written["temporary"]


def test_settings_of_whitenoise_are_kept(used: Used) -> None:
    hashed, built, plain, robots = used.static.values()
    assert {answer.status_code for answer in used.static.values()} == {httpx.codes.OK}
    assert {answer.headers["X-Garden"] for answer in used.static.values()} == {"yes"}
    assert "immutable" in hashed.headers["Cache-Control"]
    assert "immutable" in built.headers["Cache-Control"]
    assert plain.headers["Cache-Control"] == "no-store"
    assert robots.headers["Cache-Control"] == "no-store"
    assert robots.text.startswith("User-agent")


@pytest.mark.parametrize(
    "defect", ["w.css, line 3: gone.png", "w.js, line 2: w.js.map", "out.css, line 1", "old.css: "]
)
def test_defects_of_a_dependency_are_warned_of(used: Used, defect: str) -> None:
    told = " ".join(used.build.split())
    assert f"gardenwidgets 3.1: gardenwidgets/static/gardenwidgets/{defect}" in told


def test_the_projects_own_defects_fail_where_its_storage_would(
    shared: Shared, project: Path, tmp_path: Path
) -> None:
    shutil.copytree(project.parent, tmp_path / "writing")
    copy = tmp_path / "writing" / "project"
    sheet = copy / "garden/static/garden/garden.css"
    sheet.write_text("\n\np { background: url('nowhere.png') }\n", encoding="utf-8")
    refused = _build(shared, copy, tmp_path / "one" / "django-bundle")
    assert refused.code != 0, refused.output
    assert "garden/static/garden/garden.css, line 3: nowhere.png" in " ".join(
        refused.output.split()
    )
    settings = copy / "garden" / "settings.py"
    plain = settings.read_text(encoding="utf-8").replace("ManifestStatic", "Static")
    settings.write_text(plain, encoding="utf-8")
    taken = _build(shared, copy, tmp_path / "two" / "django-bundle")
    assert taken.code == 0, taken.output
    assert "garden/static/garden/garden.css, line 3: nowhere.png" in " ".join(taken.output.split())
