"""Signing for Windows: signtool, with a certificate or with Azure Trusted Signing.

No secret is a word of a command. signtool takes a file's password only as one, so that such
a file goes through the user's certificate store; Azure's library reads its login from the
environment. Source: Microsoft's pages on SignTool and on Trusted Signing integrations.
"""

from __future__ import annotations

import json
import re
import shutil
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

from build_support.errors import ToolError, UsageError
from build_support.signing.commands import Command, Runner, Sleep, run_patiently
from build_support.signing.credentials import (
    AzureAccount,
    Certificate,
    StoredCertificate,
    WindowsCredentials,
)
from build_support.signing.pe import Program, check_programs, find_programs

_TIMESTAMPS = "http://timestamp.digicert.com"
_AZURE_TIMESTAMPS = "http://timestamp.acs.microsoft.com"
_THUMBPRINT = re.compile(r"[0-9A-Fa-f]{40}")
#: Windows refuses command lines longer than 32767 characters.
_LONGEST_COMMAND = 24_000
_KITS = Path("C:/Program Files (x86)/Windows Kits/10/bin")

_IMPORT = (
    "$ErrorActionPreference = 'Stop'; "
    "$password = ConvertTo-SecureString $env:DJDESK_PFX_PASSWORD -AsPlainText -Force; "
    "(Import-PfxCertificate -FilePath $env:DJDESK_PFX_FILE -Password $password "
    "-CertStoreLocation Cert:\\CurrentUser\\My).Thumbprint"
)
_FORGET = "Remove-Item -Path ('Cert:\\CurrentUser\\My\\' + $env:DJDESK_PFX_THUMBPRINT) -DeleteKey"


@dataclass(frozen=True, slots=True)
class Signer:
    """signtool's arguments that tell who signs, and variables that its library reads."""

    arguments: tuple[str, ...]
    variables: Mapping[str, str] = field(default_factory=dict, repr=False)


def sign_windows(
    folder: Path,
    credentials: WindowsCredentials,
    runner: Runner,
    *,
    signtool: Path,
    sleep: Sleep = time.sleep,
) -> int:
    """Sign all programs and libraries below a folder that nobody has signed; return how many.

    Microsoft's and others' own signatures stay. Raises VerificationError for files that
    cannot be signed, before any is, and ToolError when signing or checking fails.
    """
    programs = list(find_programs(folder))
    check_programs(programs)
    files = unsigned(programs)
    with signer(credentials, runner) as who:
        for batch in batches(files):
            run_patiently(sign(batch, who, signtool), runner, sleep=sleep)
    for batch in batches(files):
        runner(verify(batch, signtool))
    return len(files)


def unsigned(programs: Sequence[Program]) -> list[Path]:
    """Return the files without a signature."""
    return [program.path for program in programs if not program.is_signed]


@contextmanager
def signer(credentials: WindowsCredentials, runner: Runner) -> Iterator[Signer]:
    """Yield who signs; what was put on disk or into the certificate store for it is gone after."""
    if isinstance(credentials, StoredCertificate):
        yield by_thumbprint(credentials.name)
        return
    with TemporaryDirectory(prefix="djdesk-") as folder:
        if isinstance(credentials, AzureAccount):
            metadata = Path(folder, "metadata.json")
            metadata.write_text(azure_metadata(credentials), encoding="utf-8")
            yield by_azure(credentials, metadata)
            return
        file = Path(folder, "certificate.pfx")
        file.touch(mode=0o600)
        file.write_bytes(credentials.content)
        thumbprint = runner(import_certificate(file, credentials)).strip()
        file.unlink()
        try:
            yield by_thumbprint(thumbprint)
        finally:
            runner(forget_certificate(thumbprint))


def by_thumbprint(thumbprint: str) -> Signer:
    """Sign with a certificate of the user's store. Raises UsageError when it is no SHA-1."""
    plain = thumbprint.replace(" ", "")
    if not _THUMBPRINT.fullmatch(plain):
        raise UsageError(
            "The certificate for Windows cannot be found by its thumbprint.",
            why=f"{thumbprint!r} is not 40 hexadecimal digits.",
            hint="Copy it from the certificate's details into WIN_CSC_SHA1.",
        )
    return Signer(("/sha1", plain.upper(), "/tr", _TIMESTAMPS))


