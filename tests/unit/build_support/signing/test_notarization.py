from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from build_support.errors import ToolError
from build_support.signing.commands import PAUSES, Command
from build_support.signing.credentials import NotaryKey, NotaryProfile
from build_support.signing.notarization import notarize
from tests.unit.build_support.signing.made_up import Recorder

KEY = NotaryKey("-----BEGIN PRIVATE KEY-----\nabc\n", "ID", "ISSUER")
ID = "2efe2717-52ef-43a5-96dc-0797e4ca1041"
SUBMIT = ("xcrun", "notarytool", "submit")
WAIT = ("xcrun", "notarytool", "wait")
INFO = ("xcrun", "notarytool", "info")
LOG = ("xcrun", "notarytool", "log")
STAPLE = ("xcrun", "stapler", "staple")

#: What notarytool ends with, after the time that it is given.
TIME_IS_OVER = (
    "xcrun ended with 124 and said:\n"
    '{"message":"Timeout of 3600 second(s) was reached before processing completed.",'
    f'"id":"{ID}"}}'
)
DISCONNECTED = "Error: NSURLErrorDomain Code=-1001 The request timed out."

Sleeper = Callable[[float], None]


def answers(status: str = "Accepted", **more: str) -> Mapping[tuple[str, ...], str]:
    """What a notarytool says that gets an answer from Apple."""
    return {
        SUBMIT: json.dumps({"id": ID, "message": "Successfully uploaded file"}),
        WAIT: json.dumps({"id": ID, "status": status}),
        INFO: json.dumps({"id": ID, "status": more.get("info", status)}),
        LOG: more.get("log", "{}"),
    }


def failing(start: tuple[str, ...], *reasons: str) -> Callable[[Command], str | None]:
    """Return what makes the first runs of a command fail, for these reasons."""
    rest = list(reasons)

    def fail(command: Command) -> str | None:
        return rest.pop(0) if rest and command.words[: len(start)] == start else None

    return fail


def asked(runner: Recorder, start: tuple[str, ...]) -> int:
    """Return how often a command was run."""
    return len([words for words in runner.words if words[: len(start)] == start])


class Notes(list[str]):
    """What the user was told."""

    def __call__(self, text: str) -> None:
        self.append(text)


@pytest.fixture
def notes() -> Notes:
    return Notes()


@pytest.fixture
def application(tmp_path: Path) -> Path:
    path = tmp_path / "My App.app"
    path.mkdir()
    return path


def test_an_application_is_packed_sent_and_stapled(
    application: Path, notes: Notes, sleep: Sleeper
) -> None:
    runner = Recorder(answers())
    notarize(application, NotaryProfile("mine"), runner, note=notes, sleep=sleep)
    pack, submit, wait, staple, validate = runner.words
    upload = pack[-1]
    assert Path(upload).name == "My App.zip"
    assert pack == ("ditto", "-c", "-k", "--keepParent", str(application), upload)
    profile, form = ("--keychain-profile", "mine"), ("--output-format", "json")
    assert submit == (*SUBMIT, upload, *profile, "--no-wait", *form)
    assert wait == (*WAIT, ID, *profile, "--timeout", "60m", *form)
    assert staple == (*STAPLE, str(application))
    assert validate == ("xcrun", "stapler", "validate", str(application))
    assert not Path(upload).parent.exists()
    assert notes == [f"Apple looks at My App.app, submission {ID}"]


def test_the_key_is_a_file_for_as_long_as_it_is_needed(
    tmp_path: Path, notes: Notes, sleep: Sleeper
) -> None:
    image = tmp_path / "My App.dmg"
    image.touch()
    seen: list[str] = []
    recorder = Recorder(answers())

    def runner(command: Command) -> str:
        if command.words[:3] in {SUBMIT, WAIT}:
            key = Path(command.words[command.words.index("--key") + 1])
            seen.extend([str(key), key.read_text(encoding="ascii"), oct(key.stat().st_mode)])
            assert command.words[6:10] == ("--key-id", "ID", "--issuer", "ISSUER")
            assert not [word for word in command.words if "PRIVATE" in word]
        return recorder(command)

    notarize(image, KEY, runner, note=notes, sleep=sleep)
    path, text, mode = seen[:3]
    assert seen == [path, text, mode] * 2
    assert text == KEY.text
    assert mode.endswith("600")
    assert not Path(path).exists()
    assert recorder.words[0][3] == str(image), "an image is sent as it is"


