"""AppImage, deb and rpm, made by real electron-builder with stand-ins for tools that are not to be
had (tests/tools.py), looked into, started by `smoke`, and installed."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from build_support.packages.opening import OPENERS, Application, unpacked_app_image
from build_support.target import host_target
from tests import needs, unix
from tests.e2e.waiting import until
from tests.integration.conftest import Shared
from tests.integration.packaged import EXECUTABLE, linked_copy, need_screen, replace
from tests.tools import linux_tools

pytestmark = pytest.mark.skipif(
    not host_target().name.startswith("linux"), reason="CI packages on other systems by itself"
)

STEM = f"djdesk-notes-0.1.0-{host_target()}-rehearsal"
_INSTALL = Path(__file__).with_name("install.sh")
_SECONDS = 180


@pytest.fixture(scope="module")
def packages(shared: Shared, bundle: Path) -> Path:
    """The example as a folder, an AppImage, a deb and an rpm."""

    def make(folder: Path) -> None:
        words = ("--rehearse", "--bundle", bundle, "--formats", "dir,AppImage,deb,rpm")
        tools = linux_tools(folder / "tools", host_target())
        finished = shared.run("package-linux", *words, "--output", folder / "dist", **tools)
        assert finished.code == 0, finished.output
        (folder / "output.txt").write_text(finished.output, encoding="utf-8")

    return shared.once("installers", make) / "dist"


def test_each_is_looked_into(packages: Path) -> None:
    output = (packages.parent / "output.txt").read_text(encoding="utf-8")
    for kind in ("AppImage", "deb", "rpm"):
        assert f"Look into {STEM}.{kind}" in output
    # electron-builder leaves it in the folder that it makes a deb of.
    assert not (packages / STEM / "resources" / "apparmor-profile").exists()
    assert not (packages / STEM / "resources" / "default_app.asar").exists()


@pytest.mark.parametrize("kind", ["AppImage", "deb", "rpm"])
def test_links_and_modes_are_those_of_the_folder(packages: Path, kind: str, tmp_path: Path) -> None:
    place = Path("resources", "django-bundle", "python")
    application = Application("linux", EXECUTABLE)
    openers = {**OPENERS, "AppImage": unpacked_app_image}
    with openers[kind](packages / f"{STEM}.{kind}", application, tmp_path) as opened:
        for file in (packages / STEM / place).rglob("*"):
            copy = opened.program.parent / place / file.relative_to(packages / STEM / place)
            assert copy.is_symlink() == file.is_symlink(), copy
            assert copy.lstat().st_mode == file.lstat().st_mode, copy


def test_smoke_starts_them_all(shared: Shared, packages: Path) -> None:
    need_screen()
    # Not in pytest's folder: Chromium makes a socket there, and its path must be short (unix(7)).
    with TemporaryDirectory(prefix="djdesk-test-") as temporary:
        finished = shared.run("smoke", "--output", packages, TMPDIR=temporary)
        assert finished.code == 0, finished.output
        # The applications' own data is removed a few seconds after their end.
        until(lambda: not list(Path(temporary).iterdir()), "nothing is left", 20)
    rows = {line.split()[0]: line.split()[1:] for line in finished.output.splitlines() if line}
    for name in (STEM, f"{STEM}.AppImage", f"{STEM}.deb", f"{STEM}.rpm"):
        # Chromium and the server start side by side; what follows comes in its order.
        ready, serving, *rest = (int(text) for text in rows[name])
        assert 0 < max(ready, serving) <= rest[0]
        assert rest == sorted(rest)
        assert len(rest) == 3


def test_smoke_names_the_file_for_which_it_fails(
    shared: Shared, packages: Path, tmp_path: Path
) -> None:
    need_screen()
    damaged = linked_copy(packages, tmp_path)
    module = damaged / STEM / "resources" / "django-bundle" / "app" / "manage.py"
    replace(module, module.read_bytes()[:-1] + b"#")
    finished = shared.run("smoke", "--output", damaged, "--formats", "dir")
    assert finished.code != 0
    assert f"{STEM}: The application ended with 1: app/manage.py has changed" in finished.output


def test_a_deb_is_installed_used_and_purged(packages: Path, tmp_path: Path) -> None:
    need_screen()
    if unix.geteuid() != 0:
        needs.skip("root", "installing needs the rights of root")
    place = tmp_path / "machine"
    place.mkdir()
    finished = subprocess.run(
        ["sh", _INSTALL, packages / f"{STEM}.deb", EXECUTABLE, place],
        capture_output=True,
        encoding="utf-8",
        timeout=_SECONDS,
        check=False,
    )
    if re.search(r"unshare: .*Operation not permitted|mount: .*permission denied", finished.stderr):
        needs.skip("root", "mounting needs more rights than this root has")
    assert finished.returncode == 0, finished.stderr
    seen = dict(line.partition(": ")[::2] for line in finished.stdout.splitlines())
    assert seen["installed"] == "installed"
    assert seen["command"] == f"/opt/DJDesk Notes/{EXECUTABLE}"
    assert seen["entry"] == f'"/opt/DJDesk Notes/{EXECUTABLE}" %U'
    assert int(seen["icon"]) > 5
    assert seen["code"] == "0", finished.stderr
    report = json.loads(seen["report"])
    assert report["ok"]
    assert report["steps"] == ["files", "server", "page", "database", "end"]
    assert seen["left"] == "", "nothing of it is left after it was purged"
    assert list(place.iterdir()) == [], "nothing of it was seen outside"
