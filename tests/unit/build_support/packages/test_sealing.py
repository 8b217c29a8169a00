from __future__ import annotations

import json
from pathlib import Path

import pytest

from build_support.errors import UsageError
from build_support.packages.sealing import HOOK_VARIABLE, WindowsMeans, find_means, sealing
from build_support.signing.credentials import (
    AzureAccount,
    Certificate,
    MacCredentials,
    NotaryProfile,
    StoredCertificate,
)
from build_support.target import TARGETS, Target
from tests.unit.build_support.signing.made_up import EXECUTE, Recorder, program, thin, write

MAC, WINDOWS = TARGETS["macos-arm64"], TARGETS["windows-x86_64"]
THUMBPRINT = "AB" * 20
MINE = "0123456789ABCDEF0123456789ABCDEF01234567"


AZURE = {
    "AZURE_SIGNING_ENDPOINT": "https://weu",
    "AZURE_SIGNING_ACCOUNT": "account",
    "AZURE_SIGNING_PROFILE": "profile",
}


def ignore(_: str) -> None:
    """What the user is told does not matter here."""


@pytest.fixture
def signtool(tmp_path: Path) -> Path:
    program = tmp_path / "signtool.exe"
    program.touch()
    return program


@pytest.mark.parametrize("target", TARGETS.values(), ids=str)
def test_without_variables_nothing_is_signed(target: Target) -> None:
    assert find_means(target, {}, WINDOWS) is None
    with sealing(None, Recorder(), ignore) as seal:
        assert seal.bundle is None
        assert not seal.variables
        seal.application(Path("/nowhere"))
        seal.installer(Path("/nowhere"))


def test_variables_are_those_of_the_target(signtool: Path) -> None:
    environment = {"CSC_NAME": "Zoë", "WIN_CSC_SHA1": THUMBPRINT, "SIGNTOOL_PATH": str(signtool)}
    mac = find_means(MAC, environment, MAC)
    assert mac == MacCredentials(StoredCertificate("Zoë"), None)
    windows = WindowsMeans(StoredCertificate(THUMBPRINT), signtool)
    assert find_means(WINDOWS, environment, WINDOWS) == windows
    assert find_means(TARGETS["linux-arm64"], environment, TARGETS["linux-arm64"]) is None


