"""What a failed program's output says: for Python, the exception, its place and its causes.

The format is that of the standard library's `traceback`, chained exceptions, exception groups
and syntax errors among them; colours and progress lines are taken out first.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

_SHOWN_LINES = 25
_SHOWN_WIDTH = 400
_SHOWN_FRAMES = 6
_SHOWN_CAUSES = 3
_MESSAGE_LINES = 15
_TAIL_LINES = 10
#: Of a traceback that is nobody's own code.
_FOREIGN_FRAMES = 2

# ECMA-48 control sequences, and the operating system commands that set titles and links.
_CONTROL = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[@-Z\\^_])")
_HEADER = re.compile(
    r"^(?P<margin>\s*)(?:\S.*?)?(?:Exception Group )?Traceback \(most recent call last\):$"
)
_FRAME = re.compile(r'^  File "(?P<file>.+)", line (?P<line>\d+)(?:, in (?P<function>.+))?$')
_LINKS = (
    "During handling of the above exception, another exception occurred:",
    "The above exception was the direct cause of the following exception:",
)
#: What is no further line of an exception's message: another exception, or a log's line.
_NEW_STATEMENT = re.compile(
    r"[A-Za-z_][\w.]*(?:Error|Exception|Exit|Interrupt)\b|(?:DEBUG|INFO|WARNING|ERROR|CRITICAL)\b"
    r"|\[?\d{2,4}[-/.:]\d\d[-/.:]"
)
_GROUP_MARGIN = re.compile(r"^ +[|+](?: |(?=-)|$)")
_GROUP_RULE = re.compile(r"^(?:-\+)?-{8,}(?: (?:\d+|\.\.\.) -{8,})?$|^-{8,}$")

#: Turns a file's name in a traceback into the one to show; None for a file of somebody else's.
Own = Callable[[str], str | None]


@dataclass(frozen=True, slots=True)
class Frame:
    """A place in a source file, with the lines that the traceback shows of it."""

    file: str
    line: int
    code: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Failure:
    """One exception. `exception` is empty where the output ends before it is named.

    `linked` tells that it belongs to the one before: that was its cause, or its group.
    """

    exception: str
    frames: tuple[Frame, ...]
    linked: bool = False


@dataclass(frozen=True, slots=True)
class Report:
    """The last exception of an output with its causes before it, and what was said afterwards."""

    chain: tuple[Failure, ...]
    tail: str

    @property
    def exception(self) -> str:
        """The last exception, as Python names it."""
        return self.chain[-1].exception


def clean_output(text: str) -> str:
    """Return an output as a terminal would show it in the end, without colours."""
    lines = _CONTROL.sub("", text).replace("\r\n", "\n").replace("\0", "").split("\n")
    # Of a line that was written over and over, the last state.
    return "\n".join(line.rstrip("\r").rpartition("\r")[2] for line in lines)


def last_lines(text: str, count: int = _SHOWN_LINES) -> str:
    """Return the last lines of a program's output, without empty ones around them."""
    return "\n".join(map(_shortened, clean_output(text).strip().splitlines()[-count:]))


def find_report(text: str) -> Report | None:
    """Return the last exception that an output shows, None if there is none."""
    lines = [_without_margin(line) for line in clean_output(text).splitlines()]
    chain: list[Failure] = []
    end = 0
    for start in [index for index, line in enumerate(lines) if _begins(line)]:
        if start < end:
            continue
        linked = bool(chain) and _is_linked(lines[end:start])
        if not linked:
            chain = []
        failure, end = _read_failure(lines, start, linked=linked)
        chain.append(failure)
    if not chain:
        return None
    tail = (line for line in lines[end:] if line.strip() and line != _RULE)
    return Report(tuple(chain), "\n".join(tail))


def explain_output(text: str, own: Own = lambda _: None) -> str:
    """Return what an output says about a failure, on a few lines.

    For an exception: what the program said last, the exception with its place, and its causes.
    `own` decides which frames are shown; without one of those, the last ones are. For any other
    output: its last lines.
    """
    report = find_report(text)
    if report is None:
        return last_lines(text)
    parts = []
    if report.tail and not (report.exception and report.exception.splitlines()[0] in report.tail):
        parts.append(last_lines(report.tail, _TAIL_LINES))
    different = _without_repetitions(report.chain, own)
    for index, failure in enumerate(reversed(different[-_SHOWN_CAUSES:])):
        parts.append(("Caused by: " if index else "") + _render(failure, own))
    return "\n".join(parts)


