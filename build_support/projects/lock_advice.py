"""The command that writes a project's lock, for what the project keeps its dependencies in.

No advice names a file as output that holds something else than a lock of this form: a lock of
another tool, a list that people write, pyproject.toml itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from build_support.errors import ProjectError
from build_support.projects.texts import read_text, read_toml

_COMPILE = "uv pip compile {source} --universal --python-version 3.14 --generate-hashes -o {output}"
_OUTPUTS = ("requirements.lock", "desktop.lock", "djdesk.lock")
#: What dependencies are written in by hand, the likelier file first.
_SOURCES = (
    "requirements.in",
    "requirements/production.in",
    "requirements/base.in",
    "requirements.txt",
    "requirements/production.txt",
    "requirements/prod.txt",
    "requirements/base.txt",
    "setup.cfg",
    "setup.py",
)


@dataclass(frozen=True, slots=True)
class LockTool:
    """A tool with a lock of its own, and the commands that write it in this form and renew it."""

    title: str
    command: str
    renew: str


#: By the name of the tool's own lock.
LOCK_TOOLS: Mapping[str, LockTool] = {
    "uv.lock": LockTool(
        "uv",
        "uv export --frozen --no-default-groups --no-emit-project --format requirements.txt "
        "-o {output}",
        "uv lock",
    ),
    "poetry.lock": LockTool(
        "Poetry (with its plugin poetry-plugin-export)",
        "poetry export --format requirements.txt --output {output}",
        "poetry lock",
    ),
    "pdm.lock": LockTool(
        "PDM", "pdm export --prod --format requirements --output {output}", "pdm lock"
    ),
    "Pipfile.lock": LockTool("Pipenv", "pipenv requirements --hash > {output}", "pipenv lock"),
}


def lock_advice(root: Path, requirements: PurePosixPath, *, outdated: bool = False) -> str:
    """Return what to do for a lock in the place `requirements` of a project's folder.

    `outdated` is whether the project asks for something else than it has; the lock of another
    tool may then be outdated, too.
    """
    output = _output(root, requirements)
    tool = _lock_tool(root, requirements)
    source = _source(root, output)
    if tool is not None:
        steps = [f"Write it from the lock of {tool.title}: {tool.command.format(output=output)}"]
        if outdated:
            steps.insert(0, f"Bring that of {tool.title} up to date: {tool.renew}")
    elif source:
        steps = [f"Write it: {_COMPILE.format(source=source, output=output)}"]
    else:
        steps = [
            "List what the project needs in requirements.in, a name on each line: django, …",
            f"Then write the lock: {_COMPILE.format(source='requirements.in', output=output)}",
        ]
    if output != requirements.as_posix():
        steps.append(f'And name it in [tool.djdesk] of pyproject.toml: requirements = "{output}"')
    return "\n".join(("In the project's folder:", *steps))


def foreign_lock_error(file: Path, text: str) -> ProjectError | None:
    """Return an error without a hint for a lock that is one of another tool, or None."""
    tool = LOCK_TOOLS.get(file.name)
    if tool is None and file.name.startswith("pylock.") and file.suffix == ".toml":
        return ProjectError(f"{file} is of another form.", why="It is a lock as in PEP 751.")
    if tool is None and not text.lstrip().startswith(("{", "[")):
        return None
    title = tool.title if tool else "another tool"
    return ProjectError(
        f"{file} is of another form.",
        why=f"It is one of {title}; a lock here is a requirements file with hashes.",
    )


def _output(root: Path, requirements: PurePosixPath) -> str:
    """Return where the lock may be written: where it is looked for, if nothing is lost by that."""
    for name in dict.fromkeys((requirements.as_posix(), *_OUTPUTS)):
        if not (root / name).exists() or _is_lock(root / name):
            return name
    return "djdesk-requirements.lock"


def _is_lock(file: Path) -> bool:
    """Whether a file is one that uv or pip-compile wrote, with a hash in it."""
    if file.name in LOCK_TOOLS or file.suffix in {".toml", ".in", ".py", ".cfg", ".json"}:
        return False
    try:
        return "--hash=sha256:" in read_text(file)
    except (OSError, ProjectError):
        return False


def _lock_tool(root: Path, requirements: PurePosixPath) -> LockTool | None:
    if named := LOCK_TOOLS.get(requirements.name):
        return named
    return next((tool for name, tool in LOCK_TOOLS.items() if (root / name).is_file()), None)


def _source(root: Path, output: str) -> str | None:
    """Return the file that says what the project depends on."""
    if _has_dependencies(root):
        return "pyproject.toml"
    names = (name for name in _SOURCES if name != output and (root / name).is_file())
    return next((name for name in names if not _is_lock(root / name)), None)


def _has_dependencies(root: Path) -> bool:
    try:
        project = read_toml(root / "pyproject.toml").get("project")
    except (OSError, ProjectError):
        return False
    return isinstance(project, dict) and "name" in project
