from __future__ import annotations

import errno
import os

import pytest

from build_support import errors
from build_support.errors import BuildError, UsageError, from_os_error


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (BuildError("It broke."), "It broke."),
        (BuildError("It broke.", why="Rust."), "It broke.\n  Why:  Rust."),
        (BuildError("It broke.", hint="Oil it."), "It broke.\n  Next: Oil it."),
        (
            BuildError("It broke.", why="\none\ntwo\n", hint="a\nb"),
            "It broke.\n  Why:  one\n        two\n  Next: a\n        b",
        ),
    ],
)
def test_text_says_what_why_and_what_to_do_next(error: BuildError, text: str) -> None:
    assert str(error) == text


@pytest.mark.parametrize(
    "kind",
    ["ProjectError", "DownloadError", "IntegrityError", "ArchiveError", "ToolError"],
)
def test_every_kind_is_a_build_error_that_ends_with_1(kind: str) -> None:
    error = getattr(errors, kind)("x")
    assert isinstance(error, BuildError)
    assert error.exit_code == 1


def test_wrong_usage_ends_with_2_as_programs_do() -> None:
    assert UsageError("x").exit_code == 2


def test_unreachable_and_integrity_are_told_apart() -> None:
    # An attack must never look like a network that is down: that would start option B.
    assert issubclass(errors.UnreachableError, errors.DownloadError)
    assert not issubclass(errors.IntegrityError, errors.UnreachableError)


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (errno.ENOSPC, "Free some space"),
        (errno.EDQUOT, "quota"),
        (errno.EROFS, "can be written"),
        (errno.EACCES, "who owns"),
        (errno.EPERM, "who owns"),
        (errno.ENAMETOOLONG, "shorter path"),
        (errno.EIO, "run again"),
    ],
)
def test_an_os_error_says_where_why_and_what_to_do(number: int, words: str) -> None:
    error = from_os_error(OSError(number, os.strerror(number), "/some/file"))
    assert error.what == "Could not write or read /some/file."
    assert error.why == os.strerror(number)
    assert words in error.hint


def test_an_os_error_with_two_paths_names_the_one_written_to() -> None:
    error = from_os_error(OSError(errno.EACCES, "Permission denied", "/from", None, "/to"))
    assert "/to" in error.what


@pytest.mark.parametrize("error", [OSError("only words"), OSError(errno.EIO, "only words")])
def test_an_os_error_without_a_path_is_explained_as_well(error: OSError) -> None:
    explained = from_os_error(error)
    assert explained.what == "A file of the bundle or the cache could not be written or read."
    assert "only words" in explained.why
    assert explained.hint
