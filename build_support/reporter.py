"""The one object that owns the terminal. Library code only calls it, and never prints.

On a terminal it draws bars and colours with rich; elsewhere (a pipe, a CI log) it writes
plain lines, one for each thing that starts or ends. FORCE_COLOR colours these lines, and does
not make a terminal of a log.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TextIO

from rich.console import Console
from rich.progress import (
    BarColumn,
    DownloadColumn,
    Progress,
    TimeRemainingColumn,
    TransferSpeedColumn,
)
from rich.table import Table
from rich.text import Text

from build_support.errors import BuildError

_PLAIN_WIDTH = 120
_PLAIN_PROGRESS_INTERVAL = 5.0

Advance = Callable[[int], None]


class Reporter:
    """Steps, progress, warnings and tables on one stream (standard error by default).

    Results that another program may want to read are not this object's business: a
    session that prints JSON writes it to standard output.
    """

    def __init__(self, stream: TextIO | None = None, *, quiet: bool = False) -> None:
        file = stream if stream is not None else sys.stderr
        terminal = file.isatty()
        coloured = terminal or _wants_colour(os.environ)
        self._console = Console(
            file=file,
            force_terminal=terminal,
            color_system="auto" if terminal else "standard" if coloured else None,
            quiet=quiet,
            highlight=False,
            markup=False,
            emoji=False,
            soft_wrap=True,
            width=None if terminal else _PLAIN_WIDTH,
        )

    def line(self, text: str = "") -> None:
        """Write one line, as it is."""
        self._console.print(text)

    def note(self, text: str) -> None:
        """Write a detail that matters less than the steps."""
        self._console.print(_indented("  ", text), style="dim")

    def warning(self, text: str) -> None:
        """Write a warning; its later lines are indented below the first."""
        self._marked("warning  ", "bold yellow", _indented("         ", text).lstrip())

    def error(self, error: BuildError) -> None:
        """Write a failure: what happened, why, and what to do next."""
        self._marked("error  ", "bold red", str(error))

    def success(self, text: str) -> None:
        """Write the good end of a session."""
        self._console.print(text, style="bold green")

    @contextmanager
    def step(self, title: str) -> Iterator[None]:
        """Announce a step, and say how long it took when it has ended well."""
        started = time.monotonic()
        try:
            if self._console.is_terminal:
                with self._console.status(Text(title)):
                    yield
            else:
                yield
        except BaseException:
            self._marked("✗ ", "red", title)
            raise
        seconds = time.monotonic() - started
        self._marked("✓ ", "green", title, f" {seconds:.1f} s")

    @contextmanager
    def download(self, title: str, total: int | None, done: int = 0) -> Iterator[Advance]:
        """Show a download of `total` bytes of which `done` were there before.

        Yields a function to call with the number of bytes that have newly come.
        """
        if self._console.is_terminal:
            yield from self._drawn_download(title, total, done)
        else:
            yield from self._plain_download(title, total, done)

    def result(self, title: str, problem: str = "", detail: str = "", warning: str = "") -> None:
        """Write the result of one check; `problem` is empty when it is right.

        A `warning` is shown below it, or in its place where there is no detail.
        """
        if problem:
            self._marked("✗ ", "red", _indented("  ", f"{title}: {problem}").lstrip())
        elif detail or not warning:
            self._marked("✓ ", "green", title, f" {detail}" if detail else "")
        if warning:
            self._marked("! ", "bold yellow", _indented("  ", f"{title}: {warning}").lstrip())

    def table(self, columns: Sequence[str], rows: Sequence[Sequence[str]], title: str = "") -> None:
        """Write a table. Columns that are named by a unit or a count are right-aligned."""
        table = Table(title=title or None, title_justify="left", box=None, pad_edge=False)
        for column in columns:
            numeric = column in _NUMERIC_COLUMNS or column.endswith(" ms")
            table.add_column(column, justify="right" if numeric else "left")
        for row in rows:
            table.add_row(*row)
        self._console.print(table, soft_wrap=False)

    def _marked(self, mark: str, style: str, text: str, detail: str = "") -> None:
        self._console.print(Text.assemble((mark, style), text, (detail, "dim")))

    def _drawn_download(self, title: str, total: int | None, done: int) -> Iterator[Advance]:
        self.note(title)  # not before the bar: names of archives are as long as a line
        progress = Progress(
            BarColumn(),
            DownloadColumn(),
            TransferSpeedColumn(),
            TimeRemainingColumn(),
            console=self._console,
            transient=True,
        )
        with progress:
            task = progress.add_task("", total=total, completed=done)
            yield lambda count: progress.advance(task, count)

    def _plain_download(self, title: str, total: int | None, done: int) -> Iterator[Advance]:
        started = last = time.monotonic()
        come = 0
        size = f" of {megabytes(total)}" if total else ""
        self._console.print(f"  {title}: {megabytes(done)}{size}")

        def advance(count: int) -> None:
            nonlocal come, last
            come += count
            now = time.monotonic()
            if now - last >= _PLAIN_PROGRESS_INTERVAL:
                last = now
                speed = come / (now - started)
                left = f", {(total - done - come) / speed:.0f} s left" if total and speed else ""
                self._console.print(
                    f"  {title}: {megabytes(done + come)}{size}, {megabytes(speed)}/s{left}"
                )

        yield advance


def _wants_colour(environment: Mapping[str, str]) -> bool:
    """Whether colours are asked for where there is no terminal; see https://force-color.org."""
    return bool(environment.get("FORCE_COLOR")) and not environment.get("NO_COLOR")


_NUMERIC_COLUMNS = frozenset(
    {"files", "MB", "ms", "s", "size", "ratio", "median", "min", "its median", "limit"}
)


def _indented(margin: str, text: str) -> str:
    return margin + text.replace("\n", f"\n{margin}")


def megabytes(count: float) -> str:
    """Bytes as people read them: `12.3 MB` (a megabyte is 10**6 bytes)."""
    return f"{count / 1_000_000:.1f} MB"
