"""The sessions of the noxfile, and their options."""

from __future__ import annotations

import ast
from collections.abc import Mapping

from build_support import ROOT
from build_support.options import make_parser
from docs.generate.parsers import options


def sessions() -> str:
    """Return a section for each session, in the order of the noxfile."""
    return "\n\n".join(_section(name, summary) for name, summary in named_sessions().items())


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


def _section(name: str, summary: str) -> str:
    parser = make_parser(name)
    description = parser.description or ""
    parts = [f"## `{name}`", summary, "" if description == summary else description]
    parts += [options(parser), parser.epilog or ""]
    return "\n\n".join(part for part in parts if part)
