from __future__ import annotations

import json
from pathlib import Path

import pytest

from build_support.packages.sealing import HOOK_VARIABLE, read_credentials, sealing
from build_support.signing.credentials import (
    AzureAccount,
    MacCredentials,
    NotaryProfile,
    StoredCertificate,
)
from build_support.target import TARGETS
from tests.unit.build_support.signing.made_up import EXECUTE, Recorder, program, thin, write

MAC, WINDOWS = TARGETS["macos-arm64"], TARGETS["windows-x86_64"]
THUMBPRINT = "AB" * 20


@pytest.mark.parametrize("target", TARGETS.values(), ids=str)
def test_without_variables_nothing_is_signed(target: object) -> None:
    assert target in TARGETS.values()
    found = next(each for each in TARGETS.values() if each == target)
    assert read_credentials(found, {}) is None
    with sealing(found, None, {}, Recorder()) as seal:
        assert seal.bundle is None
        assert not seal.variables
        seal.application(Path("/nowhere"))
        seal.installer(Path("/nowhere"))


def test_variables_are_those_of_the_target() -> None:
    environment = {"CSC_NAME": "Zoë", "WIN_CSC_SHA1": THUMBPRINT}
    mac = read_credentials(MAC, environment)
    assert mac == MacCredentials(StoredCertificate("Zoë"), None)
    assert read_credentials(WINDOWS, environment) == StoredCertificate(THUMBPRINT)
    assert read_credentials(TARGETS["linux-arm64"], environment) is None


@pytest.mark.parametrize("notary", [NotaryProfile("profile"), None])
def test_macos(tmp_path: Path, notary: NotaryProfile | None) -> None:
    write(tmp_path, {"bin/python3": thin(EXECUTE), "out/My.app/Contents/Info.plist": b""})
    accepted = json.dumps({"status": "Accepted", "id": "1"})
    runner = Recorder({("xcrun", "notarytool", "submit"): accepted})
    credentials = MacCredentials(StoredCertificate("Zoë"), notary)
    environment = {"CSC_NAME": "Zoë", "OTHER": "x"}
    with sealing(MAC, credentials, environment, runner) as seal:
        assert seal.bundle is not None
        assert seal.bundle(tmp_path / "bin") == 1
        seal.application(tmp_path / "out")
    assert seal.variables == {"CSC_NAME": "Zoë", "CSC_IDENTITY_AUTO_DISCOVERY": "true"}
    programs = [words[0] for words in runner.words]
    assert programs[0] == "codesign"
    assert ("spctl" in programs) is (notary is not None)
    assert ("ditto" in programs) is (notary is not None)
    assert "--verify" in runner.words[-1 if notary is None else -2]


def test_windows(tmp_path: Path) -> None:
    signtool = tmp_path / "signtool.exe"
    signtool.touch()
    write(tmp_path / "bundle", {"python.exe": program(), "signed.dll": program(b"x" * 64)})
    write(tmp_path / "app", {"Notes.exe": program(), "Setup.exe": program()})
    runner = Recorder()
    environment = {"SIGNTOOL_PATH": str(signtool)}
    with sealing(WINDOWS, StoredCertificate(THUMBPRINT), environment, runner) as seal:
        assert seal.bundle is not None
        assert seal.bundle(tmp_path / "bundle") == 1
        seal.application(tmp_path / "app")
        seal.installer(tmp_path / "app" / "Setup.exe")
    command = json.loads(seal.variables[HOOK_VARIABLE])
    assert command[:2] == [str(signtool), "sign"]
    assert THUMBPRINT in command
    assert not [word for word in command if word.endswith((".exe", ".")) and word != command[0]]
    assert [words[1] for words in runner.words] == ["sign", "verify", "sign", "verify", "verify"]


def test_the_hook_gets_azures_login_and_no_word_of_it(tmp_path: Path) -> None:
    login = {"AZURE_CLIENT_SECRET": "secret"}
    account = AzureAccount("https://e", "account", "profile", "lib.dll", login)
    environment = {"SIGNTOOL_PATH": str(tmp_path)}
    with sealing(WINDOWS, account, environment, Recorder()) as seal:
        assert seal.variables["AZURE_CLIENT_SECRET"] == "secret"
        assert "secret" not in seal.variables[HOOK_VARIABLE]
        assert "secret" not in repr(seal)
