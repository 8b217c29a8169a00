"""Notarization: Apple looks at a signed application, and its answer is attached to it.

No secret is a word of a command: notarytool reads its key from a file or the keychain. Source:
the manual pages notarytool(1) and stapler(1), and Apple's "Customizing the notarization
workflow".
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from build_support.errors import ToolError
from build_support.signing.commands import Command, Runner, Sleep, run_patiently
from build_support.signing.credentials import NotaryKey, NotaryProfile

_TIMEOUT = "60m"
#: Right after Apple's answer its ticket is sometimes not there yet (stapler's error 65).
_TICKET_IS_LATE = re.compile(r"\b65\b|could not find|record not found|network", re.IGNORECASE)
_SHOWN_ISSUES = 20


def notarize(
    path: Path,
    credentials: NotaryKey | NotaryProfile,
    runner: Runner,
    *,
    sleep: Sleep = time.sleep,
) -> None:
    """Have an `.app` or `.dmg` notarized, and attach the ticket to it.

    Takes minutes. Raises ToolError, with what Apple found in which file, when it is refused.
    """
    with TemporaryDirectory(prefix="djdesk-") as folder, _arguments(credentials) as arguments:
        upload = path
        if path.is_dir():
            upload = Path(folder, f"{path.stem}.zip")
            runner(archive(path, upload))
        answer = _parse(run_patiently(submit(upload, arguments), runner, sleep=sleep))
        if answer.get("status") != "Accepted":
            raise _refused(path, answer, arguments, runner)
    run_patiently(staple(path), runner, sleep=sleep, passing=_TICKET_IS_LATE)
    runner(validate(path))


def archive(application: Path, file: Path) -> Command:
    """Return the command that packs an `.app` for the upload, as macOS itself would."""
    return Command(
        ("ditto", "-c", "-k", "--keepParent", str(application), str(file)),
        doing=f"Packing {application.name}",
    )


def submit(file: Path, arguments: Sequence[str]) -> Command:
    """Return the command that uploads a file and waits for the answer, which is JSON."""
    words = ("xcrun", "notarytool", "submit", str(file), *arguments)
    return Command(
        (*words, "--wait", "--timeout", _TIMEOUT, "--output-format", "json"),
        doing=f"Notarizing {file.name}",
        hint="Look at developer.apple.com/system-status, and run it again.",
    )


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


def _refused(
    path: Path, answer: dict[str, object], arguments: Sequence[str], runner: Runner
) -> ToolError:
    reasons: list[str] = []
    try:
        issues = _parse(runner(log(str(answer.get("id")), arguments))).get("issues")
    except ToolError as error:
        issues, reasons = None, [str(error)]
    for issue in issues[:_SHOWN_ISSUES] if isinstance(issues, list) else []:
        if isinstance(issue, dict):
            reasons.append(f"{issue.get('path')}: {issue.get('message')}")
    return ToolError(
        f"Apple did not notarize {path.name}: {answer.get('status') or 'no answer'}.",
        why="\n".join(reasons) or str(answer.get("message") or ""),
        hint="Every program and library has to be signed, and none changed afterwards.",
    )


def _parse(text: str) -> dict[str, object]:
    try:
        answer = json.loads(text)
    except ValueError:
        answer = None
    if not isinstance(answer, dict):
        raise ToolError("notarytool gave an answer that is not JSON.", why=text.strip()[:500])
    return answer
