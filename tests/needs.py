"""What a test needs of a machine besides what `nox -s tests` brings."""

from __future__ import annotations

import os
from typing import NoReturn

import pytest

#: What a machine must have for its run to count: tests fail there instead of being skipped.
REQUIRE_VARIABLE = "DJDESK_TESTS_REQUIRE"


def skip(need: str, reason: str) -> NoReturn:
    """Skip the test, which lacks a need; fail it where the variable names that."""
    reason = f"{reason}; CI runs this test"
    if need in os.environ.get(REQUIRE_VARIABLE, "").split(","):
        pytest.fail(f"{REQUIRE_VARIABLE} names {need}: {reason}")
    pytest.skip(reason)
