"""Find words in notes, whatever their case and accents.

SQLite's LIKE knows the case of ASCII letters only: it would not find "Über" by "über". Notes
therefore carry a folded copy of their text, and queries are folded the same way.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from itertools import accumulate

from django.db import models
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString, mark_safe

from djdesk.notes.limits import QUERY_CHARACTERS

EXCERPT_CHARACTERS = 240
EXCERPT_LEAD_CHARACTERS = 60
BLANK_LINES = re.compile(r"\n\s*\n")


def fold(text: str) -> str:
    """Return ``text`` without case and accents: ``Ünïcode`` becomes ``unicode``."""
    return "".join(map(_fold_character, text))


def _fold_character(character: str) -> str:
    if character.isascii():
        return character.lower()
    decomposed = unicodedata.normalize("NFKD", character.casefold())
    return "".join(part for part in decomposed if not unicodedata.combining(part))


def words_of(query: str) -> list[str]:
    """Return the folded words of what somebody typed into the search field."""
    return fold(query[:QUERY_CHARACTERS]).split()


def matching[Row: models.Model](
    notes: models.QuerySet[Row], words: Sequence[str]
) -> models.QuerySet[Row]:
    """Return the notes that contain every one of the folded ``words``."""
    for word in words:
        notes = notes.filter(folded__contains=word)
    return notes


def highlight(text: str, words: Sequence[str]) -> SafeString:
    """Return ``text`` as HTML with every folded word of ``words`` in a ``<mark>``."""
    pieces = []
    end_of_last = 0
    for start, end in _merged(sorted(_occurrences(text, words))):
        pieces.append(conditional_escape(text[end_of_last:start]))
        pieces.append(format_html("<mark>{}</mark>", text[start:end]))
        end_of_last = end
    pieces.append(conditional_escape(text[end_of_last:]))
    return mark_safe("".join(pieces))  # noqa: S308 - every piece is escaped above


def excerpt(text: str, words: Sequence[str]) -> str:
    """Return the part of ``text`` around the first of the words, else its beginning."""
    first = min((start for start, _ in _occurrences(text, words)), default=0)
    start = max(0, first - EXCERPT_LEAD_CHARACTERS)
    # The first line of a note is worth more than a centred match.
    if first < EXCERPT_CHARACTERS // 2:
        start = 0
    part = BLANK_LINES.sub("\n", text[start : start + EXCERPT_CHARACTERS].strip())
    return ("…" if start else "") + part + ("…" if len(text) > start + EXCERPT_CHARACTERS else "")


def _occurrences(text: str, words: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Yield (start, end) in ``text``; one character may fold to none, one or several."""
    if not words:
        return
    folded = [_fold_character(character) for character in text]
    haystack = "".join(folded)
    ends = list(accumulate(map(len, folded)))
    owner = [index for index, piece in enumerate(folded) for _ in piece]
    for word in words:
        position = haystack.find(word)
        while position != -1:
            last = owner[position + len(word) - 1]
            yield owner[position], _after_combining(ends, last)
            position = haystack.find(word, position + len(word))


def _after_combining(ends: Sequence[int], index: int) -> int:
    """Return the index after ``index`` and the characters behind it that fold to nothing."""
    following = index + 1
    while following < len(ends) and ends[following] == ends[following - 1]:
        following += 1
    return following


def _merged(spans: Sequence[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Yield the sorted ``spans`` with those that overlap or touch joined."""
    joined: list[tuple[int, int]] = []
    for start, end in spans:
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    yield from joined
