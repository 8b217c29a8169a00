"""A private apt: asks a package archive with this machine's tools, and changes nothing of it.

Needs no root rights. Lists, state and configuration lie in one folder of ours; of the
machine's own configuration only the way to the network (proxies, passwords, certificates)
still counts. See apt.conf(5), sources.list(5) and apt-get(8).
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote

from build_support.debian.resolution import Package
from build_support.debian.sources import Mirror
from build_support.errors import BuildError, IntegrityError, ToolError, UnreachableError
from build_support.processes import run

_HELPER = Path("/usr/lib/apt/apt-helper")
_TIMEOUT = 600.0  # seconds for one program: a slow line has to bring 25 MB of lists
_URI_LINE = re.compile(
    r"'(?P<uri>[^']+)' (?P<file>\S+) (?P<size>\d+) SHA256:(?P<sha256>[0-9a-f]{64})"
)

#: Downloads as the user who asked (apt's own user cannot write here), and no long waits.
_NETWORK: Mapping[str, str] = {
    "APT::Sandbox::User": "root",
    "Acquire::Retries": "1",
    "Acquire::http::Timeout": "20",
    "Acquire::https::Timeout": "20",
}
#: Nothing unsigned is used, whatever the machine's own configuration allows.
_SIGNED_ONLY: Mapping[str, str] = {
    "Acquire::AllowInsecureRepositories": "false",
    "Acquire::AllowWeakRepositories": "false",
    "Acquire::AllowDowngradeToInsecureRepositories": "false",
    "APT::Get::AllowUnauthenticated": "false",
    "Acquire::ForceHash": "SHA256",
}


class NotInSuiteError(ToolError):
    """The archive has no such suite, or the suite has no such package."""


class PackagesGoneError(ToolError):
    """The archive no longer has package files that it had: they were replaced by newer ones."""


@dataclass(frozen=True, slots=True)
class Archive:
    """What to ask for: suites and components of a mirror, for one Debian architecture."""

    mirror: Mirror
    suites: tuple[str, ...]
    components: tuple[str, ...]
    architecture: str


def closure(archive: Archive, folder: Path, package: str) -> tuple[Package, ...]:
    """Fetch the archive's signed index and list a package with everything that it depends on.

    `folder` must be empty and can be deleted afterwards (about 75 MB). Raises
    UnreachableError, NotInSuiteError, IntegrityError when the index is not properly signed,
    and ToolError for any other failure of apt.
    """
    configuration = _write_root(archive, folder)
    apt: tuple[str | Path, ...] = ("apt-get", "-c", configuration, "-q")
    doing = f"Reading the package index of {' and '.join(archive.suites)}"
    _run([*apt, "-o", "APT::Update::Error-Mode=any", "update"], doing=doing)
    install = [*apt, "-q", "-y", "--print-uris", "--download-only", "install", package]
    output = _run(install, doing=f"Looking for {package} in {' and '.join(archive.suites)}")
    found = (_URI_LINE.fullmatch(line.strip()) for line in output.splitlines())
    packages = [_package(match, archive.mirror) for match in found if match]
    if not any(each.name == package for each in packages):
        raise ToolError(
            f"apt-get did not say where {package} is.",
            why=output.strip() or "It said nothing.",
            hint="Check that this machine's apt works: apt-get update",
        )
    return tuple(sorted(packages, key=lambda each: each.name))


def fetch(mirror: Mirror, packages: Iterable[Package], folder: Path) -> None:
    """Download package files, their SHA-256 checked by apt, into an existing folder.

    Raises UnreachableError, PackagesGoneError, IntegrityError or ToolError.
    """
    wanted: list[str] = []
    for package in packages:
        wanted += [f"{mirror.uri}/{package.location}", package.file, f"SHA256:{package.sha256}"]
    if not wanted:
        return
    options = [word for name, value in _NETWORK.items() for word in ("-o", f"{name}={value}")]
    try:
        _run([_HELPER, *options, "download-file", *wanted], doing="The download", folder=folder)
    except NotInSuiteError as error:
        raise PackagesGoneError(
            error.what, why=error.why, hint="Run again.", log=error.log
        ) from None


def _package(match: re.Match[str], mirror: Mirror) -> Package:
    file = match["file"]
    parts = file.removesuffix(".deb").split("_")
    location = match["uri"].removeprefix(f"{mirror.uri}/")
    if len(parts) != 3 or "/" in file or location == match["uri"]:  # noqa: PLR2004 - name, version, architecture
        raise ToolError(f"apt-get named a package file in a way that is not known: {file}.")
    name, version, architecture = (unquote(part) for part in parts)
    size, sha256 = int(match["size"]), match["sha256"]
    return Package(name, version, architecture, file, size, sha256, location)


def _write_root(archive: Archive, folder: Path) -> Path:
    """Write the configuration of a private apt into a folder, and return its file."""
    for name in ("sources", "lists/partial", "archives/partial"):
        (folder / name).mkdir(parents=True)
    (folder / "status").touch()
    (folder / "sources" / "archive.sources").write_text(sources_text(archive), encoding="utf-8")
    configuration = folder / "apt.conf"
    text = configuration_text(folder, archive.architecture)
    configuration.write_text(text, encoding="utf-8")
    return configuration


def sources_text(archive: Archive) -> str:
    """Return the deb822 stanza of an archive: no other index than the packages' is fetched."""
    lines = [
        "Types: deb",
        f"URIs: {archive.mirror.uri}",
        f"Suites: {' '.join(archive.suites)}",
        f"Components: {' '.join(archive.components)}",
        f"Architectures: {archive.architecture}",
        "Targets: Packages",
    ]
    if archive.mirror.keyring is not None:
        lines.append("Signed-By: " + archive.mirror.keyring.replace("\n", "\n "))
    return "\n".join(lines) + "\n"


