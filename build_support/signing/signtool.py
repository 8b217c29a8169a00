"""Signing for Windows: signtool, with a certificate or with Azure Artifact Signing.

No secret is a word of a command. signtool takes a file's password only as one, so that such
a file goes through the user's certificate store; Azure's library reads its login from the
environment. Source: Microsoft's pages on SignTool and on Artifact Signing integrations.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

from build_support.errors import UsageError
from build_support.signing.certificate_store import (
    check_library,
    forget_certificate,
    import_certificate,
)
from build_support.signing.commands import Command, Runner, Sleep, run_patiently
from build_support.signing.credentials import (
    AzureAccount,
    StoredCertificate,
    WindowsCredentials,
)
from build_support.signing.pe import Program, check_programs, find_programs

_TIMESTAMPS = "http://timestamp.digicert.com"
_AZURE_TIMESTAMPS = "http://timestamp.acs.microsoft.com"
_THUMBPRINT = re.compile(r"[0-9A-Fa-f]{40}")
#: Windows refuses command lines longer than 32767 characters.
_LONGEST_COMMAND = 24_000


@dataclass(frozen=True, slots=True)
class Signer:
    """signtool's arguments that tell who signs, and variables that its library reads."""

    arguments: tuple[str, ...]
    variables: Mapping[str, str] = field(default_factory=dict, repr=False)


def sign_windows(
    folder: Path, who: Signer, runner: Runner, *, signtool: Path, sleep: Sleep = time.sleep
) -> int:
    """Sign all programs and libraries below a folder that nobody has signed; return how many.

    Microsoft's and others' own signatures stay. Raises VerificationError for files that
    cannot be signed, before any is, and ToolError when signing or checking fails.
    """
    programs = list(find_programs(folder))
    check_programs(programs)
    files = unsigned(programs)
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
            runner(check_library(credentials.library))
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
    """Sign with Azure Artifact Signing; `metadata` is a file with `azure_metadata`."""
    arguments = ("/dlib", account.library, "/dmdf", str(metadata), "/tr", _AZURE_TIMESTAMPS)
    return Signer(arguments, account.login)


def azure_metadata(account: AzureAccount) -> str:
    """Return what Azure's library wants to know, as JSON. Nothing of it is secret."""
    return json.dumps(
        {
            "Endpoint": account.endpoint,
            "CodeSigningAccountName": account.account,
            "CertificateProfileName": account.profile,
            # Nobody is there to answer a browser: a session would wait until it is killed.
            "ExcludeCredentials": ["InteractiveBrowserCredential"],
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
