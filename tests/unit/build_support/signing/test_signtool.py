from __future__ import annotations

import json
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from build_support.errors import ToolError, UsageError, VerificationError
from build_support.signing.commands import Command
from build_support.signing.credentials import AzureAccount, Certificate, StoredCertificate
from build_support.signing.signtool import batches, sign_windows, signer
from tests.unit.build_support.signing.made_up import Recorder, program, write

SIGNED = program(struct.pack("<IHH", 64, 0x200, 2) + bytes(56))
SHA1 = "0123456789ABCDEF0123456789ABCDEF01234567"
TOOL = Path("signtool.exe")
LOGIN = {"AZURE_TENANT_ID": "t", "AZURE_CLIENT_ID": "c", "AZURE_CLIENT_SECRET": "sesame"}
AZURE = AzureAccount("https://weu", "account", "profile", "Azure.dll", LOGIN)


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    write(
        tmp_path,
        {
            "python/python.exe": program(),
            "python/vcruntime140.dll": SIGNED,
            "packages/_a.pyd": program(),
            "packages/a.py": b"print()",
        },
    )
    return tmp_path


def _sign(
    bundle: Path, runner: Recorder, sleep: Callable[[float], None], who: object = None
) -> int:
    credentials = StoredCertificate(SHA1.lower()) if who is None else who
    assert isinstance(credentials, StoredCertificate | Certificate | AzureAccount)
    with signer(credentials, runner) as known:
        return sign_windows(bundle, known, runner, signtool=TOOL, sleep=sleep)


def test_signs_what_is_unsigned_and_verifies_it(
    bundle: Path, sleep: Callable[[float], None]
) -> None:
    runner = Recorder()
    assert _sign(bundle, runner, sleep) == 2
    files = (str(bundle / "packages/_a.pyd"), str(bundle / "python/python.exe"))
    stamp = ("/tr", "http://timestamp.digicert.com", "/td", "SHA256")
    assert runner.words == [
        ("signtool.exe", "sign", "/fd", "SHA256", "/sha1", SHA1, *stamp, *files),
        ("signtool.exe", "verify", "/pa", "/tw", "/q", *files),
    ]


def test_azure_reads_its_login_from_the_environment(
    bundle: Path, sleep: Callable[[float], None]
) -> None:
    seen: list[dict[str, Any]] = []

    def look(command: Command) -> str | None:
        if command.words[1] == "sign":
            metadata = Path(command.words[command.words.index("/dmdf") + 1])
            seen.append(json.loads(metadata.read_text(encoding="utf-8")))
            assert command.words[4:6] == ("/dlib", "Azure.dll")
            assert command.words[8:10] == ("/tr", "http://timestamp.acs.microsoft.com")
            assert command.variables == LOGIN
        assert "sesame" not in " ".join(command.words) + repr(command)
        return None

    _sign(bundle, Recorder(fail=look), sleep, AZURE)
    endpoint, account, profile = ("Endpoint", "CodeSigningAccountName", "CertificateProfileName")
    assert [each.pop("ExcludeCredentials") for each in seen] == [["InteractiveBrowserCredential"]]
    assert seen == [{endpoint: "https://weu", account: "account", profile: "profile"}]


def test_a_certificate_file_goes_through_the_store_and_away(
    bundle: Path, sleep: Callable[[float], None]
) -> None:
    files: list[Path] = []

    def look(command: Command) -> str | None:
        if file := command.variables.get("DJDESK_PFX_FILE"):
            files.append(Path(file))
            assert files[0].read_bytes() == b"pfx"
            assert command.variables["DJDESK_PFX_PASSWORD"] == "sesame"
        elif command.words[1] == "sign":
            assert not files[0].exists(), "it is not needed any more"
            assert command.words[4:6] == ("/sha1", SHA1)
        assert "sesame" not in " ".join(command.words) + repr(command)
        return None

    runner = Recorder({("powershell.exe",): f"{SHA1}\r\n"}, fail=look)
    _sign(bundle, runner, sleep, Certificate(b"pfx", "sesame"))
    assert not files[0].parent.exists()
    first, *_, verify, removal = runner.commands
    assert first.words[:3] == ("powershell.exe", "-NoProfile", "-NonInteractive")
    assert verify.words[1] == "verify"
    assert "Remove-Item" in removal.words[-1]
    assert removal.variables["DJDESK_PFX_THUMBPRINT"] == SHA1


