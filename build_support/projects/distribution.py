"""The project's own metadata, as an installer would write it: a dist-info folder.

With it `importlib.metadata` knows the project's version and entry points. Sources:
packaging.python.org, "Core metadata", "Entry points" and "Recording installed projects".
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import Path, PurePosixPath
from typing import Any

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

from build_support.projects.project import Project
from build_support.projects.texts import table_at
from build_support.trees.folders import remove_tree
from build_support.trees.portable_names import slug
from build_support.trees.records import Row, new_row, write_record

#: What INSTALLER says, and by what a folder of ours is known.
INSTALLER = "djdesk"
_ENTRY_POINT_GROUPS = {"scripts": "console_scripts", "gui-scripts": "gui_scripts"}
#: https://packaging.python.org/en/latest/specifications/name-normalization/#name-format
_NAME = re.compile(r"[A-Z0-9]|[A-Z0-9][A-Z0-9._-]*[A-Z0-9]", re.ASCII | re.IGNORECASE)
_MODULE = re.compile(r"[^\d\W]\w*")


def distribution_name(project: Project) -> str:
    """Return the name in [project], or one that is made of the application's."""
    for table in (project.metadata, table_at(project.document, "tool", "poetry")):
        name = table.get("name")
        if isinstance(name, str) and _NAME.fullmatch(name):
            return name
    return slug(project.name, project.identifier)


def info_folder_name(project: Project) -> str:
    """Return the name of the dist-info folder."""
    name = canonicalize_name(distribution_name(project)).replace("-", "_")
    return f"{name}-{project.version.replace('-', '_')}.dist-info"


def describe_distribution(
    project: Project, files: Iterable[PurePosixPath] = ()
) -> Mapping[str, str]:
    """Return the files of the dist-info folder but RECORD, by name.

    `files` are those of the project below the folder from which it is imported.
    """
    texts = {
        "INSTALLER": f"{INSTALLER}\n",
        "METADATA": _metadata(project),
        "top_level.txt": "".join(f"{name}\n" for name in _top_level(files)),
        "entry_points.txt": _entry_points(project),
    }
    return {name: text for name, text in texts.items() if text}


def write_distribution(project: Project, folder: Path, files: Mapping[PurePosixPath, Path]) -> Path:
    """Write the dist-info folder into one that modules are imported from; return it.

    `files` are those of the project by their path there; RECORD lists them. One of ours that is
    there already, also of another version, is replaced.
    """
    for installer in folder.glob("*.dist-info/INSTALLER"):
        if installer.read_text(encoding="utf-8").strip() == INSTALLER:
            remove_tree(installer.parent)
    info = folder / info_folder_name(project)
    info.mkdir(parents=True)
    for name, text in describe_distribution(project, files).items():
        (info / name).write_text(text, encoding="utf-8", newline="\n")
    described = {PurePosixPath(info.name, path.name): path for path in info.iterdir()}
    rows = [new_row(path, origin) for path, origin in {**files, **described}.items()]
    write_record(folder, info.name, [*rows, Row(f"{info.name}/RECORD", "", "")])
    return info


def _metadata(project: Project) -> str:
    metadata = project.metadata
    fields = [
        ("Metadata-Version", "2.4"),
        ("Name", distribution_name(project)),
        ("Version", project.version),
        ("Summary", _line(metadata.get("description"))),
        ("Keywords", ",".join(map(_line, _list(metadata.get("keywords"))))),
        ("License-Expression", _line(metadata.get("license"))),
        ("Requires-Python", _line(metadata.get("requires-python"))),
        *_people(metadata, "Author", "authors"),
        *_people(metadata, "Maintainer", "maintainers"),
        *(("Classifier", _line(each)) for each in _list(metadata.get("classifiers"))),
        *(
            ("Project-URL", f"{_line(label)}, {_line(url)}")
            for label, url in table_at(metadata, "urls").items()
        ),
        *(("Requires-Dist", str(requirement)) for requirement in project.dependencies),
        *_extras(metadata),
    ]
    return "".join(f"{name}: {value}\n" for name, value in fields if value)


def _people(metadata: Mapping[str, Any], field: str, key: str) -> Iterable[tuple[str, str]]:
    for person in _list(metadata.get(key)):
        if not isinstance(person, dict):
            continue
        name, email = _line(person.get("name")), _line(person.get("email"))
        if email:
            yield f"{field}-Email", f"{name} <{email}>" if name else email
        elif name:
            yield field, name


def _extras(metadata: Mapping[str, Any]) -> Iterable[tuple[str, str]]:
    for extra, lines in table_at(metadata, "optional-dependencies").items():
        yield "Provides-Extra", canonicalize_name(extra)
        for line in _list(lines):
            try:
                requirement = Requirement(str(line))
            except InvalidRequirement:
                continue
            marker = f'extra == "{canonicalize_name(extra)}"'
            whole = f"({requirement.marker}) and {marker}" if requirement.marker else marker
            requirement.marker = None
            yield "Requires-Dist", f"{requirement} ; {whole}"


def _entry_points(project: Project) -> str:
    poetry = table_at(project.document, "tool", "poetry")
    groups: dict[str, Mapping[str, Any]] = {}
    for table, plugins in ((poetry, "plugins"), (project.metadata, "entry-points")):
        for key, group in _ENTRY_POINT_GROUPS.items():
            groups[group] = {**groups.get(group, {}), **table_at(table, key)}
        groups.update({name: table_at(table, plugins, name) for name in table_at(table, plugins)})
    sections = [
        f"[{group}]\n"
        + "".join(f"{name} = {_line(value)}\n" for name, value in sorted(points.items()))
        for group, points in sorted(groups.items())
        if points
    ]
    return "\n".join(sections)


def _top_level(files: Iterable[PurePosixPath]) -> list[str]:
    """Return the names that are imported: modules, and folders with modules in them."""
    modules = [path for path in files if path.suffix == ".py"]
    names = {path.parts[0] if len(path.parts) > 1 else path.stem for path in modules}
    return sorted(name for name in names if _MODULE.fullmatch(name))


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _line(value: object) -> str:
    """Return a string on one line; nothing for what is not a string."""
    return " ".join(value.split()) if isinstance(value, str) else ""
