"""Where signtool is: it runs on this machine, whatever the files are for that it signs."""

from __future__ import annotations

import re
import shutil
from collections.abc import Mapping
from pathlib import Path

from build_support.errors import ToolError, UsageError
from build_support.signing.credentials import AzureAccount, WindowsCredentials
from build_support.target import Target

_KITS = Path("C:/Program Files (x86)/Windows Kits/10/bin")


def check_host(credentials: WindowsCredentials, host: Target) -> None:
    """Make sure that these can sign on this machine. Raises UsageError."""
    if isinstance(credentials, AzureAccount) and host.name == "windows-arm64":
        raise UsageError(
            "Azure Artifact Signing does not work on Windows on ARM.",
            why="Microsoft has its library for signtool (AZURE_SIGNING_LIBRARY) for x64 and x86 "
            "only, and signtool for ARM cannot load those.",
            hint="Make the packages on Windows on x64, those for ARM as well: "
            "nox -s package-windows -- --arch arm64\n"
            "Or sign with a certificate: WIN_CSC_LINK and WIN_CSC_KEY_PASSWORD, or WIN_CSC_SHA1.",
        )


def find_signtool(environment: Mapping[str, str], machine: str, kits: Path = _KITS) -> Path:
    """Find signtool: SIGNTOOL_PATH, the one on PATH, else the newest of the Windows SDK.

    `machine` is the processor of this machine, as targets name it. Raises ToolError when
    there is none.
    """
    if named := environment.get("SIGNTOOL_PATH"):
        if not Path(named).is_file():
            raise ToolError(
                f"SIGNTOOL_PATH names no file: {named}.",
                hint="Name signtool.exe itself, or leave the variable out to have it looked for.",
            )
        return Path(named)
    if found := shutil.which("signtool", path=environment.get("PATH", "")):
        return Path(found)
    folder = "x64" if machine == "x86_64" else machine
    installed = kits.glob(f"10.*/{folder}/signtool.exe")
    newest = max(installed, key=lambda path: _numbers(path.parts[-3]), default=None)
    if newest is None:
        raise ToolError(
            "signtool is not installed.",
            why=f"It is neither on PATH nor, for {folder}, below {kits}.",
            hint="Install the Windows SDK (Signing Tools for Desktop Apps), or set SIGNTOOL_PATH.",
        )
    return newest


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", version))
