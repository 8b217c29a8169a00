"""The addresses of a project that need no argument, as Django's own `reverse` finds them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.urls import URLPattern, URLResolver

MOST = 400
DEEPEST = 20

# What may end the session, the data or the process: asked for last.
DRASTIC = re.compile(
    r"log-?_?out|sign-?_?out|delete|remove|reset|clear|flush|purge|destroy|quit|exit|shut-?_?down|"
    r"stop|kill|restart|disconnect|close|deactivate",
    re.IGNORECASE,
)


def list_addresses() -> list[str]:
    """Return the addresses, each once, those that may do harm last. Raises what URLconfs raise."""
    from django.urls import get_resolver

    found = dict.fromkeys(find_addresses(get_resolver().url_patterns, "/"))
    ordered = sorted(found, key=lambda address: bool(DRASTIC.search(address)))
    return ordered[:MOST]


def find_addresses(
    patterns: list[URLPattern | URLResolver], prefix: str, depth: int = 0
) -> Iterator[str]:
    """Yield the addresses below *prefix* that *patterns* match without an argument."""
    from django.urls import URLResolver

    for pattern in patterns:
        path = path_of(pattern)
        if path is None or depth > DEEPEST:
            continue
        if isinstance(pattern, URLResolver):
            yield from find_addresses(pattern.url_patterns, prefix + path, depth + 1)
        else:
            yield prefix + path


def path_of(pattern: URLPattern | URLResolver) -> str | None:
    """Return a path that *pattern* matches without an argument, None if there is none."""
    from django.urls.resolvers import LocalePrefixPattern
    from django.utils.regex_helper import normalize

    if isinstance(pattern.pattern, LocalePrefixPattern):
        return pattern.pattern.language_prefix
    source = pattern.pattern.regex.pattern
    for text, arguments in normalize(source):
        # Of what `normalize` does not understand it makes an empty path.
        if not arguments and pattern.pattern.match(text) is not None:
            return text.replace("%%", "%")
    return None
