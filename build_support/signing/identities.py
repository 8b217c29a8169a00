"""Which identity signs on macOS: one, known by its certificate's SHA-1.

A name is not enough: a certificate and the one that was made before it ran out have the same,
and codesign refuses a name that fits two. Source: the manual pages security(1), codesign(1).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import Path

from build_support.errors import UsageError
from build_support.signing.commands import Command

#: What Apple's certificates for applications outside the App Store are called.
_KIND = "Developer ID Application:"
_IDENTITY = re.compile(rf'^\s*\d+\) ([0-9A-F]{{40}}) "{_KIND} (.+)"', re.MULTILINE)
_SHA1 = re.compile(r"[0-9A-F]{40}")
_TEAM = re.compile(r" \([^()]*\)$")
_LIST = "security find-identity -v -p codesigning"


def find_identities(keychain: Path | None = None) -> Command:
    """Return the command that lists what can sign: of one keychain, or of all that are searched."""
    place = () if keychain is None else (str(keychain),)
    return Command((*_LIST.split(), *place), doing="Looking for the certificate")


def only_identity(listing: str) -> str:
    """Return the SHA-1 of the one identity of a certificate file's keychain.

    Raises UsageError when there is none for applications outside the App Store, or several.
    """
    found = _read(listing)
    if len(found) != 1:
        why = f"It holds several that could: {_listed(found)}."
        if not found:
            why = (
                f'It holds no valid "{_KIND[:-1]}" certificate with its private key, its '
                "issuer's is not on this Mac, or CSC_KEY_PASSWORD is not its password."
            )
        raise UsageError(
            "The certificate cannot sign an application.",
            why=why,
            hint="Export that one certificate, with its private key, from Keychain Access.",
        )
    return next(iter(found))


def named_identity(listing: str, wanted: str) -> str:
    """Return the SHA-1 of the identity that CSC_NAME means: a SHA-1, a name, or a part of one.

    Raises UsageError when there is none of that name, or several.
    """
    known = _read(listing)
    sha1 = wanted.replace(" ", "").upper()
    name = wanted.strip().removeprefix(_KIND).strip()
    ways: tuple[Callable[[str, str], bool], ...] = (
        lambda each, _: each == sha1,
        lambda _, each: each == name,
        lambda _, each: _TEAM.sub("", each) == name,
        lambda _, each: name in each,
    )
    for way in ways[:1] if _SHA1.fullmatch(sha1) else ways[1:]:
        found = {each: other for each, other in known.items() if way(each, other)}
        if len(found) == 1:
            return next(iter(found))
        if found:
            raise UsageError(
                f"CSC_NAME means more than one certificate: {wanted}.",
                why=f"There are: {_listed(found)}.",
                hint="Set CSC_NAME to the 40 digits before the right one.",
            )
    raise UsageError(
        f"CSC_NAME means no certificate of this Mac: {wanted}.",
        why=f'Valid "{_KIND[:-1]}" certificates with a private key: {_listed(known) or "none"}.',
        hint=f"Set it to the name, or the SHA-1, of one that this lists: {_LIST}",
    )


def _read(listing: str) -> Mapping[str, str]:
    """Return the names of the identities for applications, by their SHA-1."""
    return dict(_IDENTITY.findall(listing))


def _listed(identities: Mapping[str, str]) -> str:
    return ", ".join(f'{sha1} "{_KIND} {name}"' for sha1, name in sorted(identities.items()))
