"""Windows' own commands for certificates: one from a secret comes into the user's store and goes.

And who signed a library is asked there, before it is given a login.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from build_support.signing.commands import Command
from build_support.signing.credentials import Certificate

_IMPORT = (
    "$ErrorActionPreference = 'Stop'; "
    "$password = ConvertTo-SecureString $env:DJDESK_PFX_PASSWORD -AsPlainText -Force; "
    "(Import-PfxCertificate -FilePath $env:DJDESK_PFX_FILE -Password $password "
    "-CertStoreLocation Cert:\\CurrentUser\\My).Thumbprint"
)
_FORGET = "Remove-Item -Path ('Cert:\\CurrentUser\\My\\' + $env:DJDESK_PFX_THUMBPRINT) -DeleteKey"

_CHECK = (
    "$ErrorActionPreference = 'Stop'; "
    "$signature = Get-AuthenticodeSignature -LiteralPath $env:DJDESK_LIBRARY; "
    "if ($signature.Status -ne 'Valid') { throw \"It is not signed: $($signature.Status).\" } "
    "if ($signature.SignerCertificate.Subject -notmatch '(^|, )O=Microsoft Corporation(,|$)') "
    '{ throw "Somebody else signed it: $($signature.SignerCertificate.Subject)." }'
)

#: In a session of PowerShell 7 this names modules that Windows PowerShell cannot load; where it
#: is empty, it looks for its own. In capitals, as Python writes the names of inherited ones on
#: Windows: otherwise there would be two.
_OWN_MODULES: Mapping[str, str] = {"PSMODULEPATH": ""}


def import_certificate(file: Path, certificate: Certificate) -> Command:
    """Return the command that puts a certificate into the user's store and prints its SHA-1."""
    return _powershell(
        _IMPORT,
        doing="Importing the certificate",
        hint="Check that WIN_CSC_KEY_PASSWORD is the password of WIN_CSC_LINK.",
        variables={"DJDESK_PFX_FILE": str(file), "DJDESK_PFX_PASSWORD": certificate.password},
        secrets=(certificate.password,),
    )


def forget_certificate(thumbprint: str) -> Command:
    """Return the command that takes a certificate and its key out of the user's store."""
    return _powershell(
        _FORGET,
        doing="Removing the certificate from the user's store",
        hint="Remove it by hand: certmgr.msc, Personal.",
        variables={"DJDESK_PFX_THUMBPRINT": thumbprint},
    )


def check_library(library: str) -> Command:
    """Return the command that makes sure of a library's Authenticode signature by Microsoft.

    It is loaded into signtool beside the login, and packages of NuGet are pinned by version only.
    """
    return _powershell(
        _CHECK,
        doing=f"Checking who signed {library}",
        hint="Install Microsoft's client for Azure Artifact Signing again, and name its library "
        "in AZURE_SIGNING_LIBRARY.",
        variables={"DJDESK_LIBRARY": library},
    )


def _powershell(
    script: str,
    *,
    doing: str,
    hint: str,
    variables: Mapping[str, str],
    secrets: tuple[str, ...] = (),
) -> Command:
    return Command(
        ("powershell.exe", "-NoProfile", "-NonInteractive", "-Command", script),
        doing=doing,
        hint=hint,
        variables={**_OWN_MODULES, **variables},
        secrets=secrets,
    )
