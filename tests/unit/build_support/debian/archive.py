"""A made-up Debian archive on 127.0.0.1, so that the real apt has something to ask."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import tempfile
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from build_support.debian import host_supports

needs_apt = pytest.mark.skipif(host_supports() is not None, reason=host_supports() or "")
needs_gpg = pytest.mark.skipif(shutil.which("gpg") is None, reason="there is no gpg to sign with")


@dataclass(frozen=True)
class Key:
    """A signing key: `home` for gpg, `public` for Signed-By."""

    home: Path
    public: Path

    def sign(self, path: Path, signed: Path) -> None:
        self._gpg("--yes", "--clearsign", "--output", str(signed), str(path))

    def make(self) -> None:
        self._gpg("--quick-generate-key", "archive@example.org", "ed25519", "sign", "never")
        self.public.write_bytes(self._gpg("--export").stdout)

    def _gpg(self, *words: str) -> subprocess.CompletedProcess[bytes]:
        command = ["gpg", "--homedir", str(self.home), "--batch", "--quiet", "--passphrase", ""]
        return subprocess.run([*command, *words], check=True, capture_output=True)


@contextmanager
def made_key() -> Iterator[Key]:
    """Make a key in a folder with a short name: gpg's agent cannot listen in a deep one."""
    with tempfile.TemporaryDirectory(prefix="key.", dir="/tmp") as name:
        home = Path(name)
        key = Key(home, home / "debian-archive-test.gpg")
        key.make()
        home.chmod(0o755)
        try:
            yield key
        finally:
            command = ["gpgconf", "--homedir", name, "--kill", "gpg-agent"]
            subprocess.run(command, check=True, capture_output=True)


@dataclass
class Archive:
    """The files of an archive, and what has been asked of the server."""

    root: Path
    key: Key | None
    url: str = ""
    requests: list[str] = field(default_factory=list)
    entries: list[str] = field(default_factory=list)

    def add(self, package: str, version: str, *, depends: str = "") -> Path:
        """Make a package with one file, and return its file in the archive."""
        control = f"Package: {package}\nVersion: {version}\nArchitecture: amd64\n"
        control += "Maintainer: nobody <nobody@example.org>\nDescription: test\n"
        control += f"Depends: {depends}\n" if depends else ""
        name = f"{package}_{version.replace(':', '%3a')}_amd64.deb"
        path = self.root / "debian" / "pool" / name.replace("%3a", ":")
        make_package(path, control, {f"usr/share/{package}": package.encode()})
        data = path.read_bytes()
        self.entries.append(
            f"{control}Filename: pool/{path.name}\nSize: {len(data)}\n"
            f"SHA256: {hashlib.sha256(data).hexdigest()}\n"
        )
        return path

    def publish(self, suite: str) -> None:
        """Write the index of a suite, signed when there is a key, and forget the entries."""
        folder = self.root / "debian" / "dists" / suite
        packages = folder / "main" / "binary-amd64" / "Packages"
        packages.parent.mkdir(parents=True)
        packages.write_text("\n".join(self.entries), encoding="utf-8")
        data = packages.read_bytes()
        release = folder / "Release"
        release.write_text(
            f"Origin: Test\nSuite: {suite}\nCodename: {suite}\n"
            f"Date: {datetime.now(UTC):%a, %d %b %Y %H:%M:%S} UTC\n"
            "Architectures: amd64\nComponents: main\nSHA256:\n"
            f" {hashlib.sha256(data).hexdigest()} {len(data)} main/binary-amd64/Packages\n",
            encoding="utf-8",
        )
        if self.key is not None:
            self.key.sign(release, folder / "InRelease")
        self.entries.clear()


def make_package(path: Path, control: str, files: Mapping[str, bytes]) -> None:
    """Make a package file; a file's content that starts with "-> " is a link's target."""
    with tempfile.TemporaryDirectory(prefix="package.") as name:
        tree = Path(name)
        tree.chmod(0o755)
        for file, content in {"DEBIAN/control": control.encode(), **files}.items():
            (tree / file).parent.mkdir(parents=True, exist_ok=True)
            if content.startswith(b"-> "):
                (tree / file).symlink_to(content.removeprefix(b"-> ").decode())
            else:
                (tree / file).write_bytes(content)
        path.parent.mkdir(parents=True, exist_ok=True)
        command = ["dpkg-deb", "--root-owner-group", "-Znone", "--build", name, str(path)]
        subprocess.run(command, check=True, capture_output=True)


class _Handler(SimpleHTTPRequestHandler):
    def __init__(self, *arguments: object, archive: Archive, **options: object) -> None:
        self._archive = archive
        super().__init__(*arguments, directory=str(archive.root), **options)  # type: ignore[arg-type]

    def log_message(self, *_: object) -> None:
        self._archive.requests.append(self.path)


@contextmanager
def served(archive: Archive) -> Iterator[Archive]:
    """Serve an archive; `url` is its address while this lasts."""
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(_Handler, archive=archive)) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        archive.url = f"http://127.0.0.1:{server.server_port}/debian"
        try:
            yield archive
        finally:
            server.shutdown()
            thread.join()


@contextmanager
def usual_archive(root: Path, key: Key) -> Iterator[Archive]:
    """Serve an archive whose suite sid has python3.14, one library, and what is not needed."""
    made = Archive(root, key)
    made.add("python3.14", "3.14.99-1", depends="libc6 (>= 2.40), tzdata")
    made.add("libc6", "1:2.43+x-7")
    made.add("tzdata", "2026f-1")
    made.publish("sid")
    with served(made):
        yield made
