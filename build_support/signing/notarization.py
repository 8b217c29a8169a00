"""Notarization: Apple looks at a signed application, and its answer is attached to it.

No secret is a word of a command: notarytool reads its key from a file or the keychain. Source:
the manual pages notarytool(1) and stapler(1), and Apple's "Customizing the notarization
workflow".
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory

from build_support.errors import ToolError
from build_support.signing.commands import PASSING, Command, Runner, Sleep, run_patiently
from build_support.signing.credentials import NotaryKey, NotaryProfile

_TIMEOUT = "60m"
_IN_WORK = "In Progress"
#: Apple is still looking when the time is over: no failure that passes by trying again at once.
_CONNECTION = re.compile(
    rf"\A(?!.*before processing completed).*?(?:{PASSING.pattern})", re.IGNORECASE | re.DOTALL
)
#: Right after Apple's answer its ticket is sometimes not there yet (stapler's error 65).
_TICKET_IS_LATE = re.compile(r"\b65\b|could not find|record not found|network", re.IGNORECASE)
_SHOWN_ISSUES = 20

#: Tells the user what matters less than the steps.
Note = Callable[[str], None]
Answer = Mapping[str, object]


def notarize(
    path: Path,
    credentials: NotaryKey | NotaryProfile,
    runner: Runner,
    *,
    note: Note,
    sleep: Sleep = time.sleep,
) -> None:
    """Have an `.app` or `.dmg` notarized, and attach the ticket to it.

    It is uploaded once, and waited for as long as `_TIMEOUT`; `note` is told the submission's
    id. Raises ToolError, with what Apple found in which file, when it is refused.
    """
    with TemporaryDirectory(prefix="djdesk-") as folder, _arguments(credentials) as arguments:
        upload = path
        if path.is_dir():
            upload = Path(folder, f"{path.stem}.zip")
            runner(archive(path, upload))
        submission = _submission(run_patiently(submit(upload, arguments), runner, sleep=sleep))
        note(f"Apple looks at {path.name}, submission {submission}")
        answer = _answer(path, submission, arguments, runner, sleep)
        if answer.get("status") != "Accepted":
            raise _refused(path, submission, answer, arguments, runner)
    run_patiently(staple(path), runner, sleep=sleep, passing=_TICKET_IS_LATE)
    runner(validate(path))


def archive(application: Path, file: Path) -> Command:
    """Return the command that packs an `.app` for the upload, as macOS itself would."""
    return Command(
        ("ditto", "-c", "-k", "--keepParent", str(application), str(file)),
        doing=f"Packing {application.name}",
    )


def submit(file: Path, arguments: Sequence[str]) -> Command:
    """Return the command that uploads a file and prints the submission's id, as JSON."""
    words = ("xcrun", "notarytool", "submit", str(file), *arguments)
    return Command(
        (*words, "--no-wait", "--output-format", "json"),
        doing=f"Uploading {file.name} to Apple",
        hint="Look at developer.apple.com/system-status, and run it again.",
    )


def wait(submission: str, arguments: Sequence[str]) -> Command:
    """Return the command that waits for Apple's answer, which is JSON."""
    words = ("xcrun", "notarytool", "wait", submission, *arguments)
    return Command(
        (*words, "--timeout", _TIMEOUT, "--output-format", "json"), doing="Waiting for Apple"
    )


def info(submission: str, arguments: Sequence[str]) -> Command:
    """Return the command that asks how far Apple is; its answer is JSON."""
    words = ("xcrun", "notarytool", "info", submission, *arguments)
    return Command((*words, "--output-format", "json"), doing="Asking how far Apple is")


def log(submission: str, arguments: Sequence[str]) -> Command:
    """Return the command that asks what Apple found in a submission."""
    return Command(
        ("xcrun", "notarytool", "log", submission, *arguments), doing="Asking for Apple's reasons"
    )


def staple(path: Path) -> Command:
    """Return the command that attaches the ticket, so that no network is needed at the start."""
    return Command(("xcrun", "stapler", "staple", str(path)), doing=f"Stapling {path.name}")


def validate(path: Path) -> Command:
    """Return the command that checks the attached ticket."""
    return Command(
        ("xcrun", "stapler", "validate", str(path)), doing=f"Checking the ticket of {path.name}"
    )


@contextmanager
def _arguments(credentials: NotaryKey | NotaryProfile) -> Iterator[tuple[str, ...]]:
    if isinstance(credentials, NotaryProfile):
        yield "--keychain-profile", credentials.name
        return
    with TemporaryDirectory(prefix="djdesk-") as folder:
        key = Path(folder, f"AuthKey_{credentials.key_id}.p8")
        key.touch(mode=0o600)
        key.write_text(credentials.text, encoding="ascii")
        yield "--key", str(key), "--key-id", credentials.key_id, "--issuer", credentials.issuer


def _submission(text: str) -> str:
    answer = _parse(text)
    if not isinstance(submission := answer.get("id"), str):
        raise ToolError("notarytool gave an answer without an id.", why=text.strip()[:500])
    return submission


def _answer(
    path: Path, submission: str, arguments: Sequence[str], runner: Runner, sleep: Sleep
) -> Answer:
    """Return what Apple says in the end. Raises ToolError when it says nothing in time."""
    command = wait(submission, arguments)
    try:
        return _parse(run_patiently(command, runner, sleep=sleep, passing=_CONNECTION))
    except ToolError as error:
        why = error.why
    # notarytool fails for a refusal as well, and says so in another place.
    with suppress(ToolError):
        answer = _parse(run_patiently(info(submission, arguments), runner, sleep=sleep))
        if answer.get("status", _IN_WORK) != _IN_WORK:
            return answer
    raise ToolError(
        f"Apple has not said yet whether it notarizes {path.name}.",
        why=f"It was uploaded as submission {submission}.\n{why}",
        hint="Apple goes on with it, and may take hours for the first one of an account. Ask for "
        f"the answer, with your --key, --key-id and --issuer or --keychain-profile:\n"
        f"xcrun notarytool wait {submission} …\n"
        f"xcrun notarytool log {submission} …\n"
        "When it is Accepted, make the packages again: this one is not kept.",
    )


def _refused(
    path: Path, submission: str, answer: Answer, arguments: Sequence[str], runner: Runner
) -> ToolError:
    reasons: list[str] = []
    try:
        issues = _parse(runner(log(submission, arguments))).get("issues")
    except ToolError as error:
        issues, reasons = None, [str(error)]
    for issue in issues[:_SHOWN_ISSUES] if isinstance(issues, list) else []:
        if isinstance(issue, dict):
            reasons.append(f"{issue.get('path')}: {issue.get('message')}")
    return ToolError(
        f"Apple did not notarize {path.name}: {answer.get('status') or 'no answer'}.",
        why="\n".join([f"It was submission {submission}.", *reasons]),
        hint="Every program and library has to be signed, and none changed afterwards.",
    )


def _parse(text: str) -> Answer:
    try:
        answer = json.loads(text)
    except ValueError:
        answer = None
    if not isinstance(answer, dict):
        raise ToolError("notarytool gave an answer that is not JSON.", why=text.strip()[:500])
    return answer
