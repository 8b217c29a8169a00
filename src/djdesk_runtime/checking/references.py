"""What the project's sources name and Django does not find: templates, and static files.

Templates are compiled, not rendered, so that pages are covered that need an argument; Python
sources are read, not run.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any

from djdesk_runtime.checking.findings import WARNING, Finding, of_exception
from djdesk_runtime.reports.source_lines import in_bundle

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

TEMPLATE_SUFFIXES = (".html", ".htm", ".txt", ".xml", ".svg", ".jinja", ".jinja2", ".j2")
# Functions that are given the name of a template, and the place of it among their arguments.
NAMING = {
    "render": 1, "TemplateResponse": 1, "render_to_string": 0, "get_template": 0,
    "inclusion_tag": 0,
}  # fmt: skip
NOT_SERVED = frozenset({"tests", "test", "migrations", "node_modules"})
STATIC_MODULE = "django.templatetags.static"


def find_missing(root: Path) -> Iterator[Finding]:
    """Yield a warning for everything that is named in the bundle's ``app`` and not there."""
    yield from dict.fromkeys((*check_templates(root), *check_sources(root)))


def check_templates(root: Path) -> Iterator[Finding]:
    """Compile the project's own templates, and look for what they name."""
    from django.template import engines

    for backend in engines.all():
        for folder in map(str, getattr(backend, "template_dirs", ())):
            for path in own_files(root, folder):
                yield from check_template(backend, path, path.relative_to(folder).as_posix(), root)


def own_files(root: Path, folder: str) -> list[Path]:
    """Return the templates in *folder* if it is one of the project's."""
    from pathlib import Path

    if not in_bundle(folder, root).startswith("app/"):
        return []
    return sorted(x for x in Path(folder).rglob("*") if x.name.endswith(TEMPLATE_SUFFIXES))


def check_template(backend: Any, path: Path, name: str, root: Path) -> Iterator[Finding]:  # noqa: ANN401 - of any engine
    """Compile the template *name*, which is the file *path*, and look for what it names."""
    from django.template import TemplateDoesNotExist

    finding = Finding("template", name, WARNING)
    try:
        template = backend.get_template(name)
    except (TemplateDoesNotExist, UnicodeDecodeError):
        return  # another engine's, or not text
    except Exception as error:  # noqa: BLE001 - a template tag's own code
        yield of_exception(finding, error, root)
        return
    nodes = getattr(getattr(template, "template", None), "nodelist", None)
    origin = getattr(getattr(template, "origin", None), "name", "")
    if nodes is None or origin != str(path):
        return  # not Django's language, or hidden by another of that name
    for kind, named, line in names_in(nodes):
        if reason := missing(kind, named, backend):
            yield Finding(kind, named, WARNING, reason, in_bundle(str(path), root), line)


def names_in(nodes: Any) -> Iterator[tuple[str, str, int]]:  # noqa: ANN401 - a NodeList
    """Yield kind, name and line of what the tags of a template name literally."""
    from django.template.loader_tags import ExtendsNode, IncludeNode
    from django.templatetags.static import StaticNode

    for kind, node_type, attribute in (
        ("template", ExtendsNode, "parent_name"),
        ("template", IncludeNode, "template"),
        ("static", StaticNode, "path"),
    ):
        for node in nodes.get_nodes_by_type(node_type):
            named = getattr(node, attribute, None)
            literal = getattr(named, "var", None)
            if isinstance(literal, str) and literal and not getattr(named, "filters", ()):
                yield kind, str(literal), getattr(getattr(node, "token", None), "lineno", 0) or 0


def missing(kind: str, name: str, backend: Any = None) -> str:  # noqa: ANN401 - of any engine
    """Return why *name* is not found, empty if it is."""
    return missing_template(name, backend) if kind == "template" else missing_static(name)


def is_template_of_forms(name: str) -> bool:
    """Whether forms find a template: widgets are rendered by an engine of their own."""
    from django.forms.renderers import get_default_renderer

    try:
        get_default_renderer().get_template(name)
    except Exception:  # noqa: BLE001 - a renderer of the project's may raise anything
        return False
    return True


