"""Filters that show a note's text with the words that were searched for."""

from collections.abc import Sequence

from django import template
from django.utils.safestring import SafeString

from djdesk.notes import search

register = template.Library()


@register.filter
def highlight(text: str, words: Sequence[str]) -> SafeString:
    """Mark the words in the whole text."""
    return search.highlight(text, words)


@register.filter
def excerpt(text: str, words: Sequence[str]) -> SafeString:
    """Mark the words in the part of the text that a card has room for."""
    return search.highlight(search.excerpt(text, words), words)
