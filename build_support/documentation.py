"""The session `docs`: the generated tables, and HTML without a single warning."""

from __future__ import annotations

import os
from pathlib import Path

from build_support import ROOT
from build_support.bundles import interpreter
from build_support.bundles.interpreter import Wish
from build_support.cache import open_cache
from build_support.environments import make_environment
from build_support.processes import run
from build_support.published.pins import load_pins
from build_support.reporter import Reporter

DOCS = ROOT / "docs"
LOCK = DOCS / "requirements.lock"
OUTPUT = ROOT / "build" / "docs"


def build_documentation(reporter: Reporter) -> None:
    """Write the generated tables into the pages, and build the HTML pages from them.

    Raises ToolError, with what Sphinx said, for every warning.
    """
    wish = Wish(pins=load_pins(), environment=dict(os.environ))
    _, python = interpreter.prepare_own(wish, cache=open_cache(), reporter=reporter)
    with reporter.step("Prepare the environment of the documentation"):
        sphinx = prepare_environment(python)
    with reporter.step("Write the tables that are made from the code"):
        changed = write_tables(sphinx)
    for line in changed.splitlines():
        reporter.note(line)
    with reporter.step("Build the pages"):
        build_pages(sphinx, DOCS, OUTPUT)
    reporter.success(f"The documentation is there: {OUTPUT / 'html' / 'index.html'}")


def prepare_environment(python: Path, folder: Path = ROOT / ".nox" / "docs") -> Path:
    """Return the Python that has Sphinx; needs a network unless uv has the wheels already.

    Raises ToolError.
    """
    return make_environment(folder, python, LOCK)


def write_tables(python: Path) -> str:
    """Write the generated tables; return a line for each page that has changed."""
    paths = os.pathsep.join(map(str, (ROOT, ROOT / "src")))
    return run(
        [python, "-X", "utf8", "-m", "docs.generate"],
        doing="Writing the tables",
        environment={**os.environ, "PYTHONPATH": paths},
        folder=ROOT,
    )


def build_pages(python: Path, source: Path, output: Path) -> None:
    """Build HTML pages in `html` of a folder, from nothing and without a network.

    Raises ToolError for a warning of any kind, a link that leads nowhere among them.
    """
    strictly = ["--fail-on-warning", "--keep-going", "--nitpicky", "--fresh-env", "--quiet"]
    command: list[str | Path] = [python, "-X", "utf8", "-m", "sphinx", *strictly]
    command += ["--builder", "html", "--doctree-dir", output / "doctrees"]
    run(
        [*command, source, output / "html"],
        doing="Building the documentation",
        hint="Each line above names the page and the line to mend.",
    )
