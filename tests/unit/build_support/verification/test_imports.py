from __future__ import annotations

import json
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from build_support.verification.imports import IMPORT_SCRIPT, Imports, judge_imports
from tests.wheels import make_pure_wheel


def _judge(folder: Path, files: dict[str, str | bytes]) -> Imports:
    """Install one distribution besides a sound one, and import all as `verify` does."""
    sound: dict[str, str | bytes] = {"sound.py": ""}
    for name, content in {"sound": sound, "other": files}.items():
        with zipfile.ZipFile(make_pure_wheel(folder, name, content)) as wheel:
            wheel.extractall(folder / "packages")
    packages = folder / "packages"
    code = f"import sys; sys.path.insert(0, {str(packages)!r})\n"
    code += IMPORT_SCRIPT.replace("PACKAGES", repr(str(packages)))
    finished = subprocess.run(
        [sys.executable, "-I", "-c", code],
        capture_output=True,
        check=True,
        encoding="utf-8",
        timeout=120,
    )
    return judge_imports(finished.stdout)


@pytest.mark.parametrize(
    "files",
    [
        {"other.py": "", "tests/__init__.py": "import pytest_of_nobody\n"},
        {"other.py": "", "tests/__init__.py": "from tests.gone import x\n"},
        {"other.py": "import a_package_that_is_not_locked\n"},
        {"other.py": "raise RuntimeError('configure me')\n"},
        {"other.py": "raise ImportError('install the extra')\n"},
        {"other.py": "from os import what_newer_versions_have\n"},
        {"other.py": "raise SystemExit(3)\n"},
        {"setup.py": "import sys; sys.exit('usage: setup.py')\n"},
        {"other.py": "print('hello from an import')\n"},
        {"other/data.txt": ""},
    ],
)
def test_the_rules_of_packages_themselves_do_not_fail(
    tmp_path: Path, files: dict[str, str | bytes]
) -> None:
    found = _judge(tmp_path, files)
    assert not found.problems
    assert "sound" in found.names


@pytest.mark.parametrize(
    "files",
    [
        {"other/__init__.py": "import other.gone\n"},
        {"other.py": "import sound.part\n"},
        {"other.py": "raise ModuleNotFoundError(name='tkinter')\n"},
        {f"other{'.pyd' if sys.platform == 'win32' else '.abi3.so'}": b"not a library"},
    ],
)
def test_what_is_missing_from_the_bundle_fails(
    tmp_path: Path, files: dict[str, str | bytes]
) -> None:
    found = _judge(tmp_path, files)
    assert len(found.problems) == 1
    assert found.problems[0].startswith("other:")


def test_what_is_no_result_is_an_error() -> None:
    with pytest.raises(json.JSONDecodeError):
        judge_imports("Traceback\n")
