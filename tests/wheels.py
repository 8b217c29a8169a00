"""Wheels and source distributions as small as can be, for a folder that uv looks into."""

from __future__ import annotations

import base64
import hashlib
import io
import tarfile
import zipfile
from collections.abc import Mapping
from pathlib import Path

#: A platform tag of wheels that are good for each target.
PLATFORM_TAGS: Mapping[str, str] = {
    "linux-x86_64": "manylinux_2_17_x86_64",
    "linux-arm64": "manylinux_2_17_aarch64",
    "macos-arm64": "macosx_11_0_arm64",
    "macos-x86_64": "macosx_10_15_x86_64",
    "windows-x86_64": "win_amd64",
    "windows-arm64": "win_arm64",
}
_METADATA = "Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"


def make_wheel(folder: Path, name: str, version: str, platform_tag: str) -> Path:
    """Write a wheel for CPython 3.14 on a platform, with one module of the package's name."""
    tag = f"cp314-cp314-{platform_tag}"
    about = f"{name}-{version}.dist-info"
    files = {
        f"{name}.py": f'version = "{version}"\n',
        f"{about}/METADATA": _METADATA.format(name=name, version=version),
        f"{about}/WHEEL": f"Wheel-Version: 1.0\nRoot-Is-Purelib: false\nTag: {tag}\n",
    }
    record = [f"{path},{_hash(text)},{len(text.encode())}" for path, text in files.items()]
    files[f"{about}/RECORD"] = "\n".join([*record, f"{about}/RECORD,,", ""])
    wheel = folder / f"{name}-{version}-{tag}.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        for path, text in files.items():
            archive.writestr(path, text)
    return wheel


def make_source_distribution(folder: Path, name: str, version: str) -> Path:
    """Write a source distribution that would have to be built before it can be installed."""
    source = folder / f"{name}-{version}.tar.gz"
    files = {
        "PKG-INFO": _METADATA.format(name=name, version=version),
        "pyproject.toml": f'[project]\nname = "{name}"\nversion = "{version}"\n',
        f"{name}.py": f'version = "{version}"\n',
    }
    with tarfile.open(source, "w:gz") as archive:
        for path, text in files.items():
            member = tarfile.TarInfo(f"{name}-{version}/{path}")
            member.size = len(text.encode())
            archive.addfile(member, io.BytesIO(text.encode()))
    return source


def _hash(text: str) -> str:
    digest = hashlib.sha256(text.encode()).digest()
    return "sha256=" + base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
