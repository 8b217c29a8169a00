"""Files and folders that a project's settings name, compared with what the bundle has of it.

The settings are asked in the bundle's own Python, after they were imported: they find their
folders beside themselves, and so name what is below the bundle's copy of the project. What is
there in the project and not in the copy was not shipped.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from build_support.errors import ProjectError
from build_support.projects.files import shipping_lines
from build_support.projects.ignored import IgnoreRules, load_ignore_rules
from build_support.projects.never_shipped import is_never_shipped
from build_support.projects.project import Project
from build_support.projects.secrets import likely_secret_reason
from build_support.reporter import Reporter

#: Django's settings for folders that it reads. Pages fail without them.
READ_SETTINGS = ("TEMPLATES", "STATICFILES_DIRS", "LOCALE_PATHS", "FIXTURE_DIRS")
#: Settings for places that are written to. They are elsewhere in a bundle, or of no use there.
_WRITTEN_SETTINGS = frozenset(
    {
        "BASE_DIR",
        "CACHES",
        "DATABASES",
        "EMAIL_FILE_PATH",
        "FILE_UPLOAD_TEMP_DIR",
        "LOGGING",
        "MEDIA_ROOT",
        "SESSION_FILE_PATH",
        "STATIC_ROOT",
        "STORAGES",
    }
)


@dataclass(frozen=True, slots=True)
class _Missing:
    """A path that only the project has: relative to it, or None for one outside of it."""

    setting: str
    path: PurePosixPath | None
    where: Path


def read_settings_paths(file: Path) -> Mapping[str, Sequence[str]]:
    """Read what the runtime's command `collect-static` wrote: paths by setting."""
    found: Mapping[str, Sequence[str]] = json.loads(file.read_text(encoding="utf-8"))
    return found


def check_settings_paths(
    project: Project, app: Path, named: Mapping[str, Sequence[str]], reporter: Reporter
) -> None:
    """Compare paths by setting with the bundle's copy of the project in `app`.

    Warns of what is missing for settings that Django knows nothing of. Raises ProjectError, with
    the lines that ship it, for folders that Django reads.
    """
    rules = load_ignore_rules(project.root)
    missing = list(_missing(project, app, named))
    needed = [each for each in missing if each.setting in READ_SETTINGS]
    others = [each for each in missing if each.setting not in READ_SETTINGS and each.path]
    if needed:
        raise ProjectError(
            "The bundle does not have folders that the settings name.",
            why=_listed(needed),
            hint=_hint(project, needed, rules),
        )
    if others:
        reporter.warning(
            f"The settings name files that are not in the bundle:\n{_listed(others)}\n"
            f"If the application reads them: {_hint(project, others, rules)}"
        )


def _missing(project: Project, app: Path, named: Mapping[str, Sequence[str]]) -> Iterator[_Missing]:
    for setting, values in sorted(named.items()):
        if setting in _WRITTEN_SETTINGS:
            continue
        for value in dict.fromkeys(values):
            relative = _relative(value, app)
            if relative is None or (app / relative).exists():
                continue
            where = Path(os.path.normpath(project.root / relative))
            if not _has_content(where):
                continue
            inside = where.is_relative_to(project.root) and where != project.root
            path = PurePosixPath(where.relative_to(project.root).as_posix()) if inside else None
            if path is None or setting in READ_SETTINGS or not _is_left_out_for_good(path):
                yield _Missing(setting, path, where)


def _relative(value: str, app: Path) -> str | None:
    """Return a path relative to the copy, also one beside it; None for one somewhere else."""
    path = os.path.normpath(app / value)
    for place in dict.fromkeys((app, app.resolve())):
        if Path(path).is_relative_to(place.parent):
            return os.path.relpath(path, place)
    return None


def _has_content(where: Path) -> bool:
    """Whether there is a file that could be shipped."""
    if not where.is_dir():
        return where.is_file()
    for folder, folders, files in os.walk(where):
        folders[:] = [name for name in folders if not is_never_shipped(Path(folder, name))]
        if any(not is_never_shipped(Path(folder, name)) for name in files):
            return True
    return False


def _is_left_out_for_good(path: PurePosixPath) -> bool:
    """Whether a path is one that `source` never ships: databases, logs, uploads, secrets."""
    return any(map(is_never_shipped, (path, *path.parents))) or bool(likely_secret_reason(path))


def _listed(missing: Sequence[_Missing]) -> str:
    return "\n".join(f"{each.setting}: {each.path or each.where}" for each in missing)


def _hint(project: Project, missing: Sequence[_Missing], rules: IgnoreRules) -> str:
    inside = [each.path for each in missing if each.path is not None]
    lines = []
    if inside:
        lines.append("In [tool.djdesk] of pyproject.toml:")
        lines += shipping_lines(project, inside, rules)
    if any(each.path is None for each in missing):
        lines.append(
            "Only files of the project's folder are shipped, the one with pyproject.toml: move "
            "the others into it, or pyproject.toml into a folder above both."
        )
    return "\n".join(lines)
