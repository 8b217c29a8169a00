from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from build_support.errors import ToolError
from build_support.signing.commands import PAUSES, Command
from build_support.signing.credentials import NotaryKey, NotaryProfile
from build_support.signing.notarization import notarize
from tests.unit.build_support.signing.made_up import Recorder

KEY = NotaryKey("-----BEGIN PRIVATE KEY-----\nabc\n", "ID", "ISSUER")
ACCEPTED = json.dumps({"id": "42", "status": "Accepted"})
SUBMIT = ("xcrun", "notarytool", "submit")
LOG = ("xcrun", "notarytool", "log")
STAPLE = ("xcrun", "stapler", "staple")


@pytest.fixture
def application(tmp_path: Path) -> Path:
    path = tmp_path / "My App.app"
    path.mkdir()
    return path


def test_an_application_is_packed_sent_and_stapled(
    application: Path, sleep: Callable[[float], None]
) -> None:
    runner = Recorder({SUBMIT: ACCEPTED})
    notarize(application, NotaryProfile("mine"), runner, sleep=sleep)
    pack, submit, staple, validate = runner.words
    upload = pack[-1]
    assert Path(upload).name == "My App.zip"
    assert pack == ("ditto", "-c", "-k", "--keepParent", str(application), upload)
    assert submit == (
        *(*SUBMIT, upload, "--keychain-profile", "mine"),
        *("--wait", "--timeout", "60m", "--output-format", "json"),
    )
    assert staple == (*STAPLE, str(application))
    assert validate == ("xcrun", "stapler", "validate", str(application))
    assert not Path(upload).parent.exists()


def test_the_key_is_a_file_for_as_long_as_it_is_needed(
    tmp_path: Path, sleep: Callable[[float], None]
) -> None:
    image = tmp_path / "My App.dmg"
    image.touch()
    seen: list[str] = []

    def runner(command: Command) -> str:
        if command.words[:3] == SUBMIT:
            key = Path(command.words[command.words.index("--key") + 1])
            seen.extend([str(key), key.read_text(encoding="ascii"), oct(key.stat().st_mode)])
            assert command.words[3] == str(image), "an image is sent as it is"
            assert command.words[6:10] == ("--key-id", "ID", "--issuer", "ISSUER")
            assert not [word for word in command.words if "PRIVATE" in word]
        return ACCEPTED

    notarize(image, KEY, runner, sleep=sleep)
    path, text, mode = seen
    assert text == KEY.text
    assert mode.endswith("600")
    assert not Path(path).exists()


def test_a_refusal_says_what_apple_found(application: Path, sleep: Callable[[float], None]) -> None:
    issues = [{"path": "My App.app/x.so", "message": "The binary is not signed."}]
    answers = {
        SUBMIT: json.dumps({"id": "42", "status": "Invalid"}),
        (*LOG, "42"): json.dumps({"issues": issues}),
    }
    runner = Recorder(answers)
    with pytest.raises(ToolError) as caught:
        notarize(application, KEY, runner, sleep=sleep)
    assert "did not notarize My App.app: Invalid" in caught.value.what
    assert caught.value.why == "My App.app/x.so: The binary is not signed."
    assert not [words for words in runner.words if words[:3] == STAPLE]


@pytest.mark.parametrize("log", ["", "null", '{"issues": null}', '{"issues": ["odd"]}'])
def test_a_refusal_without_reasons_is_one_all_the_same(
    log: str, application: Path, sleep: Callable[[float], None]
) -> None:
    answers: dict[tuple[str, ...], str] = {SUBMIT: '{"status": "Rejected"}', LOG: log}
    with pytest.raises(ToolError, match="Rejected"):
        notarize(application, KEY, Recorder(answers), sleep=sleep)


def test_an_answer_that_is_no_json_is_shown(
    application: Path, sleep: Callable[[float], None]
) -> None:
    with pytest.raises(ToolError) as caught:
        notarize(application, KEY, Recorder({SUBMIT: "Segmentation fault"}), sleep=sleep)
    assert "Segmentation fault" in caught.value.why


def test_waits_for_the_ticket(
    application: Path, pauses: list[float], sleep: Callable[[float], None]
) -> None:
    failures = iter(["The staple and validate action failed! Error 65.", None])

    def fail(command: Command) -> str | None:
        return next(failures) if command.words[:3] == STAPLE else None

    notarize(application, KEY, Recorder({SUBMIT: ACCEPTED}, fail=fail), sleep=sleep)
    assert pauses == [PAUSES[0]]