@pytest.mark.parametrize("host", ["x86_64", "arm64"])
def test_signtool_is_one_that_runs_on_this_machine(
    host: str, signtool: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    def find(_: object, machine: str) -> Path:
        asked.append(machine)
        return signtool

    monkeypatch.setattr("build_support.packages.sealing.find_signtool", find)
    for target in ("windows-x86_64", "windows-arm64"):
        environment = {"WIN_CSC_SHA1": THUMBPRINT}
        means = find_means(TARGETS[target], environment, TARGETS[f"windows-{host}"])
        assert isinstance(means, WindowsMeans)
    assert asked == [host, host]


def test_azure_signs_for_arm_on_another_machine(signtool: Path) -> None:
    environment = {
        **AZURE,
        "AZURE_SIGNING_LIBRARY": str(signtool),
        "SIGNTOOL_PATH": str(signtool),
    }
    arm = TARGETS["windows-arm64"]
    assert find_means(arm, environment, WINDOWS) is not None
    for target in (arm, WINDOWS):
        with pytest.raises(UsageError, match="Windows on ARM"):
            find_means(target, environment, arm)


FOUND = f"""
  1) {MINE} "Developer ID Application: Zoë (TEAM)"
     1 valid identities found
"""
ANSWERS = {
    ("security", "find-identity"): FOUND,
    ("xcrun", "notarytool", "submit"): json.dumps({"id": "1"}),
    ("xcrun", "notarytool", "wait"): json.dumps({"status": "Accepted", "id": "1"}),
}


@pytest.mark.parametrize("notary", [NotaryProfile("profile"), None])
def test_macos(tmp_path: Path, notary: NotaryProfile | None) -> None:
    notes: list[str] = []
    write(tmp_path, {"bin/python3": thin(EXECUTE), "out/My.app/Contents/Info.plist": b""})
    runner = Recorder(ANSWERS)
    with sealing(MacCredentials(StoredCertificate("Zoë"), notary), runner, notes.append) as seal:
        assert seal.bundle is not None
        assert seal.bundle(tmp_path / "bin") == 1
        seal.application(tmp_path / "out")
    programs = [words[0] for words in runner.words]
    assert programs[:2] == ["security", "codesign"]
    assert any("submission 1" in note for note in notes) is (notary is not None)
    assert ("spctl" in programs) is (notary is not None)
    assert ("ditto" in programs) is (notary is not None)
    assert "--verify" in runner.words[-1 if notary is None else -2]


def test_the_bundle_and_the_shell_are_signed_with_one_certificate(tmp_path: Path) -> None:
    write(tmp_path, {"bin/python3": thin(EXECUTE)})
    for certificate in (
        StoredCertificate("Developer ID Application: Zoë (TEAM)"),
        Certificate(b"p12", "sesame"),
    ):
        runner = Recorder(ANSWERS)
        with sealing(MacCredentials(certificate, None), runner, ignore) as seal:
            assert seal.bundle is not None
            seal.bundle(tmp_path)
        words = next(words for words in runner.words if words[0] == "codesign")
        given = dict(seal.variables)
        assert given.pop("CSC_NAME") == words[words.index("--sign") + 1] == MINE
        if isinstance(certificate, Certificate):
            assert given.pop("CSC_KEYCHAIN") == words[words.index("--keychain") + 1]
        assert not given, "never CSC_LINK, and nothing to discover"


def test_windows(tmp_path: Path, signtool: Path) -> None:
    write(tmp_path / "bundle", {"python.exe": program(), "signed.dll": program(b"x" * 64)})
    write(tmp_path / "app", {"Notes.exe": program(), "Setup.exe": program()})
    runner = Recorder()
    with sealing(WindowsMeans(StoredCertificate(THUMBPRINT), signtool), runner, ignore) as seal:
        assert seal.bundle is not None
        assert seal.bundle(tmp_path / "bundle") == 1
        seal.application(tmp_path / "app")
        seal.installer(tmp_path / "app" / "Setup.exe")
    command = json.loads(seal.variables[HOOK_VARIABLE])
    assert command[:2] == [str(signtool), "sign"]
    assert THUMBPRINT in command
    assert not [word for word in command if word.endswith((".exe", ".")) and word != command[0]]
    assert [words[1] for words in runner.words] == ["sign", "verify", "sign", "verify", "verify"]


def test_a_certificate_file_is_in_the_store_until_the_installer_is_signed(
    tmp_path: Path, signtool: Path
) -> None:
    write(tmp_path / "bundle", {"python.exe": program()})
    write(tmp_path / "app", {"Notes.exe": program()})
    runner = Recorder({("powershell.exe",): THUMBPRINT})
    with sealing(WindowsMeans(Certificate(b"pfx", "sesame"), signtool), runner, ignore) as seal:
        assert seal.bundle is not None
        seal.bundle(tmp_path / "bundle")
        seal.application(tmp_path / "app")
        assert THUMBPRINT in json.loads(seal.variables[HOOK_VARIABLE])
        assert len([words for words in runner.words if words[0] == "powershell.exe"]) == 1
    assert "Remove-Item" in runner.words[-1][-1]


def test_the_hook_gets_azures_login_and_no_word_of_it(signtool: Path) -> None:
    login = {"AZURE_CLIENT_SECRET": "secret"}
    account = AzureAccount("https://e", "account", "profile", "lib.dll", login)
    with sealing(WindowsMeans(account, signtool), Recorder(), ignore) as seal:
        assert seal.variables["AZURE_CLIENT_SECRET"] == "secret"
        assert "secret" not in seal.variables[HOOK_VARIABLE]
        assert "secret" not in repr(seal)
