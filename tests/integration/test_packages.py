"""Packages made by their sessions, with real electron-builder, and used in a real Electron."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest
from packaging.utils import canonicalize_name

from build_support.bundles.manifest import DESCRIBING_FILES, read_manifest
from build_support.bundles.protocol import TOKEN_HEADER, new_token
from build_support.desktop.unzip import unzip
from build_support.packages.checksums import SUMS_FILE, check_sums, read_sums
from build_support.packages.manifest import BESIDE_SUFFIX, read_package_manifest
from build_support.projects.requirements import join, read_lock
from build_support.sbom.bill import SBOM_FILE, check_bill
from build_support.target import TARGETS, host_target
from build_support.trees import listing
from tests.integration.conftest import Shared
from tests.integration.packaged import Account, account, linked_copy, need_screen, replace
from tests.integration.sessions import ROOT
from tests.windows.bundle import make_windows_bundle
from tests.windows.programs import SECONDS, Installation, starting
from tests.windows.wine import need_wine, running_windows

pytestmark = pytest.mark.skipif(
    not host_target().name.startswith("linux"), reason="CI packages on other systems by itself"
)

_MODULE = "packages/django/urls/base.py"


@pytest.fixture(scope="module")
def packages(shared: Shared, bundle: Path) -> Path:
    """The example's packages for this machine: a folder, a tar.gz and a zip."""

    def make(folder: Path) -> None:
        finished = shared.run(
            "package-linux", "--rehearse", "--bundle", bundle, "--output", folder / "dist"
        )
        assert finished.code == 0, finished.output
        (folder / "output.txt").write_text(finished.output, encoding="utf-8")

    return shared.once("packages", make) / "dist"


@pytest.fixture(scope="module")
def windows_packages(shared: Shared) -> Path:
    """The example's zip for Windows."""
    windows_bundle = make_windows_bundle(shared)

    def make(folder: Path) -> None:
        words = ("--rehearse", "--bundle", windows_bundle, "--formats", "zip")
        finished = shared.run("package-windows", *words, "--output", folder / "dist")
        assert finished.code == 0, finished.output

    return shared.once("windows-packages", make) / "dist"


@pytest.fixture
def user() -> Iterator[Account]:
    """An ordinary user of this machine, who has a screen."""
    need_screen()
    with account() as made:
        yield made


def stem() -> str:
    return f"djdesk-notes-0.1.0-{host_target()}-rehearsal"


def test_everything_is_there_under_its_name(packages: Path) -> None:
    assert {path.name for path in packages.iterdir() if path.name != ".lock"} == {
        stem(),
        f"{stem()}.tar.gz",
        f"{stem()}.zip",
        f"{stem()}.{SBOM_FILE}",
        f"{stem()}.THIRD-PARTY-NOTICES.txt",
        f"{stem()}{BESIDE_SUFFIX}",
        SUMS_FILE,
    }
    check_sums(packages / SUMS_FILE)
    output = (packages.parent / "output.txt").read_text(encoding="utf-8")
    for name, sha256 in read_sums(packages / SUMS_FILE).items():
        assert any(name in line and sha256 in line for line in output.splitlines()), name
    assert "This is a rehearsal" in output
    assert "fuses" in output


def test_an_ordinary_user_unpacks_and_starts_the_tar(packages: Path, user: Account) -> None:
    folder = user.unpack(packages / f"{stem()}.tar.gz")
    seen = user.smoke(folder)
    assert seen.code == 0, (seen.report, seen.errors)
    report = seen.report
    assert report["ok"]
    assert report["steps"] == ["files", "server", "page", "database", "end"]
    assert report["shell"]["packaged"]
    assert report["rehearsal"]
    assert report["page"]["status"] == 200
    assert report["page"]["elements"] > 5
    assert report["databases"] == [{"alias": "default", "file": "db.sqlite3"}]
    assert report["server_ended"] == {"code": 0, "signal": None}
    phases = report["phases_ms"]
    assert list(phases) == sorted(phases, key=phases.__getitem__)
    assert {"main", "files", "server", "ready", "serving", "page", "end"} <= phases.keys()
    assert user.data_left() == []
    assert differences(packages, folder) == []


