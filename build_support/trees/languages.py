"""Language codes as projects write them, and the locale folders that belong to them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

#: Codes whose translations lie elsewhere: the "fallback" entries of Django's LANG_INFO
#: (django/conf/locale/__init__.py).
_FALLBACKS: Mapping[str, str] = {
    "zh-cn": "zh-hans",
    "zh-my": "zh-hans",
    "zh-sg": "zh-hans",
    "zh-hk": "zh-hant",
    "zh-mo": "zh-hant",
    "zh-tw": "zh-hant",
}


def locale_of(name: str) -> str:
    """Return one form for all spellings of a language: `pt_BR` and `PT-br` give `pt-br`."""
    return name.strip().replace("_", "-").lower()


def kept_locales(languages: Sequence[str]) -> frozenset[str]:
    """Return the locales that these languages use: themselves, what they fall back to, English.

    Django looks for `pt` where a text is missing in `pt-br`.
    """
    kept = {"en"}
    for language in languages:
        parts = locale_of(language).split("-")
        kept.update("-".join(parts[:length]) for length in range(1, len(parts) + 1))
    kept.update(_FALLBACKS[code] for code in sorted(kept & _FALLBACKS.keys()))
    return frozenset(kept)
