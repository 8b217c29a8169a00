"""The documentation is built as `nox -s docs` does it, but without a network."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from build_support.documentation import DOCS, prepare_environment
from tests.integration.conftest import Shared
from tests.integration.sessions import ROOT, environment

_BUILD = """
import sys
from pathlib import Path
from build_support.documentation import build_pages
from build_support.errors import ToolError
from build_support.verification.isolation import isolate

isolate()
python, source, output = map(Path, sys.argv[1:])
try:
    build_pages(python, source, output)
except ToolError as error:
    sys.exit(str(error))
"""
#: What a browser fetches by itself while it shows a page.
_FETCHED = re.compile(r"<(?:script|img|iframe)[^>]*\ssrc=\"([^\"]+)|<link[^>]*\shref=\"([^\"]+)")


@pytest.fixture(scope="session")
def sphinx(shared: Shared) -> Path:
    """Return the Python that has Sphinx; `nox -s tests` has fetched its wheels."""

    def make(folder: Path) -> None:
        prepare_environment(Path(sys.executable), folder / "environment")

    return prepare_environment(Path(sys.executable), shared.once("docs", make) / "environment")


def _build(sphinx: Path, source: Path, output: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", _BUILD, sphinx, source, output],
        cwd=ROOT,
        env=environment(),
        capture_output=True,
        encoding="utf-8",
        timeout=300,
        check=False,
    )


def test_the_pages_are_built_without_a_warning_or_a_network(sphinx: Path, tmp_path: Path) -> None:
    finished = _build(sphinx, DOCS, tmp_path)
    assert finished.returncode == 0, finished.stderr
    pages = {page.relative_to(DOCS).with_suffix(".html") for page in DOCS.rglob("*.md")}
    built = tmp_path / "html"
    assert [page for page in sorted(pages) if not (built / page).is_file()] == []
    fetched = {
        address
        for page in sorted(pages)
        for groups in _FETCHED.findall((built / page).read_text(encoding="utf-8"))
        for address in groups
    }
    assert [address for address in fetched if re.match(r"(?:https?:)?//", address)] == []


def test_a_link_that_leads_nowhere_fails_the_build(sphinx: Path, tmp_path: Path) -> None:
    source = tmp_path / "docs"
    shutil.copytree(DOCS, source)
    shutil.copy2(ROOT / "pyproject.toml", tmp_path)
    page = source / "data.md"
    page.write_text(page.read_text(encoding="utf-8") + "\n[x](bundle.md#nowhere)\n", "utf-8")
    finished = _build(sphinx, source, tmp_path / "output")
    assert finished.returncode == 1
    assert "data.md" in finished.stderr
    assert "nowhere" in finished.stderr


def test_what_writes_the_tables_needs_no_more_than_the_lock_of_the_documentation(
    sphinx: Path,
) -> None:
    words = "from docs.generate.pages import PAGES, generated; print(*map(generated, PAGES))"
    paths = os.pathsep.join(map(str, (ROOT, ROOT / "src")))
    finished = subprocess.run(
        [sphinx, "-X", "utf8", "-c", words],
        cwd=ROOT,
        env=environment(PYTHONPATH=paths),
        capture_output=True,
        encoding="utf-8",
        timeout=120,
        check=False,
    )
    assert finished.returncode == 0, finished.stderr
    assert "DJDESK_CACHE_DIR" in finished.stdout
