"""Signing for macOS: every Mach-O file of a folder, inside out and in parallel.

electron-builder's own walk signs one file after the other, each with a request to Apple's
timestamp service, and takes everything for a program that is not text. It signs the shell;
what is in the bundle is signed here before, and left out there (`signIgnore`).
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from build_support import ROOT
from build_support.signing.commands import Command, Runner, Sleep, run_all
from build_support.signing.macho import plan_signing

#: What the interpreter may do under the hardened runtime: make callbacks of ctypes and cffi,
#: which libffi writes into memory on Intel processors. Libraries of other teams are not loaded.
INTERPRETER_ENTITLEMENTS = ROOT / "electron" / "build" / "entitlements.python.plist"

#: The identity that stands for none: enough to start on the Mac that it was made on.
AD_HOC = "-"

_HINT = "Run it again: what is signed stays signed. Apple's service answers at developer.apple.com."


@dataclass(frozen=True, slots=True)
class Identity:
    """Who signs: `name` is a certificate's SHA-1, `keychain` where it is, if not usual."""

    name: str
    keychain: Path | None = None


def codesign(path: Path, identity: Identity, *, entitlements: Path | None = None) -> Command:
    """Return the command that signs one file or one nested bundle."""
    words = ["codesign", "--force", "--sign", identity.name]
    if identity.keychain is not None:
        words += ["--keychain", str(identity.keychain)]
    if identity.name == AD_HOC:
        # Without a certificate there is nothing that a timestamp or the runtime could protect.
        words += ["--timestamp=none"]
    else:
        words += ["--timestamp", "--options", "runtime"]
        if entitlements is not None:
            words += ["--entitlements", str(entitlements)]
    return Command((*words, str(path)), doing=f"Signing {path.name}", hint=_HINT)


def stages(
    folder: Path, identity: Identity, entitlements: Path = INTERPRETER_ENTITLEMENTS
) -> Sequence[Sequence[Command]]:
    """Return what signs everything below a folder: stages in order, each of independent commands.

    Only programs get the entitlements.
    """
    plan = plan_signing(folder)
    return [
        [codesign(path, identity) for path in plan.libraries],
        [codesign(path, identity, entitlements=entitlements) for path in plan.programs],
        *([codesign(path, identity)] for path in plan.nested),
    ]


def sign_folder(
    folder: Path, identity: Identity, runner: Runner, *, sleep: Sleep = time.sleep
) -> int:
    """Sign everything below a folder; return how many files and nested bundles that were.

    Raises ToolError when one of them cannot be signed.
    """
    count = 0
    for commands in stages(folder, identity):
        run_all(commands, runner, sleep=sleep)
        count += len(commands)
    return count


def verification(application: Path) -> Sequence[Command]:
    """Return what checks a signed `.app`: its seal, and what Gatekeeper says to it.

    Gatekeeper only accepts what is notarized. To be run last: a start of the application
    before may have changed it.
    """
    name = application.name
    return (
        Command(
            ("codesign", "--verify", "--deep", "--strict", "--verbose=2", str(application)),
            doing=f"Verifying the signature of {name}",
            hint="Whatever it names was changed after it was signed, or was never signed.",
        ),
        Command(
            ("spctl", "--assess", "--type", "execute", "--verbose=4", str(application)),
            doing=f"Asking Gatekeeper about {name}",
            hint="An application that is not notarized is rejected here.",
        ),
    )


def image_verification(image: Path) -> Command:
    """Return what asks Gatekeeper about a signed `.dmg`."""
    words = ("spctl", "--assess", "--type", "open", "--context", "context:primary-signature")
    return Command(
        (*words, "--verbose=4", str(image)), doing=f"Asking Gatekeeper about {image.name}"
    )
