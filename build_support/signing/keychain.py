"""A keychain for one build: a certificate from a secret, and nothing left behind.

`security` reads its commands from standard input, so that no password is among its words,
which every user of the machine can list. Source: the manual pages security(1), codesign(1).
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory

from build_support.errors import ToolError, UsageError
from build_support.signing.codesign import Identity
from build_support.signing.commands import Command, Runner
from build_support.signing.credentials import Certificate, StoredCertificate
from build_support.signing.identities import find_identities, named_identity, only_identity

_KEYCHAIN = re.compile(r'"([^"]+)"')
_UNLOCKED_SECONDS = 6 * 3600


@contextmanager
def signing_identity(
    certificate: Certificate | StoredCertificate, runner: Runner
) -> Iterator[Identity]:
    """Yield the identity of a certificate; one that comes from a file is gone afterwards.

    Raises UsageError when there is not exactly one that is meant, for applications outside
    the App Store, and ToolError when a file cannot be imported.
    """
    if isinstance(certificate, StoredCertificate):
        yield Identity(named_identity(runner(find_identities()), certificate.name))
        return
    with TemporaryDirectory(prefix="djdesk-") as folder:
        keychain = Path(folder, "signing.keychain-db")
        file = Path(folder, "certificate.p12")
        file.touch(mode=0o600)
        file.write_bytes(certificate.content)
        password = secrets.token_hex(32)
        try:
            runner(import_certificate(file, certificate.password, keychain, password))
            usual = runner(_list_keychains())
            runner(add_to_search(keychain, _KEYCHAIN.findall(usual)))
            yield Identity(only_identity(runner(find_identities(keychain))), keychain)
        finally:
            with suppress(ToolError):  # it was never made, and must not hide why
                runner(_delete(keychain))


def import_certificate(file: Path, password: str, keychain: Path, own_password: str) -> Command:
    """Return the command that makes a keychain with one certificate, for codesign alone."""
    place, own = _quoted(str(keychain)), _quoted(own_password)
    allowed = "-T /usr/bin/codesign"
    lines = (
        f"create-keychain -p {own} {place}",
        f"set-keychain-settings -lut {_UNLOCKED_SECONDS} {place}",
        f"unlock-keychain -p {own} {place}",
        f"import {_quoted(str(file))} -k {place} -f pkcs12 -P {_quoted(password)} {allowed}",
        # Without it, macOS asks in a window whether codesign may use the key.
        f"set-key-partition-list -S apple-tool:,apple:,codesign: -s -k {own} {place}",
    )
    return Command(
        ("security", "-i"),
        doing="Importing the certificate",
        hint="Check that CSC_KEY_PASSWORD is the password of CSC_LINK.",
        script="".join(f"{line}\n" for line in lines),
        secrets=(password, own_password),
    )


def add_to_search(keychain: Path, usual: Sequence[str]) -> Command:
    """Return the command that lets codesign find the certificate's issuers as well.

    Deleting a keychain takes it off the list again.
    """
    return Command(
        ("security", "list-keychains", "-d", "user", "-s", str(keychain), *usual),
        doing="Adding the keychain of the build",
    )


def _list_keychains() -> Command:
    return Command(("security", "list-keychains", "-d", "user"), doing="Listing the keychains")


def _delete(keychain: Path) -> Command:
    return Command(("security", "delete-keychain", str(keychain)), doing="Deleting the keychain")


def _quoted(value: str) -> str:
    """Quote a word for `security -i`, which reads line by line."""
    if "\n" in value or "\r" in value or "\0" in value:
        raise UsageError(
            "The password of the certificate contains the end of a line.",
            hint="Set CSC_KEY_PASSWORD without one: printf, not echo.",
        )
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