def test_an_upload_that_fails_is_tried_again(
    application: Path, notes: Notes, pauses: list[float], sleep: Sleeper
) -> None:
    runner = Recorder(answers(), fail=failing(SUBMIT, DISCONNECTED, DISCONNECTED))
    notarize(application, KEY, runner, note=notes, sleep=sleep)
    assert asked(runner, SUBMIT) == 3
    assert len(notes) == 1
    assert pauses == [*PAUSES[:2]]


def test_a_lost_connection_does_not_upload_anew(
    application: Path, notes: Notes, pauses: list[float], sleep: Sleeper
) -> None:
    runner = Recorder(answers(), fail=failing(WAIT, DISCONNECTED, DISCONNECTED, DISCONNECTED))
    notarize(application, KEY, runner, note=notes, sleep=sleep)
    assert asked(runner, SUBMIT) == 1
    assert asked(runner, WAIT) == 4
    assert pauses == [*PAUSES[:3]]


def test_when_the_time_is_over_the_submission_is_named(
    application: Path, notes: Notes, pauses: list[float], sleep: Sleeper
) -> None:
    runner = Recorder(answers(info="In Progress"), fail=failing(WAIT, TIME_IS_OVER))
    with pytest.raises(ToolError, match="has not said yet") as caught:
        notarize(application, KEY, runner, note=notes, sleep=sleep)
    assert f"submission {ID}" in caught.value.why
    assert "Timeout of 3600" in caught.value.why
    assert f"xcrun notarytool wait {ID}" in caught.value.hint
    assert f"xcrun notarytool log {ID}" in caught.value.hint
    assert asked(runner, SUBMIT) == asked(runner, WAIT) == 1
    assert not pauses
    assert not asked(runner, STAPLE)


def test_an_answer_that_came_with_the_end_of_the_time_counts(
    application: Path, notes: Notes, sleep: Sleeper
) -> None:
    runner = Recorder(answers(), fail=failing(WAIT, TIME_IS_OVER))
    notarize(application, KEY, runner, note=notes, sleep=sleep)
    assert asked(runner, STAPLE) == 1


@pytest.mark.parametrize("fails", [False, True])
def test_a_refusal_says_what_apple_found(
    fails: bool, application: Path, notes: Notes, sleep: Sleeper
) -> None:
    issues = [{"path": "My App.app/x.so", "message": "The binary is not signed."}]
    known = answers("Invalid", log=json.dumps({"issues": issues}))
    ended = "xcrun ended with 69 and said:\nProcessing complete"
    runner = Recorder(known, fail=failing(WAIT, ended) if fails else lambda _: None)
    with pytest.raises(ToolError) as caught:
        notarize(application, KEY, runner, note=notes, sleep=sleep)
    assert "did not notarize My App.app: Invalid" in caught.value.what
    assert ID in caught.value.why
    assert "My App.app/x.so: The binary is not signed." in caught.value.why
    assert runner.words[-1][:4] == (*LOG, ID)


@pytest.mark.parametrize("log", ["", "null", '{"issues": null}', '{"issues": ["odd"]}'])
def test_a_refusal_without_reasons_is_one_all_the_same(
    log: str, application: Path, notes: Notes, sleep: Sleeper
) -> None:
    with pytest.raises(ToolError, match="Rejected"):
        notarize(application, KEY, Recorder(answers("Rejected", log=log)), note=notes, sleep=sleep)


@pytest.mark.parametrize("text", ["Segmentation fault", '{"id": null, "message": "Segmentation"}'])
def test_an_odd_answer_is_shown(text: str, application: Path, notes: Notes, sleep: Sleeper) -> None:
    with pytest.raises(ToolError) as caught:
        notarize(application, KEY, Recorder({SUBMIT: text}), note=notes, sleep=sleep)
    assert "Segmentation" in caught.value.why


def test_waits_for_the_ticket(
    application: Path, notes: Notes, pauses: list[float], sleep: Sleeper
) -> None:
    late = "The staple and validate action failed! Error 65."
    runner = Recorder(answers(), fail=failing(STAPLE, late))
    notarize(application, KEY, runner, note=notes, sleep=sleep)
    assert pauses == [PAUSES[0]]
