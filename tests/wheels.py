"""Wheels and source distributions as small as can be, for a folder that uv looks into."""

from __future__ import annotations

import base64
import hashlib
import io
import tarfile
import zipfile
from collections.abc import Mapping, Sequence
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


def make_pure_wheel(
    folder: Path,
    name: str,
    files: Mapping[str, str | bytes],
    *,
    version: str = "1",
    hashes: Mapping[str, str] | None = None,
    unlisted: Mapping[str, bytes] | None = None,
    rows: Sequence[str] = (),
) -> Path:
    """Write a wheel for every platform with these files.

    `hashes` are wrong ones for its RECORD, `unlisted` are files and `rows` lines besides.
    """
    about = f"{name}-{version}.dist-info"
    metadata = _METADATA.format(name=name, version=version)
    defaults = {
        f"{about}/METADATA": metadata,
        f"{about}/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    content = {
        path: text.encode() if isinstance(text, str) else text
        for path, text in {**defaults, **files}.items()
    }
    wrong = hashes or {}
    record = [
        f'"{path}",{wrong.get(path) or _hash_bytes(data)},{len(data)}'
        for path, data in content.items()
    ]
    record += [*rows, f"{about}/RECORD,,", ""]
    wheel = folder / f"{name}-{version}-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        for path, data in {**content, **(unlisted or {})}.items():
            archive.writestr(path, data)
        archive.writestr(f"{about}/RECORD", "\n".join(record))
    return wheel


def lock_line(wheel: Path) -> str:
    """Return the line of a lock that pins a wheel."""
    name, version = wheel.name.split("-")[:2]
    return f"{name}=={version} --hash=sha256:{hashlib.sha256(wheel.read_bytes()).hexdigest()}"


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
    return _hash_bytes(text.encode())


def _hash_bytes(data: bytes) -> str:
    digest = hashlib.sha256(data).digest()
    return "sha256=" + base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