def missing_template(name: str, backend: Any) -> str:  # noqa: ANN401 - of any engine
    """Return that there is no such template, empty if there is."""
    from django.template import TemplateDoesNotExist
    from django.template.loader import get_template

    try:
        (backend.get_template if backend else get_template)(name)
    except TemplateDoesNotExist as error:
        # A template that is there may be missing one of its own, which is told of that one.
        if str(error) != name or is_template_of_forms(name):
            return ""
        return "there is no such template"
    except Exception:  # noqa: BLE001 - told where that template is compiled
        return ""
    return ""


def missing_static(name: str) -> str:
    """Return that there is no such static file, empty if there is."""
    from urllib.parse import unquote, urlsplit

    from django.apps import apps

    path = unquote(urlsplit(name).path)
    if not apps.is_installed("django.contrib.staticfiles") or not path or path.endswith("/"):
        return ""
    from django.contrib.staticfiles.storage import staticfiles_storage

    try:
        staticfiles_storage.url(name)
        found = staticfiles_storage.exists(path)
    except Exception as error:  # noqa: BLE001 - any storage; the page would fail as well
        return str(error) or type(error).__name__
    return "" if found else "there is no such static file"


def check_sources(root: Path) -> Iterator[Finding]:
    """Look for what the project's Python sources name."""
    for path in sorted((root / "app").rglob("*.py")):
        relative = path.relative_to(root)
        if NOT_SERVED.isdisjoint(relative.parts) and not path.name.startswith("test"):
            try:
                tree = ast.parse(path.read_bytes())
            except (OSError, ValueError, SyntaxError):
                continue
            for kind, named, line in names_in_source(tree):
                if reason := missing(kind, named):
                    yield Finding(kind, named, WARNING, reason, relative.as_posix(), line)


def names_in_source(tree: ast.Module) -> Iterator[tuple[str, str, int]]:
    """Yield kind, name and line of what a module names literally."""
    nodes = list(ast.walk(tree))
    imports = [node for node in nodes if isinstance(node, ast.ImportFrom)]
    imported = {
        alias.asname or alias.name for node in imports if node.module == STATIC_MODULE
        for alias in node.names
    }  # fmt: skip
    # Who catches it knows that it may be missing.
    optional = any(isinstance(x, ast.Name) and x.id == "TemplateDoesNotExist" for x in nodes)
    for node in nodes:
        if isinstance(node, ast.Call):
            name = name_of(node.func)
            if name in imported and node.args and is_string(node.args[0]):
                yield "static", string_in(node.args[0]), node.lineno
            if not optional:
                yield from (("template", text, node.lineno) for text in templates_of(node, name))
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            names = [name_of(target) for target in targets]
            if any(x == "template_name" or x.endswith("_template") for x in names):
                yield from (("template", text, node.lineno) for text in template_names(node.value))


def templates_of(node: ast.Call, name: str) -> Iterator[str]:
    """Yield the names of templates that a call is given."""
    place = NAMING.get(name)
    if place is not None and len(node.args) > place:
        yield from template_names(node.args[place])
    for keyword in node.keywords:
        if keyword.arg == "template_name":
            yield from template_names(keyword.value)


def template_names(node: ast.expr | None) -> Iterator[str]:
    """Yield the string of *node* if it is one that looks like a template's name."""
    if node is not None and is_string(node) and string_in(node).endswith(TEMPLATE_SUFFIXES):
        yield string_in(node)


def name_of(node: ast.expr) -> str:
    """Return the last part of a dotted name, empty if *node* is none."""
    return node.id if isinstance(node, ast.Name) else getattr(node, "attr", "")


def is_string(node: ast.expr) -> bool:
    """Tell whether *node* is a literal string."""
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


def string_in(node: ast.expr) -> str:
    """Return the value of a literal string."""
    return str(getattr(node, "value", ""))