def test_azures_library_gets_no_login_before_its_maker_is_known(
    bundle: Path, sleep: Callable[[float], None]
) -> None:
    def foreign(command: Command) -> str | None:
        is_check = "Get-AuthenticodeSignature" in command.words[-1]
        return "Somebody else signed it: CN=x." if is_check else None

    runner = Recorder(fail=foreign)
    with pytest.raises(ToolError, match="Checking who signed"):
        _sign(bundle, runner, sleep, AZURE)
    (check,) = runner.commands
    assert check.variables["DJDESK_LIBRARY"] == AZURE.library
    assert not set(LOGIN.values()) & set(check.variables.values())


def test_windows_powershell_looks_for_its_own_modules(
    bundle: Path, sleep: Callable[[float], None]
) -> None:
    runner = Recorder({("powershell.exe",): SHA1})
    _sign(bundle, runner, sleep, Certificate(b"pfx", "sesame"))
    asked = [each.variables for each in runner.commands if each.words[0] == "powershell.exe"]
    assert len(asked) == 2
    for variables in asked:
        assert variables["PSMODULEPATH"] == ""
        assert all(name == name.upper() for name in variables), "as os.environ has them"


def test_the_certificate_goes_when_signing_fails(
    bundle: Path, sleep: Callable[[float], None]
) -> None:
    def fail(command: Command) -> str | None:
        return "SignTool Error: Access is denied." if command.words[1] == "sign" else None

    runner = Recorder({("powershell.exe",): SHA1}, fail=fail)
    with pytest.raises(ToolError, match=r"Signing _a\.pyd and 1 more failed"):
        _sign(bundle, runner, sleep, Certificate(b"pfx", "sesame"))
    assert "Remove-Item" in runner.words[-1][-1]


def test_tries_again_when_the_timestamp_server_is_down(
    bundle: Path, pauses: list[float], sleep: Callable[[float], None]
) -> None:
    failures = iter(
        ["SignTool Error: The specified timestamp server either could not be reached", None]
    )

    def fail(command: Command) -> str | None:
        return next(failures) if command.words[1] == "sign" else None

    _sign(bundle, Recorder(fail=fail), sleep)
    assert len(pauses) == 1


def test_nothing_is_signed_when_one_file_cannot_be(
    bundle: Path, sleep: Callable[[float], None]
) -> None:
    (bundle / "python/tcl90.dll").write_bytes(SIGNED[:-8])
    runner = Recorder()
    with pytest.raises(VerificationError, match="1 file"):
        _sign(bundle, runner, sleep)
    assert not runner.commands


def test_an_odd_thumbprint_is_explained(bundle: Path, sleep: Callable[[float], None]) -> None:
    with pytest.raises(UsageError, match="thumbprint"):
        _sign(bundle, Recorder(), sleep, StoredCertificate("not hex"))
    spaced = " ".join(SHA1[index : index + 2] for index in range(0, 40, 2))
    assert _sign(bundle, Recorder(), sleep, StoredCertificate(spaced)) == 2


def test_batches_fit_on_a_command_line() -> None:
    files = [Path(f"C:/a/long/folder/name/{number:05}.pyd") for number in range(3000)]
    groups = list(batches(files))
    assert [file for group in groups for file in group] == files
    assert len(groups) > 1
    assert all(sum(len(str(file)) + 3 for file in group) < 30_000 for group in groups)
    assert not list(batches([]))
