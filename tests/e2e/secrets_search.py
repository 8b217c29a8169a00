"""Look for secrets where none may be."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from urllib.parse import quote

_PROC = Path("/proc")


def in_files(secrets: Mapping[str, str], files: Iterable[Path]) -> list[str]:
    """Return "name in file" for every secret that is in one of the files."""
    found = []
    for file in files:
        try:
            content = file.read_bytes()
        except OSError:
            continue  # a process or a temporary file that has gone meanwhile
        found += [
            f"{name} in {file}"
            for name, secret in secrets.items()
            if any(form in content for form in _forms(secret))
        ]
    return found


def process_lists() -> Iterator[Path]:
    """Yield what other users of the machine can read of every process, threads excepted."""
    for folder in _PROC.iterdir():
        if folder.name.isdigit():
            yield folder / "cmdline"


def environments(pids: Iterable[int]) -> Iterator[Path]:
    """Yield the environments of these processes."""
    for pid in pids:
        yield _PROC / str(pid) / "environ"


def files_below(folder: Path, *, but: Iterable[Path] = ()) -> list[Path]:
    """Return every regular file below a folder, without those that hold a secret by design."""
    kept_out = set(but)
    return [
        file for file in folder.rglob("*") if file.is_file() and not file.is_symlink()
        and file not in kept_out
    ]  # fmt: skip


def _forms(secret: str) -> set[bytes]:
    raw = secret.encode()
    return {
        raw,
        secret.encode("utf-16-le"),
        quote(secret, safe="").encode(),
        base64.b64encode(raw).rstrip(b"=")[:-1],
    }
