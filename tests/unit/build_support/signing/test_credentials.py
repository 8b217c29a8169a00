from __future__ import annotations

import base64
import dataclasses
from collections.abc import Callable
from pathlib import Path

import pytest

from build_support.errors import UsageError
from build_support.signing.credentials import (
    VARIABLES,
    AzureAccount,
    Certificate,
    MacCredentials,
    NotaryKey,
    NotaryProfile,
    StoredCertificate,
    mac_credentials,
    windows_credentials,
)

P12 = b"a certificate\0 and its key"
KEY = "-----BEGIN PRIVATE KEY-----\nabc\n-----END PRIVATE KEY-----\n"
MAC_FILE = {"CSC_LINK": base64.b64encode(P12).decode(), "CSC_KEY_PASSWORD": "sesame"}
NOTARY = {"APPLE_API_KEY": KEY, "APPLE_API_KEY_ID": "ID", "APPLE_API_ISSUER": "ISSUER"}
WINDOWS_FILE = {"WIN_CSC_LINK": MAC_FILE["CSC_LINK"], "WIN_CSC_KEY_PASSWORD": "sesame"}
AZURE = {
    "AZURE_SIGNING_ENDPOINT": "https://weu.codesigning.azure.net",
    "AZURE_SIGNING_ACCOUNT": "account",
    "AZURE_SIGNING_PROFILE": "profile",
    "AZURE_SIGNING_LIBRARY": __file__,
}
LOGIN = {"AZURE_TENANT_ID": "t", "AZURE_CLIENT_ID": "c", "AZURE_CLIENT_SECRET": "sesame"}


@pytest.mark.parametrize("read", [mac_credentials, windows_credentials])
def test_nothing_set_means_unsigned(read: Callable[[dict[str, str]], object]) -> None:
    assert read({}) is None
    assert read({"PATH": "/bin", "CI": "true"}) is None
    every = [name for sets in VARIABLES.values() for names in sets for name in names]
    assert read(dict.fromkeys(every, "")) is None, "a workflow without secrets sets empty ones"


def test_reads_what_signs_on_macos(tmp_path: Path) -> None:
    certificate = Certificate(P12, "sesame")
    assert mac_credentials(MAC_FILE) == MacCredentials(certificate, None)
    path = tmp_path / "certificate.p12"
    path.write_bytes(P12)
    key = NotaryKey(KEY, "ID", "ISSUER")
    expected = MacCredentials(certificate, key)
    assert mac_credentials({**MAC_FILE, "CSC_LINK": str(path), **NOTARY}) == expected
    stored = {"CSC_NAME": "Developer ID", "APPLE_KEYCHAIN_PROFILE": "mine"}
    expected = MacCredentials(StoredCertificate("Developer ID"), NotaryProfile("mine"))
    assert mac_credentials(stored) == expected


@pytest.mark.parametrize("form", ["text", "path", "base64"])
def test_reads_the_key_of_notarization(form: str, tmp_path: Path) -> None:
    path = tmp_path / "AuthKey.p8"
    path.write_text(KEY, encoding="ascii", newline="\n")
    values = {"text": KEY, "path": str(path), "base64": base64.encodebytes(KEY.encode()).decode()}
    credentials = mac_credentials({**MAC_FILE, **NOTARY, "APPLE_API_KEY": values[form]})
    assert credentials is not None
    assert credentials.notary == NotaryKey(KEY, "ID", "ISSUER")


def test_reads_what_signs_on_windows() -> None:
    assert windows_credentials(WINDOWS_FILE) == Certificate(P12, "sesame")
    assert windows_credentials({"WIN_CSC_SHA1": "12ab"}) == StoredCertificate("12ab")
    account = AzureAccount(AZURE["AZURE_SIGNING_ENDPOINT"], "account", "profile", __file__, {})
    assert windows_credentials(AZURE) == account
    assert windows_credentials({**AZURE, **LOGIN}) == dataclasses.replace(account, login=LOGIN)


@pytest.mark.parametrize("whole", [MAC_FILE, {**MAC_FILE, **NOTARY}], ids=["signing", "notary"])
def test_every_missing_variable_is_named_on_macos(whole: dict[str, str]) -> None:
    for name in whole:
        rest = {other: value for other, value in whole.items() if other != name}
        with pytest.raises(UsageError) as caught:
            mac_credentials(rest)
        assert f"Missing: {name}." in caught.value.why
        assert "sesame" not in str(caught.value)


@pytest.mark.parametrize(
    ("whole", "names"),
    [(WINDOWS_FILE, WINDOWS_FILE), (AZURE, AZURE), ({**AZURE, **LOGIN}, LOGIN)],
    ids=["file", "azure", "login"],
)
def test_every_missing_variable_is_named_on_windows(
    whole: dict[str, str], names: dict[str, str]
) -> None:
    for name in names:
        rest = {**{other: value for other, value in whole.items() if other != name}, name: ""}
        with pytest.raises(UsageError) as caught:
            windows_credentials(rest)
        assert f"Missing: {name}." in caught.value.why
        assert "sesame" not in str(caught.value)


@pytest.mark.parametrize(
    ("read", "variables", "words"),
    [
        (mac_credentials, {**MAC_FILE, "CSC_NAME": "me"}, "two ways"),
        (mac_credentials, {**MAC_FILE, **NOTARY, "APPLE_KEYCHAIN_PROFILE": "me"}, "two ways"),
        (mac_credentials, NOTARY, "signing is not"),
        (mac_credentials, {**MAC_FILE, "CSC_LINK": "no-such-file.p12"}, "CSC_LINK can be neither"),
        (mac_credentials, {**MAC_FILE, **NOTARY, "APPLE_API_KEY": "AAAA"}, "no private key"),
        (windows_credentials, {**WINDOWS_FILE, **AZURE}, "two ways"),
        (windows_credentials, {**AZURE, "AZURE_SIGNING_LIBRARY": "none.dll"}, "names no file"),
    ],
)
def test_mistakes_are_explained(
    read: Callable[[dict[str, str]], object], variables: dict[str, str], words: str
) -> None:
    with pytest.raises(UsageError) as caught:
        read(variables)
    assert words in str(caught.value)
    assert caught.value.hint
    assert "sesame" not in str(caught.value)


def test_secrets_are_not_shown() -> None:
    shown = repr([mac_credentials({**MAC_FILE, **NOTARY}), windows_credentials({**AZURE, **LOGIN})])
    for secret in ("sesame", "a certificate", "PRIVATE"):
        assert secret not in shown
