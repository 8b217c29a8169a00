"""The failure of a project inside the bundle's copy, told of the project itself.

The copy is deleted when the build has failed: paths in it become the project's. A file that is
in the project and not in the copy was not shipped, and that is then the reason.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from build_support.projects.files import shipping_lines
from build_support.projects.ignored import load_ignore_rules
from build_support.projects.project import Project
from build_support.tracebacks import explain_output, find_report

_MODULE = re.compile(r"No module named '([\w.]+)'")
_NO_DEFAULT = (
    "The settings are imported as they are on a user's computer, without your environment "
    "variables: give what is missing a default."
)
_NO_MODULE = (
    "Only what the lock names is installed: add what has this module to the project's "
    "dependencies, and write the lock again, as docs/project.md shows."
)
_OTHER_FOLDER = (
    "Put the packages below one folder, or add the other one in the settings module: "
    "sys.path.append(str(BASE_DIR / {folder!r})), where BASE_DIR is the project's folder."
)


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why a project failed, and what to do."""

    why: str
    hint: str


@dataclass(frozen=True, slots=True)
class Copy:
    """A project, and the folder `app` of the bundle that was made of it."""

    project: Project
    app: Path

    def own(self, file: str) -> str | None:
        """Return a file of the copy as the project's own; None for any other file."""
        path = Path(file)
        if not path.is_absolute():  # as bytecode names it
            path = self.app.parent / path
        for app in dict.fromkeys((self.app, self.app.resolve())):
            if path.is_relative_to(app):
                return path.relative_to(app).as_posix()
        return None

    def explain(self, output: str, *, hint: str = "") -> Explanation:
        """Return what an output says about the failure; `hint` is for failures of no known kind."""
        output = self._by_one_name(output)
        report = find_report(output)
        why = self.in_project(explain_output(output, self.own))
        missing = self._unshipped_paths(output)
        if report is not None and not missing:
            missing = self._unshipped_module(report.exception)
        if missing:
            named = ", ".join(missing)
            why += f"\nIn the project, but not in the bundle: {named}"
            return Explanation(why, self._ship(missing))
        if report is not None and (elsewhere := self._other_folder(report.exception)):
            why += f"\nIt is in {elsewhere}, and modules are imported from " + (
                f"{self.project.source_root}." if self.project.source_root.parts else "the top."
            )
            return Explanation(why, _OTHER_FOLDER.format(folder=elsewhere))
        return Explanation(why, hint if report is None else _hint(report.exception, hint))

    def in_project(self, text: str) -> str:
        """Return a string in which paths of the copy are relative to the project."""
        text = self._by_one_name(text)
        for app in (str(self.app), str(self.app).replace("\\", "\\\\")):
            text = re.sub(re.escape(app) + r"(?:[/\\]+|(?=\W|$))", "", text)
        return text

    def _by_one_name(self, text: str) -> str:
        """Name the copy as it is given; settings that resolve their path name it otherwise."""
        return text.replace(str(self.app.resolve()), str(self.app))

    def _unshipped_paths(self, output: str) -> list[str]:
        """Find the paths of the copy that an output names and that only the project has."""
        app = str(self.app)
        plain = output.replace("\\\\", "\\")
        found: dict[str, None] = {}
        for match in re.finditer(re.escape(app) + r"[/\\]([^'\"\n]+)", plain):
            # In quotes all of it is the path; else it may end at any space.
            words = match[1].split(" ")
            for count in range(len(words), 0, -1):
                path = " ".join(words[:count]).replace("\\", "/").rstrip(".,:;)]/")
                if path and self._is_unshipped(path):
                    found[path] = None
                    break
        return list(found)

    def _unshipped_module(self, exception: str) -> list[str]:
        match = _MODULE.search(exception)
        if match is None:
            return []
        name = match[1].replace(".", "/")
        for root in dict.fromkeys((self.project.source_root, PurePosixPath())):
            for path in ((root / name), (root / f"{name}.py")):
                if self._is_unshipped(path.as_posix()):
                    return [path.as_posix()]
        return []

    def _other_folder(self, exception: str) -> str | None:
        """Return the folder, directly in the bundle's project, that has the module in it."""
        match = _MODULE.search(exception)
        if match is None:
            return None
        name = match[1].partition(".")[0]
        found = (*self.app.glob(f"*/{name}/__init__.py"), *self.app.glob(f"*/{name}.py"))
        folders = {path.relative_to(self.app).parts[0] for path in found}
        return min(folders - set(self.project.source_root.parts[:1]), default=None)

    def _is_unshipped(self, path: str) -> bool:
        try:
            return (self.project.root / path).exists() and not (self.app / path).exists()
        except OSError:  # a name that is too long to be one
            return False

    def _ship(self, missing: list[str]) -> str:
        """Return the lines of [tool.djdesk] that ship what is missing."""
        rules = load_ignore_rules(self.project.root)
        lines = shipping_lines(self.project, [PurePosixPath(path) for path in missing], rules)
        return "\n".join(("Ship it, in [tool.djdesk] of pyproject.toml:", *lines))


def _hint(exception: str, otherwise: str) -> str:
    if exception.startswith(("KeyError", "django.core.exceptions.ImproperlyConfigured")):
        return _NO_DEFAULT
    if exception.startswith("ModuleNotFoundError"):
        return _NO_MODULE
    return otherwise
