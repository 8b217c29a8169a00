"""Whether the packages of a bundle can be imported, and whose fault it is if not.

Distributions carry modules that nobody imports in an application: their tests, adapters to
packages that are not locked, parts for another system. Such a failure is shown. What the bundle
itself is to blame for fails: a module that is not there although its distribution is, one of
the standard library that was left out, native code that does not load.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

#: Run by the bundle's own Python; `PACKAGES` is replaced by the folder's path. Its result is the
#: line that begins with its names.
IMPORT_SCRIPT = """
import contextlib, importlib, importlib.machinery, importlib.metadata, io, json, sys
names, failed = set(), []
for distribution in importlib.metadata.distributions(path=[PACKAGES]):
    for file in distribution.files or ():
        first = file.parts[0] if len(file.parts) > 1 else file.name.partition(".")[0]
        suffixes = tuple(importlib.machinery.all_suffixes())
        if first.isidentifier() and file.name.endswith(suffixes):
            names.add(first)
for name in sorted(names):
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            importlib.import_module(name)
    except (Exception, SystemExit) as error:
        path = getattr(error, "path", None) or ""
        failed.append({
            "module": name,
            "error": type(error).__name__,
            "text": str(error),
            "missing": error.name or "" if isinstance(error, ModuleNotFoundError) else "",
            "native": path.endswith(tuple(importlib.machinery.EXTENSION_SUFFIXES))
                or isinstance(error, OSError),
        })
print()
print(json.dumps({"names": sorted(names), "failed": failed}))
"""
#: Modules of the standard library that bundles leave out.
_LEFT_OUT = frozenset({"curses", "ensurepip", "idlelib", "lib2to3", "test", "tkinter", "turtle"})
#: Top-level modules that distributions install for their developers.
_DEVELOPERS_MODULES = frozenset(
    {"benchmark", "benchmarks", "conftest", "doc", "docs", "example", "examples", "scripts"}
    | {"setup", "test", "testing", "tests", "tools"}
)


@dataclass(frozen=True, slots=True)
class Imports:
    """Names that were imported, failures that are the bundle's (`problems`), and others."""

    names: Sequence[str]
    problems: Sequence[str]
    notes: Sequence[str]


def judge_imports(output: str) -> Imports:
    """Read what the script printed. Raises ValueError or KeyError when it is something else."""
    # What the project prints when it ends comes after it.
    lines = [line for line in output.splitlines() if line.startswith('{"names":')]
    found = json.loads(lines[-1] if lines else output)
    names: list[str] = found["names"]
    failed = {failure["module"]: failure for failure in found["failed"]}
    problems: list[str] = []
    notes: list[str] = []
    for failure in failed.values():
        fault = _is_bundle_fault(failure, frozenset(names))
        (problems if fault else notes).append(_line(failure))
    return Imports([name for name in names if name not in failed], problems, notes)


def _is_bundle_fault(failure: Mapping[str, object], shipped: frozenset[str]) -> bool:
    missing = str(failure["missing"]).partition(".")[0]
    if failure["module"] in _DEVELOPERS_MODULES:
        return False
    return missing in _LEFT_OUT or missing in shipped if missing else bool(failure["native"])


def _line(failure: Mapping[str, object]) -> str:
    return f"{failure['module']}: {failure['error']}: {failure['text']}"
