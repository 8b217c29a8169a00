import pytest

from djdesk.notes.search import EXCERPT_CHARACTERS, excerpt, fold, highlight, words_of

COMBINING_DIAERESIS = "\u0308"


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Milk", "milk"),
        ("ÜBER", "uber"),
        ("u" + COMBINING_DIAERESIS + "ber", "uber"),
        ("Straße", "strasse"),
        ("ﬁne", "fine"),
        ("Ελλάδα", "ελλαδα"),
        ("日本", "日本"),
        ("", ""),
    ],
)
def test_folding(text: str, folded: str) -> None:
    assert fold(text) == folded


def test_words_are_split_at_any_space() -> None:
    assert words_of(" Zwei\u00a0WÖRTER\t") == ["zwei", "worter"]


@pytest.mark.parametrize(
    ("text", "words", "expected"),
    [
        ("one two", [], "one two"),
        ("one two", ["two"], "one <mark>two</mark>"),
        ("Two two", ["two"], "<mark>Two</mark> <mark>two</mark>"),
        ("<b>Übermut</b>", ["uber"], "&lt;b&gt;<mark>Über</mark>mut&lt;/b&gt;"),
        ("u" + COMBINING_DIAERESIS + "x", ["u"], "<mark>u" + COMBINING_DIAERESIS + "</mark>x"),
        ("Straße 4", ["strasse"], "<mark>Straße</mark> 4"),
        ("Straße", ["s"], "<mark>S</mark>tra<mark>ß</mark>e"),
        ("abcd", ["abc", "bcd"], "<mark>abcd</mark>"),
        ("abcd", ["ab", "cd"], "<mark>abcd</mark>"),
        ("&", ["amp"], "&amp;"),
    ],
)
def test_words_are_marked_and_the_rest_escaped(text: str, words: list[str], expected: str) -> None:
    assert highlight(text, words) == expected


def test_an_excerpt_begins_with_the_text() -> None:
    assert excerpt("short", []) == "short"
    assert excerpt("x" * 1000, []) == "x" * EXCERPT_CHARACTERS + "…"


def test_an_excerpt_moves_to_the_first_match() -> None:
    part = excerpt("a" * 500 + " needle " + "b" * 500, ["needle"])
    assert part.startswith("…a")
    assert part.endswith("b…")
    assert "needle" in part


def test_an_excerpt_stays_at_the_beginning_for_an_early_match() -> None:
    assert excerpt("first line, needle" + "x" * 500, ["needle"]).startswith("first line")


def test_an_excerpt_wastes_no_line() -> None:
    assert excerpt("one\n\n \ntwo\nthree", []) == "one\ntwo\nthree"
