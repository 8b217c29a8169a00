"""Strings in the source of Python modules, found without running them."""

from __future__ import annotations

import ast
from pathlib import Path

from build_support.errors import ProjectError
from build_support.projects.texts import read_text

_MOST_STEPS = 20


def find_module(folder: Path, dotted: str) -> Path | None:
    """Return the file of a module, by its name below a folder."""
    path = folder.joinpath(*dotted.split("."))
    for file in (path / "__init__.py", path.with_name(f"{path.name}.py")):
        if file.is_file():
            return file
    return None


def read_attribute(file: Path, name: str) -> str | None:
    """Return the string that a module's top level gives a name; None if that takes running it.

    A tuple of numbers counts as its version, and names imported from modules beside are
    followed. The name `setup(version)` is that argument of a call of `setup`.
    """
    return _Module.load(file).value(name, _MOST_STEPS) if file.is_file() else None


class _Module:
    def __init__(self, file: Path, tree: ast.Module) -> None:
        self._file = file
        self._tree = tree

    @classmethod
    def load(cls, file: Path) -> _Module:
        try:
            return cls(file, ast.parse(read_text(file)))
        except (SyntaxError, ValueError, ProjectError):
            return cls(file, ast.Module([], []))

    def value(self, name: str, steps: int) -> str | None:
        """Return the string that a name stands for."""
        if steps == 0:
            return None
        if name == "setup(version)":
            return self._argument_of_setup(steps)
        found: str | None = None
        for node in self._tree.body:
            if isinstance(node, ast.ImportFrom):
                for alias in node.names:
                    if (alias.asname or alias.name) == name:
                        found = self._imported(node, alias.name, steps) or found
            elif (value := _assigned(node, name)) is not None:
                found = self._text(value, steps)
        return found

    def _text(self, node: ast.expr, steps: int) -> str | None:
        """Return the string of an expression, if it is one that can be read."""
        if isinstance(node, ast.Constant):
            return str(node.value) if isinstance(node.value, str | int | float) else None
        if isinstance(node, ast.Name):
            return self.value(node.id, steps - 1)
        if isinstance(node, ast.Tuple | ast.List):
            return self._joined(node.elts, ".", steps)
        if isinstance(node, ast.JoinedStr):
            return self._joined(node.values, "", steps)
        inner = _wrapped(node)
        return self._text(inner, steps) if inner is not None else None

    def _joined(self, nodes: list[ast.expr], separator: str, steps: int) -> str | None:
        texts = [self._text(node, steps) for node in nodes]
        return (
            separator.join(text for text in texts if text is not None)
            if None not in texts
            else None
        )

    def _imported(self, node: ast.ImportFrom, name: str, steps: int) -> str | None:
        folder = self._file.parent
        for _ in range(node.level - 1):
            folder = folder.parent
        dotted = node.module or ""
        if node.level == 0:  # the package that the module is in, or one beside it
            while (folder / "__init__.py").is_file():
                folder = folder.parent
        file = find_module(folder, dotted) if dotted else folder / "__init__.py"
        return _Module.load(file).value(name, steps - 1) if file and file.is_file() else None

    def _argument_of_setup(self, steps: int) -> str | None:
        for node in ast.walk(self._tree):
            if isinstance(node, ast.Call) and _name_of(node.func) == "setup":
                for keyword in node.keywords:
                    if keyword.arg == "version":
                        return self._text(keyword.value, steps)
        return None


def _assigned(node: ast.stmt, name: str) -> ast.expr | None:
    """Return the value that a statement gives to a name."""
    targets: list[ast.expr] = []
    if isinstance(node, ast.Assign):
        targets = node.targets
    elif isinstance(node, ast.AnnAssign):
        targets = [node.target]
    if not isinstance(node, ast.Assign | ast.AnnAssign):
        return None
    named = any(isinstance(target, ast.Name) and target.id == name for target in targets)
    return node.value if named else None


def _wrapped(node: ast.expr) -> ast.expr | None:
    """Return the expression that another one only gives another form."""
    if isinstance(node, ast.FormattedValue):
        return node.value
    if isinstance(node, ast.GeneratorExp) and len(node.generators) == 1:
        return node.generators[0].iter
    if not isinstance(node, ast.Call) or not node.args:
        return None
    function = node.func
    if isinstance(function, ast.Attribute) and function.attr == "join":
        separator = function.value
        dotted = isinstance(separator, ast.Constant) and separator.value == "."
        return node.args[0] if dotted else None
    return node.args[-1] if _name_of(function) in {"map", "str", "tuple", "Version"} else None


def _name_of(function: ast.expr) -> str:
    if isinstance(function, ast.Attribute):
        return function.attr
    return function.id if isinstance(function, ast.Name) else ""
