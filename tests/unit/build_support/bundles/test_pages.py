from __future__ import annotations

import json

import pytest

from build_support.bundles.pages import Finding, explain, read_pages


def _lines(*documents: object) -> str:
    return "".join(json.dumps(document) + "\n" for document in documents)


_ASKING = {"kind": "asking", "subject": "/", "outcome": "passed"}
_FIRST = {"kind": "first page", "subject": "/", "reason": "answers 200"}
_END = {"kind": "end", "outcome": "passed"}


def test_a_check_that_came_to_its_end_and_found_nothing() -> None:
    pages = read_pages(_lines(_ASKING, _FIRST, _END), "", 0)
    assert pages.broken is None
    assert (pages.warnings(), pages.notes()) == ([], [])
    assert pages.write_log("Test") is None


@pytest.mark.parametrize("code", [0, 1, 7, -9, None])
def test_a_process_that_ended_at_the_first_page_is_broken(code: int | None) -> None:
    pages = read_pages(_lines(_ASKING), "Fatal Python error", code)
    assert pages.broken is not None
    assert (pages.broken.kind, pages.broken.subject) == ("first page", "/")
    assert "Fatal Python error" in explain(pages.broken, lambda _: None)


def test_a_process_that_ended_at_another_page_is_a_warning() -> None:
    quit_page = {"kind": "asking", "subject": "/quit/"}
    pages = read_pages(_lines(_ASKING, _FIRST, quit_page), "", 3)
    assert pages.broken is None
    (warning,) = pages.warnings()
    assert warning.startswith("/quit/: ")
    assert "3" in warning


def test_a_process_that_never_began_is_broken() -> None:
    pages = read_pages(
        "", 'Traceback (most recent call last):\n  File "x.py", line 3, in f\nE: y', 4
    )
    assert pages.broken is not None
    assert pages.broken.kind == "start"
    assert "x.py, line 3" in explain(pages.broken, lambda _: None)


def test_a_reason_that_the_traceback_has_is_told_once() -> None:
    traceback = (
        "Traceback (most recent call last):\n"
        '  File "/copy/app/core/a.py", line 9, in f\n'
        "FileNotFoundError: words.csv\n"
    )
    finding = Finding(
        "migrate", "x", "failed", "FileNotFoundError: words.csv", "app/core/a.py", 9, traceback
    )
    said = explain(finding, lambda file: file.partition("app/")[2] or None)
    assert said.count("FileNotFoundError") == 1
    assert "core/a.py, line 9" in said
    assert "app/core" not in said


@pytest.mark.parametrize("noise", ["Loading…\n", '{"kind"\n', "[1]\n", '{"other": 1}\n', "\n"])
def test_lines_of_others_are_passed_over(noise: str) -> None:
    pages = read_pages(noise + _lines(_ASKING, _FIRST) + noise + _lines(_END) + noise, "", 0)
    assert [each.kind for each in pages.findings] == ["first page"]


def test_the_same_reason_is_told_once() -> None:
    same = {"outcome": "warning", "reason": "ValueError: x", "file": "app/a.py", "line": 3}
    pages = [{"kind": "page", "subject": f"/{n}/", **same} for n in range(9)]
    other = {"kind": "page", "subject": "/other/", "outcome": "warning", "reason": "y"}
    warnings = read_pages(_lines(*pages, other, _END), "", 0).warnings()
    assert len(warnings) == 2
    assert "6 more" in warnings[0]
    assert "app/a.py, line 3" in warnings[0]


def test_a_hundred_reasons_are_not_a_hundred_lines() -> None:
    pages = [
        {"kind": "page", "subject": f"/{n}/", "outcome": "warning", "reason": f"error {n}"}
        for n in range(100)
    ]
    assert len(read_pages(_lines(*pages, _END), "", 0).warnings()) < 20


def test_a_template_is_told_by_its_line_and_the_python_behind_it() -> None:
    trace = (
        'Traceback (most recent call last):\n  File "/b/packages/d/base.py", line 9, in render\n'
        "    raise x\nValueError: no\n"
    )
    place = {"file": "app/t/page.html", "line": 3}
    finding = Finding("page", "/", "failed", "ValueError: no", **place, traceback=trace)  # type: ignore[arg-type]
    assert "app/t/page.html, line 3" in explain(finding, lambda _: None)
