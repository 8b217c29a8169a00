"""Wheels and programs as small as can be, in the place of Node and Electron."""

from __future__ import annotations

import hashlib
import shutil
import sys
import zipfile
from collections.abc import Mapping
from pathlib import Path

import pytest

_METADATA = "Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"


def write_program(path: Path, text: str) -> Path:
    """Write a program in Python that can be started by its path alone.

    Whatever PATH it is given, it finds what a Python that is a script of its own needs.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    source = path.with_name(f"{path.name}.py")
    source.write_text(text, encoding="utf-8")
    start = f'exec "{sys.executable}" -IB "{source}" "$@"'
    path.write_text(f'#!/bin/sh\nPATH="$PATH:/usr/bin:/bin" {start}\n', encoding="utf-8")
    path.chmod(0o755)
    return path


def link_tools(folder: Path) -> Path:
    """Make a folder for PATH with what a Python that is a script of its own needs, and no more."""
    folder.mkdir()
    if found := shutil.which("readlink"):
        (folder / "readlink").symlink_to(found)
    return folder


def make_index(folder: Path, name: str, version: str, files: Mapping[str, str]) -> Path:
    """Write a wheel for every machine, and a lock of it, which is returned."""
    folder.mkdir(parents=True, exist_ok=True)
    about = f"{name}-{version}.dist-info"
    content = {
        **files,
        f"{about}/METADATA": _METADATA.format(name=name, version=version),
        f"{about}/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    content[f"{about}/RECORD"] = "".join(f"{path},,\n" for path in content)
    wheel = folder / f"{name}-{version}-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        for path, text in content.items():
            archive.writestr(path, text)
    sha256 = hashlib.sha256(wheel.read_bytes()).hexdigest()
    lock = folder / f"{name}.lock"
    lock.write_text(f"{name.replace('_', '-')}=={version} \\\n    --hash=sha256:{sha256}\n")
    return lock


def use_index(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    """Let uv look into a folder, and nowhere else."""
    monkeypatch.setenv("UV_OFFLINE", "1")
    monkeypatch.setenv("UV_FIND_LINKS", str(folder))
    monkeypatch.setenv("UV_CACHE_DIR", str(folder / "uv-cache"))
