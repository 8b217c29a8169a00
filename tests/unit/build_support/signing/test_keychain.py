from __future__ import annotations

from pathlib import Path

import pytest

from build_support.errors import ToolError, UsageError
from build_support.signing.codesign import Identity
from build_support.signing.commands import Command
from build_support.signing.credentials import Certificate, StoredCertificate
from build_support.signing.keychain import signing_identity
from tests.unit.build_support.signing.made_up import Recorder

SHA1 = "0123456789ABCDEF0123456789ABCDEF01234567"
FOUND = f"""
  1) {SHA1} "Developer ID Application: Me (TEAM)"
     1 valid identities found
"""
ANSWERS = {
    ("security", "find-identity"): FOUND,
    ("security", "list-keychains", "-d", "user"): '    "/Users/me/login.keychain-db"\n',
}


def test_a_certificate_lives_in_a_keychain_of_its_own() -> None:
    runner = Recorder(ANSWERS)
    with signing_identity(Certificate(b"p12", 'se"sa\\me'), runner) as identity:
        keychain = identity.keychain
        assert identity == Identity(SHA1, keychain)
        assert keychain is not None
        assert (keychain.parent / "certificate.p12").read_bytes() == b"p12"
    assert not keychain.parent.exists()
    place = str(keychain)
    assert runner.words == [
        ("security", "-i"),
        ("security", "list-keychains", "-d", "user"),
        *[("security", "list-keychains", "-d", "user", "-s", place, "/Users/me/login.keychain-db")],
        ("security", "find-identity", "-v", "-p", "codesigning", place),
        ("security", "delete-keychain", place),
    ]


def test_passwords_are_in_the_script_alone() -> None:
    runner = Recorder(ANSWERS)
    with signing_identity(Certificate(b"p12", 'se"sa\\me'), runner):
        pass
    command = runner.commands[0]
    password, own = command.secrets
    assert r'-P "se\"sa\\me" -T /usr/bin/codesign' in command.script
    assert len(own) >= 32
    assert [line.split()[0] for line in command.script.splitlines()] == [
        *("create-keychain", "set-keychain-settings", "unlock-keychain"),
        *("import", "set-key-partition-list"),
    ]
    for each in runner.commands:
        assert not [word for word in each.words if password in word or own in word]
        assert password not in repr(each)


def test_the_keychain_goes_even_when_the_import_fails() -> None:
    def fail(command: Command) -> str | None:
        return "MAC verification failed" if command.words == ("security", "-i") else None

    runner = Recorder(fail=fail)
    with (
        pytest.raises(ToolError, match="Importing the certificate failed"),
        signing_identity(Certificate(b"p12", "wrong"), runner),
    ):
        pytest.fail("there is no identity")
    assert runner.words[-1][:2] == ("security", "delete-keychain")
    assert not Path(runner.words[-1][2]).parent.exists()


def test_a_failing_delete_does_not_hide_the_reason() -> None:
    runner = Recorder(fail=lambda command: f"no {command.words[1]}")
    with (
        pytest.raises(ToolError, match="Importing the certificate failed"),
        signing_identity(Certificate(b"p12", "wrong"), runner),
    ):
        pytest.fail("there is no identity")


def test_a_stored_certificate_needs_no_keychain() -> None:
    runner = Recorder(ANSWERS)
    with signing_identity(StoredCertificate("Developer ID Application: Me"), runner) as identity:
        assert identity == Identity(SHA1)
    assert runner.words == [("security", "find-identity", "-v", "-p", "codesigning")]


@pytest.mark.parametrize("end", ["\n", "\r", "\0"])
def test_a_password_cannot_add_a_command(end: str) -> None:
    runner = Recorder(ANSWERS)
    with (
        pytest.raises(UsageError, match="end of a line"),
        signing_identity(Certificate(b"p12", f"x{end}delete-keychain login"), runner),
    ):
        pytest.fail("there is no identity")
    assert ("security", "-i") not in runner.words