def configuration_text(folder: Path, architecture: str) -> str:
    """Return an apt.conf that is read last, and so has the last word.

    Hooks of the machine are cleared: as root they would work on the machine's own cache.
    """
    settings = {
        "Dir::Etc::SourceList": "/dev/null",
        "Dir::Etc::SourceParts": folder / "sources",
        "Dir::Etc::Preferences": "/dev/null",
        "Dir::Etc::PreferencesParts": "/dev/null",
        "Dir::State": folder,
        "Dir::State::lists": folder / "lists",
        "Dir::State::status": folder / "status",
        "Dir::Cache": folder,
        "Dir::Cache::archives": folder / "archives",
        "Dir::Cache::pkgcache": "packages.bin",
        "Dir::Cache::srcpkgcache": "",
        "APT::Architecture": architecture,
        "APT::Install-Recommends": "false",
        "APT::Install-Suggests": "false",
        "Acquire::Languages": "none",
        **_NETWORK,
        **_SIGNED_ONLY,
    }
    hooks = (
        "APT::Update::Pre-Invoke",
        "APT::Update::Post-Invoke",
        "APT::Update::Post-Invoke-Success",
    )
    lines = [f"#clear {name};" for name in (*hooks, "APT::Architectures", "Acquire::Languages")]
    lines += [f'{name} "{value}";' for name, value in settings.items()]
    lines.append(f'APT::Architectures {{ "{architecture}"; }};')
    return "\n".join(lines) + "\n"


def _run(command: Sequence[str | Path], *, doing: str, folder: Path | None = None) -> str:
    environment = {**os.environ, "LC_ALL": "C", "LANGUAGE": ""}
    try:
        return run(command, doing=doing, environment=environment, folder=folder, timeout=_TIMEOUT)
    except ToolError as error:
        raise _explained(error) from None


@dataclass(frozen=True, slots=True)
class _Reason:
    """A failure that can be told apart by what apt says (with LC_ALL=C)."""

    says: re.Pattern[str]
    error: type[BuildError]
    hint: str


_REASONS = (
    _Reason(
        re.compile(r"No space left on device|Disk quota exceeded"),
        ToolError,
        "Free some disk space, or point DJDESK_CACHE_DIR at a larger disk.",
    ),
    _Reason(
        re.compile(
            r"is not signed|GPG error|OpenPGP|NO_PUBKEY|signatures? (were|was) invalid|NODATA"
            r"|Clearsigned file isn't valid|not verified|Hash Sum mismatch|is not (yet )?valid"
        ),
        IntegrityError,
        "Nothing of it was used. Check the mirror, and that the keyring package "
        "(debian-archive-keyring, ubuntu-keyring) is current.",
    ),
    _Reason(
        re.compile(
            r"Could not (connect|resolve)|Temporary failure resolving|Unable to connect"
            r"|Cannot initiate the connection|timed out|Network is unreachable"
            r"|No route to host|Connection (refused|reset)"
        ),
        UnreachableError,
        "Check the network, and the proxy of http_proxy or of apt's configuration.",
    ),
    _Reason(
        re.compile(
            r"does not have a Release file|no longer has a Release file|\s(404|410)\s"
            r"|Unable to locate package|has no installation candidate"
        ),
        NotInSuiteError,
        "Use a mirror that carries a suite with python3.14.",
    ),
)


def _explained(error: ToolError) -> BuildError:
    for reason in _REASONS:
        if reason.says.search(error.why):
            return reason.error(error.what, why=error.why, hint=reason.hint, log=error.log)
    return error
