"""Who signs: read from environment variables, by the names that electron-builder knows.

No variable of a set means that nothing is signed. Some of a set mean a mistake, which is named
before any work is done. An empty variable is an absent one: that is how GitHub hands a
workflow a secret that does not exist.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from build_support.errors import UsageError

Environment = Mapping[str, str]

_LONGEST_PATH = 1024


@dataclass(frozen=True, slots=True)
class Certificate:
    """A certificate with its private key, in the PKCS #12 format (`.p12`, `.pfx`)."""

    content: bytes = field(repr=False)
    password: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class StoredCertificate:
    """A certificate that the system's own store has.

    `name` is an identity of the keychain on macOS, a SHA-1 thumbprint on Windows.
    """

    name: str


@dataclass(frozen=True, slots=True)
class NotaryKey:
    """A key of App Store Connect: its text (PEM), its name and its issuer."""

    text: str = field(repr=False)
    key_id: str
    issuer: str


@dataclass(frozen=True, slots=True)
class NotaryProfile:
    """Credentials that `notarytool store-credentials` has put into the keychain."""

    name: str


@dataclass(frozen=True, slots=True)
class AzureAccount:
    """A certificate profile of Azure Artifact Signing, and the library that signtool loads for it.

    `login` is empty where the machine is logged in already (`az login`, a managed identity).
    """

    endpoint: str
    account: str
    profile: str
    library: str
    login: Mapping[str, str] = field(repr=False)


@dataclass(frozen=True, slots=True)
class MacCredentials:
    """For macOS. `notary` is None when the application is signed and not notarized."""

    certificate: Certificate | StoredCertificate
    notary: NotaryKey | NotaryProfile | None


WindowsCredentials = Certificate | StoredCertificate | AzureAccount

_MAC_FILE = ("CSC_LINK", "CSC_KEY_PASSWORD")
_MAC_STORE = ("CSC_NAME",)
_NOTARY_KEY = ("APPLE_API_KEY", "APPLE_API_KEY_ID", "APPLE_API_ISSUER")
_NOTARY_PROFILE = ("APPLE_KEYCHAIN_PROFILE",)
_WINDOWS_FILE = ("WIN_CSC_LINK", "WIN_CSC_KEY_PASSWORD")
_WINDOWS_STORE = ("WIN_CSC_SHA1",)
_AZURE = (
    "AZURE_SIGNING_ENDPOINT",
    "AZURE_SIGNING_ACCOUNT",
    "AZURE_SIGNING_PROFILE",
    "AZURE_SIGNING_LIBRARY",
)
_AZURE_LOGIN = ("AZURE_TENANT_ID", "AZURE_CLIENT_ID", "AZURE_CLIENT_SECRET")

#: Every variable that is read here, by what it is for. Documentation is made from it.
VARIABLES: Mapping[str, Sequence[tuple[str, ...]]] = {
    "signing on macOS": (_MAC_FILE, _MAC_STORE),
    "notarization by Apple": (_NOTARY_KEY, _NOTARY_PROFILE),
    "signing on Windows": (_WINDOWS_FILE, _WINDOWS_STORE, _AZURE),
    "the login to Azure": (_AZURE_LOGIN,),
}


def mac_credentials(environment: Environment) -> MacCredentials | None:
    """Return what signs on macOS, None for an unsigned application.

    Raises UsageError when a set is incomplete, two sets exclude each other, or an application
    would be notarized without being signed.
    """
    signing = _choose(environment, "signing on macOS")
    notary = _choose(environment, "notarization by Apple")
    if not signing:
        if notary:
            raise UsageError(
                "Notarization is set up, and signing is not.",
                why=f"Apple notarizes what is signed. Set: {', '.join(notary)}.",
                hint=f"Set {' and '.join(_MAC_FILE)} as well, or {_MAC_STORE[0]}.",
            )
        return None
    return MacCredentials(_certificate(signing, _MAC_FILE), _notary(notary))


def windows_credentials(environment: Environment) -> WindowsCredentials | None:
    """Return what signs on Windows, None for an unsigned application.

    Raises UsageError when a set is incomplete or two sets exclude each other.
    """
    found = _choose(environment, "signing on Windows")
    if not found:
        return None
    if _AZURE[0] not in found:
        return _certificate(found, _WINDOWS_FILE)
    endpoint, account, profile, library = (found[name] for name in _AZURE)
    if not Path(library).is_file():
        raise UsageError(
            f"AZURE_SIGNING_LIBRARY names no file: {library}.",
            hint="It is bin/x64/Azure.CodeSigning.Dlib.dll of the NuGet package "
            "Microsoft.Trusted.Signing.Client.",
        )
    login = _choose(environment, "the login to Azure")
    return AzureAccount(endpoint, account, profile, library, login)


def _choose(environment: Environment, purpose: str) -> Mapping[str, str]:
    """Return the values of the one set of variables that is there; empty when none is."""
    found: dict[tuple[str, ...], dict[str, str]] = {}
    for names in VARIABLES[purpose]:
        values = {name: environment[name] for name in names if environment.get(name)}
        if values:
            found[names] = values
    if len(found) > 1:
        raise UsageError(
            f"There are two ways set up for {purpose}.",
            why=f"Set: {', '.join(name for values in found.values() for name in values)}.",
            hint="Leave one of them.",
        )
    for names, values in found.items():
        if missing := [name for name in names if name not in values]:
            raise UsageError(
                f"The variables for {purpose} are incomplete.",
                why=f"Missing: {', '.join(missing)}. Set: {', '.join(values)}.",
                hint="Set all of them, or none for an application that is not signed.",
            )
        return values
    return {}


def _certificate(
    found: Mapping[str, str], names: tuple[str, ...]
) -> Certificate | StoredCertificate:
    link, password = names
    if link not in found:
        (name,) = found.values()
        return StoredCertificate(name)
    return Certificate(_content(link, found[link]), found[password])


def _notary(found: Mapping[str, str]) -> NotaryKey | NotaryProfile | None:
    if not found:
        return None
    key, key_id, issuer = _NOTARY_KEY
    if key not in found:
        return NotaryProfile(found[_NOTARY_PROFILE[0]])
    text = found[key]
    if "PRIVATE KEY" not in text:
        text = _content(key, text).decode("ascii", "replace")
    if "PRIVATE KEY" not in text:
        raise UsageError(
            f"{key} holds no private key.",
            hint="It is the .p8 file from App Store Connect: its path, its text, or its base64.",
        )
    return NotaryKey(text, found[key_id], found[issuer])


def _content(name: str, value: str) -> bytes:
    """Return the file that a variable names, or holds in base64."""
    # A long value is no path, and asking for one of that name can fail.
    if len(value) < _LONGEST_PATH and (path := Path(value).expanduser()).is_file():
        return path.read_bytes()
    try:
        content = base64.b64decode("".join(value.split()), validate=True)
    except binascii.Error:
        content = b""
    if not content:
        raise UsageError(
            f"{name} can be neither found nor decoded.",
            hint="It is the path of a file, or the file's content in base64.",
        )
    return content
