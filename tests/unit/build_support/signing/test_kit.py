from __future__ import annotations

from pathlib import Path

import pytest

from build_support.errors import ToolError, UsageError
from build_support.signing.credentials import AzureAccount, Certificate, StoredCertificate
from build_support.signing.kit import check_host, find_signtool
from build_support.target import TARGETS
from tests.unit.build_support.signing.made_up import write

AZURE = AzureAccount("https://weu", "account", "profile", "Azure.dll", {})


def test_signtool_is_the_newest_for_this_machine(tmp_path: Path) -> None:
    with pytest.raises(ToolError, match="not installed"):
        find_signtool({}, "x86_64", tmp_path)
    for version in ("10.0.9600.0", "10.0.22621.0", "10.0.26100.0"):
        write(tmp_path, {f"{version}/{folder}/signtool.exe": b"" for folder in ("x64", "arm64")})
    write(tmp_path, {"10.0.99999.0/x86/signtool.exe": b""})
    newest = tmp_path / "10.0.26100.0"
    assert find_signtool({}, "x86_64", tmp_path) == newest / "x64/signtool.exe"
    assert find_signtool({}, "arm64", tmp_path) == newest / "arm64/signtool.exe"


def test_a_named_signtool_has_to_be_there(tmp_path: Path) -> None:
    program = tmp_path / "signtool.exe"
    named = {"SIGNTOOL_PATH": str(program)}
    with pytest.raises(ToolError, match="SIGNTOOL_PATH names no file"):
        find_signtool(named, "x86_64", tmp_path)
    program.touch()
    assert find_signtool(named, "x86_64", tmp_path) == program


def test_azure_is_refused_on_windows_on_arm() -> None:
    with pytest.raises(UsageError, match="does not work on Windows on ARM") as caught:
        check_host(AZURE, TARGETS["windows-arm64"])
    assert "x64 and x86 only" in caught.value.why
    assert "nox -s package-windows -- --arch arm64" in caught.value.hint
    check_host(AZURE, TARGETS["windows-x86_64"])
    for certificate in (StoredCertificate("AB" * 20), Certificate(b"pfx", "sesame")):
        check_host(certificate, TARGETS["windows-arm64"])
