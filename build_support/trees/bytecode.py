"""Compile the Python sources of finished trees, with the CPython that is going to run them.

Unchecked-hash pycs (PEP 552): CPython uses them without looking at the sources' times, which
every installer and file system changes, and so never wants to write new ones.
"""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from build_support.errors import ProjectError, ToolError
from build_support.processes import describe_exit
from build_support.target import PYTHON_SERIES
from build_support.tracebacks import explain_output
from build_support.trees import bytecode_worker
from build_support.trees.moving import delete_folder

_WORKER = Path(bytecode_worker.__file__).resolve()
_LONGEST_RUN = 600.0
# A worker takes about as long to start as to compile this many bytes.
_WORTH_A_WORKER = 200_000


@dataclass(frozen=True, slots=True)
class Failure:
    """A file that has no bytecode because it is no Python 3.14. `line` is 0 if there is none."""

    name: str
    line: int
    message: str

    def __str__(self) -> str:
        place = f"{self.name}:{self.line}" if self.line else self.name
        return f"{place}: {self.message}"


@dataclass(frozen=True, slots=True)
class Compiler:
    """The CPython 3.14 of this machine that compiles trees, also those of other targets.

    `executable` gives its path, and may take its time. `key` identifies it: two patch
    releases may compile the same source to different bytes.
    """

    key: str
    executable: Callable[[], Path]


@dataclass(frozen=True, slots=True)
class _Source:
    path: Path
    name: str
    size: int


def compile_trees(
    interpreter: Path,
    trees: Sequence[tuple[Path, PurePosixPath]],
    *,
    strict: bool,
    workers: int | None = None,
) -> tuple[Failure, ...]:
    """Compile every `.py` file below each tree into `__pycache__/*.cpython-314.pyc`.

    Each tree comes with its place in the bundle, by which tracebacks name its files: the
    bytes depend on sources and places alone, on no path, order, time or setting of this
    machine. Every `__pycache__` that was there is deleted first. `workers` are as many
    processes at once, one for each processor by default.

    Files that are no valid Python are returned, or with `strict` end in ProjectError, which
    names file and line. Raises ToolError when the interpreter is missing, fails, or is not
    CPython 3.14; then nothing was compiled.
    """
    sources = [source for tree, place in trees for source in _sources(tree, place)]
    count = workers or min(os.cpu_count() or 1, 1 + _total(sources) // _WORTH_A_WORKER)
    with ThreadPoolExecutor(count) as pool:
        answers = pool.map(lambda share: _run(interpreter, share), _shares(sources, count))
        failures = tuple(sorted((failure for answer in answers for failure in answer), key=str))
    if strict and failures:
        raise ProjectError(
            f"{failures[0].name} is not valid Python {PYTHON_SERIES}.",
            why="\n".join(str(failure) for failure in failures[:10]),
            hint="Correct the file, or leave it out of the bundle.",
        )
    return failures


def _sources(tree: Path, place: PurePosixPath) -> Iterator[_Source]:
    """Find the sources of a tree, and delete its old bytecode on the way."""
    for folder, folders, files in os.walk(tree):
        if "__pycache__" in folders:
            folders.remove("__pycache__")
            delete_folder(Path(folder, "__pycache__"))
        below = place / Path(folder).relative_to(tree).as_posix()
        for file in files:
            path = Path(folder, file)
            if file.endswith(".py") and path.is_file():
                yield _Source(path, str(below / file), path.stat().st_size)


def _total(sources: Sequence[_Source]) -> int:
    return sum(source.size for source in sources)


def _shares(sources: Sequence[_Source], count: int) -> list[list[_Source]]:
    """Divide the work evenly: the largest file first, each to who has least."""
    shares: list[list[_Source]] = [[] for _ in range(count)]
    loads = [0] * count
    for source in sorted(sources, key=lambda source: (-source.size, source.name)):
        least = loads.index(min(loads))
        shares[least].append(source)
        loads[least] += source.size + 1
    return shares


def _run(interpreter: Path, share: Sequence[_Source]) -> list[Failure]:
    """Let one worker compile its share."""
    order = {
        "series": [int(number) for number in PYTHON_SERIES.split(".")],
        "files": [[str(source.path), source.name] for source in share],
    }
    command = [str(interpreter), "-I", "-S", "-B", "-X", "utf8", str(_WORKER)]
    try:
        finished = subprocess.run(
            command,
            input=json.dumps(order),
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            timeout=_LONGEST_RUN,
            check=True,
        )
        answer: dict[str, Any] = json.loads(finished.stdout)
    except subprocess.CalledProcessError as error:
        raise _failed(
            f"{interpreter} {describe_exit(error.returncode)}.\n{explain_output(error.stderr)}"
        ) from None
    except subprocess.TimeoutExpired:
        raise _failed(f"{interpreter} gave no result in {_LONGEST_RUN:.0f} s.") from None
    except (OSError, ValueError) as error:
        raise _failed(f"{interpreter}: {error}") from None
    if answer["wrong"]:
        raise ToolError(
            f"Only CPython {PYTHON_SERIES} can compile for a bundle.",
            why=f"{interpreter} is {answer['wrong']}.",
            hint=f"Use an interpreter of CPython {PYTHON_SERIES}.",
        )
    return [Failure(*failure) for failure in answer["failures"]]


def _failed(why: str) -> ToolError:
    return ToolError(
        "The Python sources could not be compiled.",
        why=why,
        hint="If a file could not be written, mend that; else the interpreter does not run here: "
        "make its tree again with: nox -s clean -- --cache",
    )
