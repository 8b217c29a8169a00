"""Run another program, and turn its failure into an error that a person can read."""

from __future__ import annotations

import signal
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from build_support.errors import ToolError
from build_support.logs import write_log
from build_support.tracebacks import explain_output, find_report, last_lines

#: Of each of two streams, when both have something to say.
_LINES_OF_EACH = 15
#: Windows' codes of processes that were ended by an exception begin here.
_NT_STATUS = 0xC000_0000


def run(
    command: Sequence[str | Path],
    *,
    doing: str,
    hint: str = "",
    environment: Mapping[str, str] | None = None,
    folder: Path | None = None,
    timeout: float | None = None,
    script: str = "",
    secrets: Sequence[str] = (),
    logged: bool = True,
) -> str:
    """Run a program to its end and return its standard output.

    `doing` completes the sentence "… failed"; `timeout` is in seconds; `script` is what it
    reads from its standard input; `secrets` are taken out of what is told of it. All that a
    failed program said goes to a log file, unless its failure is an answer (`logged`). Raises
    ToolError with the reason when it is missing, fails or takes too long.
    """
    words = [str(word) for word in command]
    try:
        finished = subprocess.run(
            words,
            cwd=folder,
            env=None if environment is None else dict(environment),
            input=script,
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            timeout=timeout,
            check=False,
        )
    except OSError as error:
        # The file is the working folder when it is that which is missing.
        missing = isinstance(error, FileNotFoundError) and error.filename == words[0]
        why = f"There is no program {words[0]}." if missing else f"{words[0]}: {error}."
        raise ToolError(f"{doing} failed.", why=why, hint=hint) from None
    except subprocess.TimeoutExpired as error:
        ending = f"{words[0]} gave no result in {timeout:.0f} s"
        streams = decode_output(error.stdout), decode_output(error.stderr)
    else:
        if finished.returncode == 0:
            return finished.stdout
        ending = f"{Path(words[0]).name} {describe_exit(finished.returncode)}"
        streams = finished.stdout, finished.stderr
    output, errors = (_without(text, secrets) for text in streams)
    said = explain_streams(output, errors)
    raise ToolError(
        f"{doing} failed.",
        why=f"{ending} and said:\n{said}" if said else f"{ending} and said nothing.",
        hint=hint,
        log=_log(doing, [_without(word, secrets) for word in words], output, errors, logged=logged),
        output=f"{output}\n{errors}",
    )


def describe_exit(code: int) -> str:
    """Return how a process ended, to follow its name."""
    if code >= _NT_STATUS:
        return f"ended with 0x{code:08X}"
    if code >= 0:
        return f"ended with {code}"
    try:
        name = signal.Signals(-code).name
    except ValueError:
        name = f"signal {-code}"
    return f"was ended by {name}"


def explain_streams(output: str, errors: str) -> str:
    """Return what a failed program's two streams say about the reason, the errors last."""
    for text in (errors, output):
        if find_report(text) is not None:
            return explain_output(text)
    if not output.strip() or not errors.strip():
        return last_lines(errors or output) or last_lines(output)
    return f"{last_lines(output, _LINES_OF_EACH)}\n{last_lines(errors, _LINES_OF_EACH)}"


def _log(
    doing: str, words: Sequence[str], output: str, errors: str, *, logged: bool
) -> Path | None:
    if not logged or not (output.strip() or errors.strip()):
        return None
    return write_log(doing, words, (("standard output", output), ("standard error", errors)))


def decode_output(output: object) -> str:
    """Return what a program had said at its time limit, which is in bytes on some systems."""
    if isinstance(output, bytes):
        return output.decode(errors="replace")
    return output if isinstance(output, str) else ""


def _without(text: str, secrets: Sequence[str]) -> str:
    for secret in secrets:
        if secret:
            text = text.replace(secret, "***")
    return text
