"""The tables of what is pruned: patterns, each with its reason.

Sources: python-build-standalone's docs/distributions.rst and docs/quirks.rst, CPython's
PC/layout, Django's wheel.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from build_support.target import PYTHON_SERIES, System


@dataclass(frozen=True, slots=True)
class Rule:
    """Paths to remove, relative to the pruned folder, with everything below them.

    In `pattern` `*` stands for any characters of one component and `**/` for any folders.
    Paths in `besides` stay. With `unless_linked` the files are removed only if no native file
    that remains is linked with one of them.
    """

    pattern: str
    reason: str
    besides: tuple[str, ...] = ()
    unless_linked: bool = False


#: Stay even when they are empty: without it CPython warns about `exec_prefix` at every start.
KEPT_FOLDERS = (f"lib/python{PYTHON_SERIES}/lib-dynload", "DLLs")

_TK = "the Tk toolkit: windows belong to the shell"
_TESTS = "tests of CPython itself"
_INSTALLERS = "nothing is installed inside a bundle"
_BUILDING = "only for building programs against CPython"
_DOUBLE = "the slow double of a compiled module that every build has"
_TERMINALS = "draws in terminals: an application has windows"
_DEBUGGING = "looks into other processes; bundles are started with that door closed"
_SIGNED = "a bundle is sealed: it neither makes environments nor carries unused programs"


def _standard_library(folder: str) -> tuple[Rule, ...]:
    return (
        Rule("**/__pycache__", "compiled again, with stable names"),
        Rule(f"{folder}/tkinter", _TK),
        Rule(f"{folder}/idlelib", _TK),
        Rule(f"{folder}/turtledemo", _TK),
        Rule(f"{folder}/turtle.py", _TK),
        Rule(f"{folder}/curses", _TERMINALS),
        Rule(f"{folder}/test", _TESTS),
        Rule(f"{folder}/*/test", _TESTS),
        Rule(f"{folder}/*/tests", _TESTS),
        Rule(f"{folder}/__phello__", _TESTS),
        Rule(f"{folder}/__hello__.py", _TESTS),
        Rule(f"{folder}/ensurepip", _INSTALLERS),
        Rule(f"{folder}/site-packages", _INSTALLERS),
        Rule(f"{folder}/venv", _SIGNED),
        Rule(f"{folder}/EXTERNALLY-MANAGED", "an installer's mark"),
        Rule(f"{folder}/pydoc_data", "600 kB of help on keywords; help() on objects works without"),
        Rule(f"{folder}/_pydatetime.py", _DOUBLE),
        Rule(f"{folder}/_pydecimal.py", _DOUBLE),
        Rule(f"{folder}/_pyio.py", _DOUBLE),
        Rule(f"{folder}/lib2to3", "gone from CPython 3.13; left over in some builds"),
        Rule(f"{folder}/config-*", _BUILDING),
    )


_POSIX = (
    *_standard_library(f"lib/python{PYTHON_SERIES}"),
    Rule(
        "bin/*",
        "scripts for developers, with the build machine's paths",
        besides=("bin/python", "bin/python3", f"bin/python{PYTHON_SERIES}"),
    ),
    Rule("include", _BUILDING),
    Rule("lib/pkgconfig", _BUILDING),
    Rule("**/*.a", _BUILDING),
    Rule("**/*.o", _BUILDING),
    Rule("lib/tcl*", _TK),
    Rule("lib/tk*", _TK),
    Rule("lib/itcl*", _TK),
    Rule("lib/thread*", _TK),
    Rule("lib/tdbc*", _TK),
    Rule("lib/libtcl*", _TK),
    Rule("lib/libtk*", _TK),
    Rule(f"lib/python{PYTHON_SERIES}/lib-dynload/_tkinter.*", _TK),
    Rule(f"lib/python{PYTHON_SERIES}/lib-dynload/_test*", _TESTS),
    Rule(f"lib/python{PYTHON_SERIES}/lib-dynload/_ctypes_test.*", _TESTS),
    Rule(f"lib/python{PYTHON_SERIES}/lib-dynload/_xxtestfuzz.*", _TESTS),
    Rule(f"lib/python{PYTHON_SERIES}/lib-dynload/xx*", _TESTS),
    Rule(f"lib/python{PYTHON_SERIES}/lib-dynload/_remote_debugging.*", _DEBUGGING),
    Rule(f"lib/python{PYTHON_SERIES}/lib-dynload/_curses*", _TERMINALS),
    Rule("share/man", "manual pages"),
    Rule("lib/libpython3*", "bin/python3 holds all of it", unless_linked=True),
)

_WINDOWS = (
    *_standard_library("Lib"),
    Rule("include", _BUILDING),
    Rule("libs", _BUILDING),
    Rule("**/*.lib", _BUILDING),
    Rule("**/*.pdb", "symbols for debuggers"),
    Rule("Scripts", _INSTALLERS),
    Rule("Tools", "scripts for developers"),
    Rule("Doc", "manuals"),
    Rule("NEWS.txt", "CPython's change log"),
    Rule("tcl", _TK),
    Rule("DLLs/_tkinter.pyd", _TK),
    Rule("DLLs/tcl*.dll", _TK),
    Rule("DLLs/tk*.dll", _TK),
    Rule("DLLs/zlib1.dll", "comes with Tk", unless_linked=True),
    Rule("DLLs/libtommath*.dll", "comes with Tk", unless_linked=True),
    Rule("DLLs/*.ico", "icons for files of Python source"),
    Rule("DLLs/_test*.pyd", _TESTS),
    Rule("DLLs/_ctypes_test.pyd", _TESTS),
    Rule("DLLs/xx*.pyd", _TESTS),
    Rule("DLLs/_remote_debugging.pyd", _DEBUGGING),
)

_INTERPRETERS: Mapping[System, tuple[Rule, ...]] = {
    "linux": (
        *_POSIX,
        Rule("share/terminfo", "for terminals; names equal on some systems"),
        Rule("lib/runtime/libpanelw.so*", _TERMINALS, unless_linked=True),
        Rule("lib/runtime/libncursesw.so*", _TERMINALS, unless_linked=True),
    ),
    "macos": _POSIX,
    "windows": _WINDOWS,
}

_SOURCES = "source of a compiled module"
_HEADERS = "for compiling other modules against it"
_STUBS = "for type checkers"

#: What is known of packages by their names. Of all others only what `prune_evidence` finds goes.
PACKAGE_RULES = (
    Rule("**/__pycache__", "compiled again, with stable names"),
    Rule("*.dist-info/sboms", "what a wheel was built from (PEP 770), for its developers"),
    Rule("django/**/*.po", "source of a translation, of which the .mo is read"),
    Rule("django/contrib/**/tests", "tests of Django itself"),
    Rule("numpy/**/*.pyi", _STUBS),
    Rule("numpy/**/*.pxd", _SOURCES),
    Rule("numpy/_core/include", _HEADERS),
    Rule("numpy/_core/lib", _HEADERS),
    Rule("numpy/random/lib", _HEADERS),
    Rule("scipy/**/*.pyi", _STUBS),
    Rule("lxml/includes/**/*.h", _HEADERS),
    Rule("lxml/**/*.pxd", _SOURCES),
    Rule("lxml/*.h", _HEADERS),
    Rule("lxml/*.pyx", _SOURCES),
    Rule("greenlet/**/*.h", _HEADERS),
    Rule("greenlet/**/*.hpp", _HEADERS),
    Rule("greenlet/**/*.c", _SOURCES),
    Rule("greenlet/**/*.cpp", _SOURCES),
    Rule("fontTools/**/*.c", _SOURCES),
    Rule("zope/interface/*.c", _SOURCES),
)

#: Folders of Django that hold one folder for each language.
LOCALE_FOLDERS = ("django/conf/locale", "django/contrib/*/locale")


def interpreter_rules(system: System) -> tuple[Rule, ...]:
    """Return the table for an interpreter of this system."""
    return _INTERPRETERS[system]


def matcher(rules: Sequence[Rule]) -> Callable[[str], bool]:
    """Return a function that tells whether any rule names a path (with `/`, relative)."""
    kept = frozenset(path for rule in rules for path in rule.besides)
    pattern = re.compile("|".join(_expression(rule.pattern) for rule in rules) or r"(?!)")
    return lambda path: path not in kept and pattern.fullmatch(path) is not None


def _expression(pattern: str) -> str:
    return "".join(
        _WILDCARDS.get(piece, re.escape(piece)) for piece in re.split(r"(\*\*/|\*)", pattern)
    )


_WILDCARDS: Mapping[str, str] = {"**/": "(?:.*/)?", "*": "[^/]*"}
