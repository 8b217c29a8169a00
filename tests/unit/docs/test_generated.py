"""The tables of the reference are what the code says, and nothing is left out of them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from build_support import ROOT
from build_support.command_line.parser import make_parser
from build_support.errors import BuildError
from djdesk_runtime import errors
from docs.generate import blocks, exit_codes, pages, variables
from docs.generate.sessions import named_sessions

_CODE = ("build_support", "src", "electron/lib", "electron/main.js", "electron/preload.cjs")
_OURS = re.compile(r"(?<![A-Z_])DJDESK_[A-Z_]*[A-Z]\b")
# The header of a request, in CGI's way.
_NO_VARIABLES = {"DJDESK_TOKEN"}


@pytest.mark.parametrize("page", pages.PAGES, ids=lambda page: page.name)
def test_a_page_is_what_the_code_says(page: Path) -> None:
    assert pages.current(page) == pages.generated(page), "write it anew: nox -s docs"


def test_every_table_stands_in_one_page() -> None:
    found = [name for page in pages.PAGES for name in blocks.names(pages.current(page))]
    assert sorted(found) == sorted(pages.MAKERS)


def _sources() -> Iterator[Path]:
    for place in _CODE:
        path = ROOT / place
        files = [path] if path.is_file() else path.rglob("*")
        yield from (file for file in files if file.suffix in {".py", ".js", ".cjs"})


def test_every_variable_of_ours_is_documented() -> None:
    named = {
        name for file in _sources() for name in _OURS.findall(file.read_text(encoding="utf-8"))
    }
    documented = set(variables.BUILD) | set(variables.RUN) | variables.INTERNAL
    assert named - _NO_VARIABLES <= documented


def test_no_variable_is_documented_that_is_not_read() -> None:
    text = "".join(file.read_text(encoding="utf-8") for file in _sources())
    text += (ROOT / "tests" / "needs.py").read_text(encoding="utf-8")
    ours = {name for name in {**variables.BUILD, **variables.RUN} if name.startswith("DJDESK_")}
    assert [name for name in sorted(ours | variables.INTERNAL) if name not in text] == []


def test_every_exit_code_is_documented() -> None:
    codes = {
        value.exit_code
        for value in vars(errors).values()
        if isinstance(value, type) and issubclass(value, errors.DjdeskError)
    }
    assert codes | {0, BuildError.exit_code} <= set(exit_codes.listed())


def test_every_session_is_there_with_every_option() -> None:
    page = pages.current(ROOT / "docs" / "reference" / "sessions.md")
    for session in named_sessions():
        section = page.partition(f"## `{session}`\n")[2].partition("\n## ")[0]
        assert section, session
        for action in make_parser(session)._actions:
            for option in action.option_strings:
                assert option in {"-h", "--help"} or option in section, (session, option)


def test_the_server_is_given_what_the_shell_lists() -> None:
    table = variables.passed_variables()
    assert "`XDG_RUNTIME_DIR`" in table
    assert "`SYSTEMROOT`" in table
    assert "`no_proxy`" in table
    assert "ELECTRON_" not in table


class TestBlocks:
    PAGE = "before\n<!-- generated: one -->\nold\n<!-- end -->\nafter\n"

    def test_what_stands_in_a_block_is_replaced(self) -> None:
        filled = blocks.fill(self.PAGE, {"one": lambda: "new\n"})
        assert filled == "before\n<!-- generated: one -->\n\nnew\n\n<!-- end -->\nafter\n"

    def test_filling_again_changes_nothing(self) -> None:
        makers = {"one": lambda: "new"}
        assert blocks.fill(blocks.fill(self.PAGE, makers), makers) == blocks.fill(self.PAGE, makers)

    def test_a_block_that_nobody_makes_is_an_error(self) -> None:
        with pytest.raises(KeyError):
            blocks.fill(self.PAGE, {})

    def test_a_cell_is_on_one_line_and_has_no_bar(self) -> None:
        assert blocks.table(["a"], [["x |\ny"]]) == "| a |\n| --- |\n| x \\| y |"