@pytest.mark.parametrize("kind", ["dir", "zip"])
def test_the_folder_and_the_zip_start_as_well(packages: Path, user: Account, kind: str) -> None:
    if kind == "dir":
        folder = linked_copy(packages / stem(), user.place)
    else:
        unzip(packages / f"{stem()}.zip", user.place)
        folder = user.place / stem()
    assert differences(packages, folder) == []
    seen = user.smoke(folder)
    assert seen.code == 0, (seen.report, seen.errors)


def test_data_stays_where_it_was_told_to(packages: Path, user: Account) -> None:
    folder = linked_copy(packages / stem(), user.place)
    data = user.home / "data"
    seen = user.smoke(folder, f"--data-dir={data}")
    assert seen.code == 0, (seen.report, seen.errors)
    assert (data / "db.sqlite3").is_file()
    assert seen.report["data_dir"] == str(data)


def test_its_time_is_limited(packages: Path, user: Account) -> None:
    folder = linked_copy(packages / stem(), user.place)
    seen = user.smoke(folder, "--smoke-test-seconds=0.001")
    assert seen.code == 1
    assert "It took longer than 0.001 seconds; not done: " in seen.errors
    assert user.data_left() == []


def flip(folder: Path) -> None:
    content = bytearray((folder / _MODULE).read_bytes())
    content[len(content) // 2] ^= 1
    replace(folder / _MODULE, bytes(content))


def remove(folder: Path) -> None:
    (folder / "static" / "staticfiles.json").unlink()


def add(folder: Path) -> None:
    (folder / "app" / "sitecustomize.py").write_text("", encoding="utf-8")


def make_foreign(folder: Path) -> None:
    """Make it one for another processor, in every place that tells what it is."""
    manifest = json.loads((folder / "bundle.json").read_text(encoding="utf-8"))
    manifest["target"] = "linux-arm64" if host_target().machine == "x86_64" else "linux-x86_64"
    replace(folder / "bundle.json", json.dumps(manifest).encode())
    around = folder.parent / "djdesk-package.json"
    document = json.loads(around.read_text(encoding="utf-8"))
    digest = hashlib.sha256((folder / "bundle.json").read_bytes()).hexdigest()
    document["bundle"]["described_by"]["bundle.json"] = digest
    replace(around, json.dumps(document).encode())


@pytest.mark.parametrize(
    ("damage", "named"),
    [
        (flip, f"{_MODULE} has changed"),
        (remove, "static/staticfiles.json is missing"),
        (add, "app/sitecustomize.py does not belong there"),
        (make_foreign, f"bundle.json says linux-arm64, and this is {host_target()}"),
    ],
)
def test_a_broken_package_fails_and_names_the_file(
    packages: Path, user: Account, damage: Callable[[Path], None], named: str
) -> None:
    folder = linked_copy(packages / stem(), user.place)
    damage(folder / "resources" / "django-bundle")
    seen = user.smoke(folder)
    assert seen.code == 1
    assert seen.report["problems"] == [named]
    assert seen.report["missing"] == "files"
    assert named in seen.errors
    assert user.data_left() == []


def test_two_packages_of_the_same_inputs_are_equal(
    shared: Shared, bundle: Path, packages: Path, tmp_path: Path
) -> None:
    words = ("--rehearse", "--bundle", bundle, "--formats", "dir", "--output", tmp_path)
    finished = shared.run("package-linux", *words)
    assert finished.code == 0, finished.output
    first, second = (listing.list_tree(folder / stem()) for folder in (packages, tmp_path))
    assert first == second
    assert {"resources/app.asar", "resources/icon.png"} <= {entry.path for entry in first}
    for name in (f"{stem()}.{SBOM_FILE}", f"{stem()}.THIRD-PARTY-NOTICES.txt"):
        assert (tmp_path / name).read_bytes() == (packages / name).read_bytes(), name


def test_the_bill_of_materials_is_valid_and_complete(packages: Path, bundle: Path) -> None:
    text = (packages / f"{stem()}.{SBOM_FILE}").read_text(encoding="utf-8")
    check_bill(text)
    resources = packages / stem() / "resources"
    assert (resources / SBOM_FILE).read_text(encoding="utf-8") == text
    components = {canonicalize_name(each["name"]): each for each in json.loads(text)["components"]}
    lock = join(
        read_lock(ROOT / "requirements.lock"),
        read_lock(ROOT / "src" / "djdesk_runtime" / "requirements.lock"),
        TARGETS[read_manifest(bundle).target],
    )
    assert lock
    for entry in lock:
        component = components[canonicalize_name(entry.name)]
        assert str(entry.requirement).split(";")[0].strip().endswith(component["version"])
        assert component["licenses"]
        hashes = {f"--hash=sha256:{each['content']}" for each in component["hashes"]}
        assert hashes == set(entry.hashes)
    assert {"cpython", "electron", "djdesk-runtime"} <= components.keys()


def test_notices_travel_with_it(packages: Path) -> None:
    beside = (packages / f"{stem()}.THIRD-PARTY-NOTICES.txt").read_bytes()
    folder = packages / stem()
    assert (folder / "resources" / "THIRD-PARTY-NOTICES.txt").read_bytes() == beside
    assert b"Electron" in beside
    assert b"Django" in beside
    assert (folder / "LICENSE.electron.txt").is_file()
    assert (folder / "LICENSES.chromium.html").is_file()


def test_a_rehearsal_is_refused_where_packages_are_released(shared: Shared, packages: Path) -> None:
    (manifest,) = packages.glob(f"*{BESIDE_SUFFIX}")
    assert read_package_manifest(manifest).rehearsal
    finished = shared.run("check-release", "--output", packages)
    assert finished.code != 0
    assert "it is a rehearsal" in finished.output


def test_a_release_with_the_distributions_interpreter_is_refused(
    shared: Shared, bundle: Path, tmp_path: Path
) -> None:
    if read_manifest(bundle).python.redistributable:
        pytest.skip("the bundle has a published interpreter here")
    words = ("--formats", "tar.gz", "--output", tmp_path / "dist")
    finished = shared.run("package-linux", "--release", "--bundle", bundle, *words)
    assert finished.code != 0
    assert "may not be given to others" in finished.output
    finished = shared.run("package-linux", "--release", "--interpreter", "debian", *words)
    assert finished.code != 0
    assert "A release cannot be made with the interpreter" in finished.output
    assert not (tmp_path / "dist").exists()


def test_a_missing_tool_is_named_before_any_work(
    shared: Shared, bundle: Path, tmp_path: Path
) -> None:
    words = ("--rehearse", "--bundle", bundle, "--formats", "AppImage,zip")
    nowhere = {"APPIMAGE_TOOLS_PATH": str(tmp_path / "nowhere")}
    finished = shared.run("package-linux", *words, "--output", tmp_path / "dist", **nowhere)
    assert finished.code != 0
    assert "The tools for AppImage are not all there." in finished.output
    assert "APPIMAGE_TOOLS_PATH names nothing" in finished.output
    assert "--formats zip" in finished.output
    assert not (tmp_path / "dist").exists()


def test_the_zip_for_windows_serves_under_wine(
    windows_packages: Path, tmp_path: Path, shared: Shared
) -> None:
    (archive,) = windows_packages.glob("*.zip")
    unzip(archive, tmp_path)
    folder = tmp_path / archive.stem
    assert (folder / "DJDesk Notes.exe").is_file()
    inside = folder / "resources" / "django-bundle"
    assert compare(inside, make_windows_bundle(shared), modes=True) == []
    with (
        running_windows(need_wine(), tmp_path / "windows") as wine,
        starting(Installation(wine, inside, tmp_path / "data"), token=new_token()) as server,
    ):
        server.wait_until_ready()
        headers = {TOKEN_HEADER: server.token}
        page = httpx.get(server.url, headers=headers, trust_env=False, timeout=SECONDS)
        server.leave()
        rest = server.rest()
    assert page.status_code == 200
    assert "<h1" in page.text
    assert rest["exit code"] == 0


def differences(packages: Path, folder: Path) -> list[str]:
    """Return how the bundle in an unpacked package differs from the one in the packed folder."""
    place = Path("resources", "django-bundle")
    return compare(folder / place, packages / stem() / place, modes=True)


def compare(inside: Path, original: Path, *, modes: bool) -> list[str]:
    entries = listing.list_tree(original)
    assert {entry.path for entry in entries} >= DESCRIBING_FILES
    return listing.compare(inside, entries, content=True, modes=modes)
