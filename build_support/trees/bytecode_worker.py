"""Run by the CPython that bytecode is for: compiles the files named on standard input.

Started as `python -I -S -B bytecode_worker.py`, and must at least start on any Python 3, to
say that it is the wrong one. Reads one JSON object: `series` (such as [3, 14]) and `files`, a
list of [source path, name]; the name becomes `co_filename`. Writes one JSON object: `wrong`,
or `failures`, a list of [name, line, message]. The pyc format is that of PEP 552.
"""

from __future__ import annotations

import gc
import importlib.util
import json
import marshal
import os
import sys
import warnings
from pathlib import Path
from types import CodeType

_UNCHECKED_HASH = (1).to_bytes(4, "little")


def bytecode(source: bytes, name: str) -> bytes:
    """Return the content of an unchecked-hash pyc: the same whenever the arguments are."""
    code = own_constants(compile(source, name, "exec", dont_inherit=True, optimize=0))
    # marshal marks what has more than one reference, wherever that comes from (CPython issue
    # 78274). A code object that was just loaded is referred to by nothing but itself.
    alone = marshal.loads(marshal.dumps(code))  # noqa: S302 - made in the line above
    return b"".join(
        (
            importlib.util.MAGIC_NUMBER,
            _UNCHECKED_HASH,
            importlib.util.source_hash(source),
            marshal.dumps(alone),
        )
    )


def own_constants(code: CodeType) -> CodeType:
    """Return the code with those constants made anew that depend on what was compiled before.

    CPython (intern_constants in Objects/codeobject.c) lets two of them share memory, which
    marshal shows, only while no equal string is interned in the process: a class's
    `__qualname__` with the code's own, and equal frozensets of different functions.
    """
    changed = False
    constants: list[object] = []
    for constant in code.co_consts:
        new: object = constant
        if isinstance(constant, CodeType):
            new = own_constants(constant)
        elif isinstance(constant, str) and constant == code.co_qualname:
            new = code.co_qualname
            changed = True
        elif isinstance(constant, frozenset):
            new = frozenset(tuple(constant))
        changed = changed or new is not constant
        constants.append(new)
    return code.replace(co_consts=tuple(constants)) if changed else code


def compile_file(path: Path, name: str) -> None:
    """Write the pyc of one source file into its `__pycache__`."""
    content = bytecode(path.read_bytes(), name)
    compiled = path.parent / "__pycache__" / f"{path.stem}.{sys.implementation.cache_tag}.pyc"
    try:
        compiled.write_bytes(content)
    except FileNotFoundError:
        compiled.parent.mkdir(exist_ok=True)
        compiled.write_bytes(content)


def wrong_interpreter(series: list[int]) -> str:
    """Return what this interpreter is if it is not CPython of that series, or nothing."""
    wanted = "cpython-" + "".join(str(number) for number in series)
    if list(sys.version_info[:2]) == series and sys.implementation.cache_tag == wanted:
        return ""
    return f"{sys.implementation.name} {sys.version.split()[0]} ({sys.implementation.cache_tag})"


def main() -> None:
    """Do what the module's description says."""
    order = json.load(sys.stdin)
    answer: dict[str, object] = {"wrong": wrong_interpreter(order["series"])}
    if not answer["wrong"]:
        warnings.simplefilter("ignore")
        failures: list[tuple[str, int, str]] = []
        for path, name in order["files"]:
            try:
                compile_file(Path(path), name)
            except SyntaxError as error:
                failures.append((name, error.lineno or 0, error.msg))
            except (ValueError, RecursionError, MemoryError) as error:
                failures.append((name, 0, str(error) or type(error).__name__))
        answer["failures"] = failures
    sys.stdout.write(json.dumps(answer))
    sys.stdout.flush()


if __name__ == "__main__":
    os.umask(0o022)
    gc.disable()  # there is next to nothing to collect, and looking for it costs a seventh
    main()
