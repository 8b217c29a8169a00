from __future__ import annotations

from pathlib import Path

import pytest

from build_support.errors import UsageError
from build_support.signing.identities import find_identities, named_identity, only_identity

OLD = "0123456789ABCDEF0123456789ABCDEF01234567"
NEW = OLD[::-1]
OTHER = "AB" * 20
ONE = f'  1) {OLD} "Developer ID Application: Me (TEAM)"\n     1 valid identities found\n'
NONE = "     0 valid identities found\n"
SEVERAL = f"""\
  1) {OLD} "Developer ID Application: Me (TEAM)"
  2) {OTHER} "Developer ID Application: Me Too (OTHER)"
  3) {"CD" * 20} "Apple Development: Me (TEAM)"
     3 valid identities found
"""
#: One certificate in two keychains, and the one that was made after it.
RENEWED = f"""\
  1) {OLD} "Developer ID Application: Me (TEAM)"
  2) {OLD} "Developer ID Application: Me (TEAM)"
  3) {NEW} "Developer ID Application: Me (TEAM)"
     3 valid identities found
"""


def test_looks_into_one_keychain_or_all() -> None:
    words = ("security", "find-identity", "-v", "-p", "codesigning")
    assert find_identities().words == words
    assert find_identities(Path("/k")).words == (*words, "/k")


def test_the_only_one_of_a_file() -> None:
    assert only_identity(ONE) == OLD


@pytest.mark.parametrize(
    ("listing", "words"),
    [
        (NONE, "no valid"),
        (f'  1) {OLD} "Apple Development: Me (TEAM)"\n', "no valid"),
        (SEVERAL, "Me Too (OTHER)"),
    ],
)
def test_a_file_holds_exactly_one_for_applications(listing: str, words: str) -> None:
    with pytest.raises(UsageError) as caught:
        only_identity(listing)
    assert words in caught.value.why


@pytest.mark.parametrize(
    "name",
    [
        "Developer ID Application: Me (TEAM)",
        "Developer ID Application: Me",
        " Me (TEAM) ",
        "Me",
        "(TEAM)",
        OLD,
        OLD.lower(),
        " ".join(OLD[index : index + 4] for index in range(0, 40, 4)),
    ],
)
def test_an_identity_is_known_by_its_name_or_its_hash(name: str) -> None:
    assert named_identity(SEVERAL, name) == OLD


def test_two_of_the_same_name_are_told_apart_by_their_hash() -> None:
    with pytest.raises(UsageError, match="more than one certificate: Me") as caught:
        named_identity(RENEWED, "Me")
    assert OLD in caught.value.why
    assert NEW in caught.value.why
    assert named_identity(RENEWED, NEW) == NEW


@pytest.mark.parametrize("name", ["You", "Apple Development: Me (TEAM)", "CD" * 20])
def test_a_name_that_is_not_there_is_told_with_those_that_are(name: str) -> None:
    with pytest.raises(UsageError, match="no certificate of this Mac") as caught:
        named_identity(SEVERAL, name)
    assert f'{OTHER} "Developer ID Application: Me Too (OTHER)"' in caught.value.why
    with pytest.raises(UsageError) as caught:
        named_identity(NONE, name)
    assert caught.value.why.endswith(": none.")
