"""Run another program, and turn its failure into an error that a person can read."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from build_support.errors import ToolError

_SHOWN_LINES = 25


def run(
    command: Sequence[str | Path],
    *,
    doing: str,
    hint: str = "",
    environment: Mapping[str, str] | None = None,
    folder: Path | None = None,
    timeout: float | None = None,
    script: str = "",
) -> str:
    """Run a program to its end and return its standard output.

    `doing` completes the sentence "… failed"; `timeout` is in seconds; `script` is what it
    reads from its standard input. Raises ToolError with the end of what the program said when
    it is missing, fails or takes too long.
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
    except subprocess.TimeoutExpired:
        raise ToolError(
            f"{doing} failed.", why=f"{words[0]} gave no result in {timeout:.0f} s.", hint=hint
        ) from None
    if finished.returncode != 0:
        raise ToolError(
            f"{doing} failed.",
            why=f"{Path(words[0]).name} ended with {finished.returncode} and said:\n"
            + last_lines(finished.stderr or finished.stdout),
            hint=hint,
        )
    return finished.stdout


def last_lines(text: str, count: int = _SHOWN_LINES) -> str:
    """Return the last lines of a program's output, without empty ones around them."""
    return "\n".join(text.strip().splitlines()[-count:])
