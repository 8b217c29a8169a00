from __future__ import annotations

import pytest

from build_support.trees.languages import kept_locales, locale_of


@pytest.mark.parametrize(
    ("name", "expected"),
    [("pt_BR", "pt-br"), ("pt-br", "pt-br"), ("zh_Hans", "zh-hans"), (" sr_Latn ", "sr-latn")],
)
def test_one_form_for_all_spellings(name: str, expected: str) -> None:
    assert locale_of(name) == expected


@pytest.mark.parametrize(
    ("languages", "kept"),
    [
        ([], {"en"}),
        (["de"], {"en", "de"}),
        (["pt-br"], {"en", "pt", "pt-br"}),
        (["zh_TW"], {"en", "zh", "zh-tw", "zh-hant"}),
        (["zh-hant-tw"], {"en", "zh", "zh-hant", "zh-hant-tw"}),
        (["en-GB", "sr-Latn"], {"en", "en-gb", "sr", "sr-latn"}),
    ],
)
def test_languages_keep_what_they_fall_back_to(languages: list[str], kept: set[str]) -> None:
    assert kept_locales(languages) == kept
