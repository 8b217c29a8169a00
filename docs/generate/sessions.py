"""The sessions of the noxfile, and their options."""

from __future__ import annotations

import ast
from collections.abc import Mapping

from build_support import ROOT
from build_support.command_line.parser import make_parser
from docs.generate.parsers import marked, options


def sessions() -> str:
    """Return a section for each session, in the order of the noxfile."""
    return "\n\n".join(map(_section, named_sessions()))


def named_sessions() -> Mapping[str, str]:
    """Return what each session does in one sentence, by its name."""
    module = ast.parse((ROOT / "noxfile.py").read_text(encoding="utf-8"))
    found = {}
    for node in module.body:
        if isinstance(node, ast.FunctionDef) and node.decorator_list:
            decorator = node.decorator_list[0]
            found[_name(node, decorator)] = ast.get_docstring(node) or ""
    return found


def _name(node: ast.FunctionDef, decorator: ast.expr) -> str:
    for keyword in decorator.keywords if isinstance(decorator, ast.Call) else ():
        if keyword.arg == "name" and isinstance(keyword.value, ast.Constant):
            return str(keyword.value.value)
    return node.name


def _section(name: str) -> str:
    parser = make_parser(name)
    parts = [f"## `{name}`", marked(parser.description), options(parser), parser.epilog]
    return "\n\n".join(part for part in parts if part)
