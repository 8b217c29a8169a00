"""The bundle of the example project: what is in it, when it is made again, and that it is equal."""

from __future__ import annotations

import json
import platform
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from build_support.bundles.manifest import read_manifest
from tests.integration.conftest import Shared
from tests.integration.sessions import ROOT, environment, session_command

_FIELDS = {
    "schema": int,
    "app.name": str,
    "app.identifier": str,
    "app.version": str,
    "app.revision": str,
    "target": str,
    "python.version": str,
    "python.provider": str,
    "python.archive": str,
    "python.sha256": str,
    "python.redistributable": bool,
    "settings_module": str,
    "requirements.source": str,
    "requirements.sha256": str,
    "requirements.count": int,
    "inputs": str,
    "files.count": int,
    "files.bytes": int,
    "files.digest": str,
    "built_with": dict,
}


def _state(folder: Path) -> dict[str, tuple[int, int]]:
    return {
        str(path.relative_to(folder)): (path.lstat().st_mtime_ns, path.lstat().st_size)
        for path in sorted(folder.rglob("*"))
    }


@pytest.mark.parametrize("name", _FIELDS)
def test_manifest_has_every_field_of_the_design(bundle: Path, name: str) -> None:
    value = json.loads((bundle / "bundle.json").read_text(encoding="utf-8"))
    for part in name.split("."):
        value = value[part]
    assert isinstance(value, _FIELDS[name])
    assert value != ""


def test_manifest_names_no_place_and_no_machine(bundle: Path) -> None:
    text = (bundle / "bundle.json").read_text(encoding="utf-8")
    assert str(ROOT) not in text
    assert platform.node() not in text
    assert str(Path.home()) not in text


def test_version_is_one_line_for_people(bundle: Path) -> None:
    text = (bundle / "VERSION").read_text(encoding="utf-8")
    assert text.count("\n") == 1
    assert "CPython 3.14." in text


def test_holds_what_the_design_lists_and_nothing_else(bundle: Path) -> None:
    assert {path.name for path in bundle.iterdir()} == {
        "bundle.json",
        "VERSION",
        "files.tsv",
        "run_django.py",
        "python",
        "packages",
        "app",
        "static",
    }


#: Bytes on disk, by where the interpreter is from. A limit for the published one is set once
#: `nox -s first-contact` has measured it.
_LARGEST = {"debian": 75_000_000}
_BLOCK = 4096


def test_is_as_small_on_disk_as_was_measured(
    bundle: Path, record_property: Callable[[str, object], None]
) -> None:
    sizes = [path.lstat().st_size for path in (bundle, *bundle.rglob("*"))]
    together = sum(-(-size // _BLOCK) * _BLOCK for size in sizes)
    record_property("bytes on disk", together)
    provider = read_manifest(bundle).python.provider
    assert together <= _LARGEST.get(provider, 150_000_000)


def test_summary_says_where_how_big_which_hash_and_what_next(
    shared: Shared, tmp_path: Path
) -> None:
    output = tmp_path / "django-bundle"
    finished = shared.run("bundle", "--output", output)
    assert finished.code == 0, finished.output
    end = "\n".join(finished.output.splitlines()[-6:])
    assert str(output) in end
    assert read_manifest(output).files.digest in end
    assert " MB in " in end
    assert "nox -s verify" in end


def test_unchanged_rebuild_says_so_and_writes_nothing(shared: Shared, bundle: Path) -> None:
    before = _state(bundle.parent)
    finished = shared.run("bundle", "--output", bundle)
    assert finished.code == 0, finished.output
    assert "bundle is current" in finished.output
    assert _state(bundle.parent) == before


def test_a_missing_file_is_noticed_and_made_again(
    shared: Shared, bundle: Path, tmp_path: Path
) -> None:
    copy = tmp_path / "django-bundle"
    shutil.copytree(bundle, copy, symlinks=True)
    (copy / "run_django.py").unlink()
    finished = shared.run("bundle", "--output", copy)
    assert "bundle is current" not in finished.output
    assert (copy / "run_django.py").is_file()


def test_one_changed_file_changes_its_part_alone(
    shared: Shared, project: Path, tmp_path: Path
) -> None:
    output = tmp_path / "django-bundle"
    assert shared.run("bundle", "--project", project, "--output", output).code == 0
    first = _listing(output)
    urls = project / "src" / "djdesk" / "urls.py"
    urls.write_text(urls.read_text(encoding="utf-8") + "\n# changed\n", encoding="utf-8")
    finished = shared.run("bundle", "--project", project, "--output", output)
    assert finished.code == 0, finished.output
    changed = set(first.items()) ^ set(_listing(output).items())
    assert {path for path, _ in changed} == {
        "app/src/djdesk/urls.py",
        "app/src/djdesk/__pycache__/urls.cpython-314.pyc",
        "app/src/djdesk-0.1.0.dist-info/RECORD",
    }


def test_equal_inputs_give_equal_bytes_everywhere(shared: Shared, tmp_path: Path) -> None:
    """Two folders, two locales, umasks, hash seeds, time zones and caches; every stage twice."""
    digests = set()
    listings = set()
    for number, (umask, variables) in enumerate(
        (
            (0o022, {"LC_ALL": "C", "PYTHONHASHSEED": "1", "TZ": "UTC"}),
            (0o077, {"LC_ALL": "C.UTF-8", "PYTHONHASHSEED": "4321", "TZ": "Asia/Kolkata"}),
        )
    ):
        folder = tmp_path / f"place number {number}"
        copy = folder / ("project" * (number + 1))
        copy.mkdir(parents=True)
        for name in ("pyproject.toml", "requirements.lock", "manage.py"):
            shutil.copyfile(ROOT / name, copy / name)
        shutil.copytree(ROOT / "src" / "djdesk", copy / "src" / "djdesk")
        cache = folder / "cache"
        for name in ("archives", "debian"):
            if (shared.cache / name).is_dir():
                shutil.copytree(shared.cache / name, cache / name)
        output = folder / "django-bundle"
        subprocess.run(
            session_command("bundle", "--project", copy, "--output", output),
            cwd=ROOT,
            env=environment(DJDESK_CACHE_DIR=str(cache), UV_OFFLINE="1", **variables),
            umask=umask,
            check=True,
            capture_output=True,
        )
        digests.add(read_manifest(output).files.digest)
        listings.add((output / "files.tsv").read_text(encoding="utf-8"))
    assert len(digests) == 1, _differences(listings)


def _differences(listings: set[str]) -> str:
    first, second = (set(listing.splitlines()) for listing in listings)
    return "\n".join(sorted(first ^ second))


def _listing(bundle: Path) -> dict[str, str]:
    lines = (bundle / "files.tsv").read_text(encoding="utf-8").splitlines()
    return {line.split("\t")[-1]: line for line in lines}