def _without_repetitions(chain: Sequence[Failure], own: Own) -> list[Failure]:
    """Return a chain with each exception once, from where one's own code is in its traceback.

    Code that raises what it caught once more makes a chain of the same words.
    """
    last: dict[str, Failure] = {}
    for failure in reversed(chain):
        known = last.setdefault(failure.exception, failure)
        if not _own_frames(known, own) and _own_frames(failure, own):
            last[failure.exception] = failure
    return list(reversed(last.values()))


def _own_frames(failure: Failure, own: Own) -> list[Frame]:
    return [frame for frame in failure.frames if own(frame.file) is not None]


def place_of(failure: Failure, own: Own) -> Frame | None:
    """Return the innermost frame of one's own code, else the innermost of all."""
    frames = _own_frames(failure, own) or _readable(failure.frames)
    return frames[-1] if frames else None


def _render(failure: Failure, own: Own) -> str:
    mine = _own_frames(failure, own)
    shown = mine[-_SHOWN_FRAMES:] or _readable(failure.frames)[-_FOREIGN_FRAMES:]
    exception = failure.exception or "(the output ends before the exception)"
    lines = [_shortened(line) for line in exception.splitlines()]
    if frame := place_of(failure, own):
        lines[0] += f" ({own(frame.file) or frame.file}, line {frame.line})"
    for frame in shown:
        lines.append(f"  {own(frame.file) or frame.file}, line {frame.line}")
        lines += [f"    {_shortened(line)}" for line in frame.code]
    return "\n".join(lines)


def _readable(frames: Sequence[Frame]) -> Sequence[Frame]:
    """Return the frames that have a file: those inside the interpreter tell nobody anything."""
    return [frame for frame in frames if not frame.file.startswith("<frozen ")] or frames


def _read_failure(lines: Sequence[str], start: int, *, linked: bool) -> tuple[Failure, int]:
    """Read what follows a header; return it and the index of the first line after it."""
    header = _HEADER.match(lines[start])
    margin = header["margin"] if header else ""
    first = start + 1 if header else start
    body = [line.removeprefix(margin) for line in lines[first:]]
    length = next((i for i, line in enumerate(body) if not line.startswith("  ")), len(body))
    message = list(_read_message(body[length:]))
    frames = tuple(_read_frames(body[:length]))
    told = "\n".join(message[:_MESSAGE_LINES])
    return Failure(told, frames, linked), first + length + len(message)


def _begins(line: str) -> bool:
    """Whether an exception begins here; the syntax error of a script has no header."""
    frame = _FRAME.match(line)
    return bool(_HEADER.match(line)) or (frame is not None and frame["function"] is None)


def _read_frames(lines: Sequence[str]) -> Iterator[Frame]:
    places = [index for index, line in enumerate(lines) if _FRAME.match(line)]
    for place, following in zip(places, [*places[1:], len(lines)], strict=False):
        if found := _FRAME.match(lines[place]):
            code = [line[4:] for line in lines[place + 1 : following] if line.startswith("    ")]
            shown = code if found["function"] is None else code[:1]
            yield Frame(found["file"], int(found["line"]), tuple(shown))


def _read_message(lines: Sequence[str]) -> Iterator[str]:
    for index, line in enumerate(lines):
        over = not line.strip() or line == _RULE or _begins(line)
        if over or (index and _NEW_STATEMENT.match(line)):
            return
        yield line


def _is_linked(between: Sequence[str]) -> bool:
    said = [line.strip() for line in between if line.strip()]
    return all(line in _LINKS or line == _RULE for line in said) and bool(said)


#: What stands for the line between a group and its exceptions.
_RULE = "\N{BOX DRAWINGS LIGHT HORIZONTAL}"


def _without_margin(line: str) -> str:
    """Take an exception group's margin off a line."""
    bare = line
    while _GROUP_MARGIN.match(bare):
        bare = _GROUP_MARGIN.sub("", bare, count=1)
    return _RULE if bare != line and _GROUP_RULE.match(bare) else bare


def _shortened(line: str) -> str:
    return line if len(line) <= _SHOWN_WIDTH else f"{line[:_SHOWN_WIDTH]}…"