def by_azure(account: AzureAccount, metadata: Path) -> Signer:
    """Sign with Azure Trusted Signing; `metadata` is a file with `azure_metadata`."""
    arguments = ("/dlib", account.library, "/dmdf", str(metadata), "/tr", _AZURE_TIMESTAMPS)
    return Signer(arguments, account.login)


def azure_metadata(account: AzureAccount) -> str:
    """Return what Azure's library wants to know, as JSON. Nothing of it is secret."""
    return json.dumps(
        {
            "Endpoint": account.endpoint,
            "CodeSigningAccountName": account.account,
            "CertificateProfileName": account.profile,
        },
        indent=2,
    )


def sign(files: Sequence[Path], who: Signer, signtool: Path) -> Command:
    """Return the command that signs some files."""
    words = (str(signtool), "sign", "/fd", "SHA256", *who.arguments, "/td", "SHA256")
    return Command(
        (*words, *map(str, files)),
        doing=f"Signing {files[0].name}" + (f" and {len(files) - 1} more" if files[1:] else ""),
        hint="Run it again: what is signed stays signed.",
        variables=who.variables,
        secrets=tuple(who.variables.values()),
    )


def verify(files: Sequence[Path], signtool: Path) -> Command:
    """Return the command that checks signatures as Windows does, and their timestamps."""
    return Command(
        (str(signtool), "verify", "/pa", "/tw", "/q", *map(str, files)),
        doing=f"Verifying the signatures of {len(files)} file(s)",
        hint="The certificate has to be one for code that Windows trusts.",
    )


def import_certificate(file: Path, certificate: Certificate) -> Command:
    """Return the command that puts a certificate into the user's store and prints its SHA-1."""
    return Command(
        _powershell(_IMPORT),
        doing="Importing the certificate",
        hint="Check that WIN_CSC_KEY_PASSWORD is the password of WIN_CSC_LINK.",
        variables={"DJDESK_PFX_FILE": str(file), "DJDESK_PFX_PASSWORD": certificate.password},
        secrets=(certificate.password,),
    )


def forget_certificate(thumbprint: str) -> Command:
    """Return the command that takes a certificate and its key out of the user's store."""
    return Command(
        _powershell(_FORGET),
        doing="Removing the certificate from the user's store",
        hint="Remove it by hand: certmgr.msc, Personal.",
        variables={"DJDESK_PFX_THUMBPRINT": thumbprint},
    )


def batches(files: Sequence[Path]) -> Iterator[Sequence[Path]]:
    """Yield files in groups that fit on a command line."""
    group: list[Path] = []
    length = 0
    for file in files:
        size = len(str(file)) + 3
        if group and length + size > _LONGEST_COMMAND:
            yield group
            group, length = [], 0
        group.append(file)
        length += size
    if group:
        yield group


def find_signtool(environment: Mapping[str, str], machine: str, kits: Path = _KITS) -> Path:
    """Find signtool: SIGNTOOL_PATH, the one on PATH, else the newest of the Windows SDK.

    `machine` is the processor of this machine, as targets name it. Raises ToolError when
    there is none.
    """
    if named := environment.get("SIGNTOOL_PATH"):
        return Path(named)
    if found := shutil.which("signtool", path=environment.get("PATH", "")):
        return Path(found)
    folder = "x64" if machine == "x86_64" else machine
    installed = kits.glob(f"10.*/{folder}/signtool.exe")
    newest = max(installed, key=lambda path: _numbers(path.parts[-3]), default=None)
    if newest is None:
        raise ToolError(
            "signtool is not installed.",
            why=f"It is neither on PATH nor below {kits}.",
            hint="Install the Windows SDK (Signing Tools for Desktop Apps), or set SIGNTOOL_PATH.",
        )
    return newest


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", version))


def _powershell(script: str) -> tuple[str, ...]:
    return ("powershell.exe", "-NoProfile", "-NonInteractive", "-Command", script)
