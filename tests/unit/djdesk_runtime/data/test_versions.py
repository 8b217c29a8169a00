import itertools

import pytest

from djdesk_runtime.data.versions import is_older

IN_ORDER = [
    "0.9", "1.0.dev1", "1.0.dev2", "1.0a1.dev1", "1.0a1", "1.0a2", "1.0-beta.1", "1.0b2", "1.0rc1",
    "1.0", "1.0.post1.dev1", "1.0.post1", "1.0.1", "1.2", "1.10", "2", "2026.11.23",
]  # fmt: skip


@pytest.mark.parametrize(("older", "newer"), [*itertools.combinations(IN_ORDER, 2)])
def test_order(older: str, newer: str) -> None:
    assert is_older(older, newer)
    assert not is_older(newer, older)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("1.0", "1.0"), ("1", "1.0.0"), ("v1.0", "1.0"), ("1.0+a", "1.0+b"), ("1.0rc1", "1.0c1"),
        ("1.0-alpha", "1.0a0"), (" 1.0 ", "1.0"),
    ],
)  # fmt: skip
def test_equal(one: str, other: str) -> None:
    assert not is_older(one, other)
    assert not is_older(other, one)


@pytest.mark.parametrize(
    "unclear", ["", "latest", "1!1.0", "1.0-1", "1.x", "g1234567", "1..0", "\u0661", "9" * 5000]
)
def test_what_says_nothing_is_never_older(unclear: str) -> None:
    assert not is_older(unclear, "9" * 15)
    assert not is_older("0.0.1", unclear)
