"""Signing as part of packaging: what of a package is signed when, and by whom.

The bundle is signed as a copy before electron-builder sees it, and left alone by it. On macOS
electron-builder signs the shell around it and Apple notarizes the whole; on Windows everything
unsigned in the finished folder is signed here, and the installer by electron-builder's hook.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from build_support.signing import codesign, signtool
from build_support.signing.commands import Runner
from build_support.signing.credentials import (
    MacCredentials,
    WindowsCredentials,
    mac_credentials,
    windows_credentials,
)
from build_support.signing.keychain import signing_identity
from build_support.signing.kit import check_host, find_signtool
from build_support.signing.notarization import Note, notarize
from build_support.target import Target

#: What electron/build/sign-windows.cjs reads: the words of the command, as JSON.
HOOK_VARIABLE = "DJDESK_SIGN_COMMAND"


def _nothing(_: Path) -> None:
    return


@dataclass(frozen=True, slots=True)
class Sealing:
    """How one package is signed. `bundle` is None when nothing is.

    `bundle` signs everything in a folder and returns how many files; `application` finishes
    the packed folder; `installer` checks a file that electron-builder has made. `variables` are
    for electron-builder.
    """

    bundle: Callable[[Path], int] | None = None
    application: Callable[[Path], None] = _nothing
    installer: Callable[[Path], None] = _nothing
    variables: Mapping[str, str] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class WindowsMeans:
    """Who signs for Windows, and the signtool of this machine."""

    who: WindowsCredentials
    signtool: Path


Means = MacCredentials | WindowsMeans | None


def find_means(target: Target, environment: Mapping[str, str], host: Target) -> Means:
    """Return what signs packages for a target on this machine, None for nothing.

    Raises UsageError for variables that are incomplete or of no use here, ToolError when
    signtool is missing.
    """
    if target.system == "macos":
        return mac_credentials(environment)
    if target.system != "windows" or (who := windows_credentials(environment)) is None:
        return None
    check_host(who, host)
    return WindowsMeans(who, find_signtool(environment, host.machine))


@contextmanager
def sealing(means: Means, runner: Runner, note: Note) -> Iterator[Sealing]:
    """Yield how packages are signed; `note` is told what matters less than the steps.

    Raises what getting at the certificate does.
    """
    if means is None:
        yield Sealing()
    elif isinstance(means, MacCredentials):
        with signing_identity(means.certificate, runner) as identity:
            yield Sealing(
                bundle=lambda folder: codesign.sign_folder(folder, identity, runner),
                application=lambda folder: _finish_on_mac(folder, means, runner, note),
                variables=for_electron_builder(identity),
            )
    else:
        with signtool.signer(means.who, runner) as who:
            yield _on_windows(who, means.signtool, runner)


def _on_windows(who: signtool.Signer, program: Path, runner: Runner) -> Sealing:
    def sign(folder: Path) -> int:
        return signtool.sign_windows(folder, who, runner, signtool=program)

    def finish(folder: Path) -> None:
        sign(folder)

    def check(file: Path) -> None:
        runner(signtool.verify([file], program))

    command = signtool.sign([Path()], who, program)
    return Sealing(
        bundle=sign,
        application=finish,
        installer=check,
        variables={HOOK_VARIABLE: json.dumps(command.words[:-1]), **command.variables},
    )


def for_electron_builder(identity: codesign.Identity) -> Mapping[str, str]:
    """Return what makes electron-builder sign with the same identity as the bundle.

    Never the certificate's file: it would import that into a keychain of its own, and leave
    one of those in the user's list.
    """
    place = {} if identity.keychain is None else {"CSC_KEYCHAIN": str(identity.keychain)}
    return {"CSC_NAME": identity.name, **place}


def _finish_on_mac(folder: Path, credentials: MacCredentials, runner: Runner, note: Note) -> None:
    """Notarize the one application in a folder, and check it last of all."""
    application = next(folder.glob("*.app"))
    commands = codesign.verification(application)
    if credentials.notary is None:
        commands = commands[:1]  # Gatekeeper rejects what is not notarized
    else:
        notarize(application, credentials.notary, runner, note=note)
    for command in commands:
        runner(command)
