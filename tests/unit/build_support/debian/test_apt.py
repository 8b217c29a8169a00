from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from build_support.debian import apt as debian_apt
from build_support.debian.apt import (
    Archive,
    NotInSuiteError,
    PackagesGoneError,
    closure,
    configuration_text,
    fetch,
    sources_text,
)
from build_support.debian.sources import Mirror
from build_support.errors import BuildError, IntegrityError, ToolError, UnreachableError
from build_support.processes import run
from tests.servers import refusing_port
from tests.unit.build_support.debian import archive as debian_archive
from tests.unit.build_support.debian.archive import (
    Key,
    made_key,
    needs_apt,
    needs_gpg,
    served,
    usual_archive,
)


@pytest.fixture(scope="module")
def key() -> Iterator[Key]:
    with made_key() as made:
        yield made


@pytest.fixture
def signed(
    tmp_path: Path, key: Key, monkeypatch: pytest.MonkeyPatch
) -> Iterator[debian_archive.Archive]:
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    with usual_archive(tmp_path / "served", key) as made:
        yield made


def _archive(made: debian_archive.Archive, keyring: Path | None) -> Archive:
    mirror = Mirror(made.url, str(keyring) if keyring else None, Path("test.sources"))
    return Archive(mirror, ("sid",), ("main",), "amd64")


def _signed_archive(made: debian_archive.Archive) -> Archive:
    assert made.key is not None
    return _archive(made, made.key.public)


@needs_apt
@needs_gpg
def test_packages_are_listed_with_what_they_need(
    signed: debian_archive.Archive, tmp_path: Path
) -> None:
    libc, python, zones = closure(_signed_archive(signed), tmp_path / "root ü", "python3.14")
    assert (libc.name, libc.version, libc.architecture) == ("libc6", "1:2.43+x-7", "amd64")
    assert (python.name, python.version) == ("python3.14", "3.14.99-1")
    assert python.location == "pool/python3.14_3.14.99-1_amd64.deb"
    assert zones.name == "tzdata"
    assert python.size == (signed.root / "debian" / python.location).stat().st_size


@needs_apt
@needs_gpg
def test_packages_are_downloaded_whole(signed: debian_archive.Archive, tmp_path: Path) -> None:
    archive = _signed_archive(signed)
    packages = closure(archive, tmp_path / "root", "python3.14")
    folder = tmp_path / "debs"
    folder.mkdir()
    fetch(archive.mirror, packages, folder)
    assert {path.name: path.stat().st_size for path in folder.iterdir()} == {
        package.file: package.size for package in packages
    }


@needs_apt
@needs_gpg
def test_a_file_that_was_replaced_is_told_apart(
    signed: debian_archive.Archive, tmp_path: Path
) -> None:
    archive = _signed_archive(signed)
    packages = closure(archive, tmp_path / "root", "python3.14")
    (signed.root / "debian" / packages[1].location).unlink()
    with pytest.raises(PackagesGoneError, match="failed"):
        fetch(archive.mirror, packages, tmp_path)


@needs_apt
@needs_gpg
def test_a_file_with_other_bytes_is_refused(signed: debian_archive.Archive, tmp_path: Path) -> None:
    archive = _signed_archive(signed)
    packages = closure(archive, tmp_path / "root", "python3.14")
    path = signed.root / "debian" / packages[1].location
    path.write_bytes(path.read_bytes()[:-1] + b"!")
    with pytest.raises(IntegrityError) as caught:
        fetch(archive.mirror, packages, tmp_path)
    assert "Hash Sum mismatch" in caught.value.why


@needs_apt
@pytest.mark.parametrize("insecure", [False, True])
def test_an_unsigned_archive_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, insecure: bool
) -> None:
    if insecure:
        lenient = tmp_path / "lenient.conf"
        lenient.write_text(
            'Acquire::AllowInsecureRepositories "true";\nAPT::Get::AllowUnauthenticated "true";\n',
            encoding="utf-8",
        )
        monkeypatch.setenv("APT_CONFIG", str(lenient))
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    made = debian_archive.Archive(tmp_path / "served", None)
    made.add("python3.14", "3.14.99-1")
    made.publish("sid")
    keyring = tmp_path / "debian-archive-test.gpg"
    keyring.touch()
    with served(made), pytest.raises(IntegrityError) as caught:
        closure(_archive(made, keyring), tmp_path / "root", "python3.14")
    assert "is not signed" in caught.value.why
    assert not any(path.endswith("Packages") for path in made.requests)


@needs_apt
@needs_gpg
def test_a_signature_by_another_key_is_refused(
    signed: debian_archive.Archive, tmp_path: Path
) -> None:
    with made_key() as other, pytest.raises(IntegrityError) as caught:
        closure(_archive(signed, other.public), tmp_path / "root", "python3.14")
    assert "keyring" in caught.value.hint


@needs_apt
@needs_gpg
def test_an_index_changed_after_signing_is_refused(
    signed: debian_archive.Archive, tmp_path: Path
) -> None:
    index = signed.root / "debian/dists/sid/main/binary-amd64/Packages"
    index.write_bytes(index.read_bytes().replace(b"python3.14", b"python3.15"))
    with pytest.raises(IntegrityError):
        closure(_signed_archive(signed), tmp_path / "root", "python3.14")


@needs_apt
@needs_gpg
def test_a_suite_or_package_that_is_not_there(
    signed: debian_archive.Archive, tmp_path: Path
) -> None:
    archive = _signed_archive(signed)
    with pytest.raises(NotInSuiteError):
        closure(replace(archive, suites=("forky",)), tmp_path / "one", "python3.14")
    with pytest.raises(NotInSuiteError):
        closure(archive, tmp_path / "two", "python3.15")


@needs_apt
def test_an_archive_out_of_reach(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    network = {**debian_apt._NETWORK, "Acquire::Retries": "0"}
    monkeypatch.setattr(debian_apt, "_NETWORK", network)
    with refusing_port() as port:
        mirror = Mirror(f"http://127.0.0.1:{port}/debian", None, Path("test.sources"))
        archive = Archive(mirror, ("sid",), ("main",), "amd64")
        with pytest.raises(UnreachableError, match="Reading the package index of sid failed"):
            closure(archive, tmp_path / "root", "python3.14")


@pytest.mark.parametrize(
    ("says", "error"),
    [
        ("E: Failed to fetch …  Temporary failure resolving 'm'", UnreachableError),
        ("E: Could not connect to m:80. - connect (110: Connection timed out)", UnreachableError),
        ("W: GPG error: … NO_PUBKEY 0E98404D386FA1D9", IntegrityError),
        ("E: The repository 'http://m sid Release' is not signed.", IntegrityError),
        ("E: The repository 'http://m x Release' does not have a Release file.", NotInSuiteError),
        ("E: Failed to fetch http://m/x.deb  404  Not Found", NotInSuiteError),
        ("E: Package 'python3.14' has no installation candidate", NotInSuiteError),
        ("E: Write error - write (28: No space left on device)", ToolError),
        ("E: Failed to fetch http://m/x  403  Forbidden", ToolError),
    ],
)
def test_what_apt_says_becomes_an_error_of_its_own(says: str, error: type[BuildError]) -> None:
    explained = debian_apt._explained(ToolError("The download failed.", why=says))
    assert type(explained) is error
    assert explained.why == says


def test_the_sources_of_a_key_inside_the_stanza() -> None:
    mirror = Mirror("http://m.example.org/debian", "\n-----BEGIN\n.\nmDME\n-----END", Path("x"))
    text = sources_text(Archive(mirror, ("a", "b"), ("main", "universe"), "arm64"))
    assert text.endswith("Signed-By: \n -----BEGIN\n .\n mDME\n -----END\n")
    assert "Suites: a b\nComponents: main universe\nArchitectures: arm64\n" in text
    assert "Trusted" not in text


def test_the_configuration_touches_nothing_of_the_machine() -> None:
    lines = configuration_text(Path("/cache/apt"), "arm64").splitlines()
    assert "#clear APT::Update::Post-Invoke;" in lines
    assert 'Dir::State::status "/cache/apt/status";' in lines
    assert 'Dir::Etc::SourceList "/dev/null";' in lines
    assert 'APT::Get::AllowUnauthenticated "false";' in lines
    assert 'APT::Architectures { "arm64"; };' in lines


@needs_apt
def test_the_machines_hooks_never_run(tmp_path: Path) -> None:
    ours, machines = tmp_path / "ours.conf", tmp_path / "machines.conf"
    ours.write_text(configuration_text(tmp_path, "arm64"), encoding="utf-8")
    hooks = "".join(
        f'APT::Update::{name} {{ "rm -f /var/cache/apt/archives/*.deb"; }};\n'
        for name in ("Pre-Invoke", "Post-Invoke", "Post-Invoke-Success")
    )
    machines.write_text(f'{hooks}APT::Architectures {{ "i386"; }};\n', encoding="utf-8")
    environment = {"APT_CONFIG": str(machines), "PATH": os.environ["PATH"]}
    dump = run(
        ["apt-config", "-c", ours, "dump"], doing="apt-config", environment=environment
    ).splitlines()
    assert not [line for line in dump if "rm -f" in line]
    assert [line for line in dump if line.startswith("APT::Architectures::")] == [
        'APT::Architectures:: "arm64";'
    ]
