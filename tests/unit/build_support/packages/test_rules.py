from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from build_support.errors import UsageError
from build_support.packages.rules import ReleaseFacts, check_release, check_wish

GOOD = ReleaseFacts(
    system="windows",
    version="1.2",
    redistributable=True,
    provider="python-build-standalone",
    commit="abc1234",
    bundled_revision="abc1234",
    changes=(),
    tags=("v1.2",),
    signed=True,
    unsigned_wanted=False,
    electron="",
)


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"tags": ("1.2", "other")},
        {"signed": False, "unsigned_wanted": True},
        {"signed": False, "system": "linux"},
        {"bundled_revision": "unknown"},
    ],
)
def test_a_release(changes: dict[str, Any]) -> None:
    check_release(replace(GOOD, **changes))


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"redistributable": False, "provider": "debian"}, "(debian) may not be given to others"),
        ({"changes": ("a.py", "b.py")}, "not committed: a.py, b.py."),
        ({"changes": tuple("abcdefghijklm")}, "j and 3 more."),
        ({"tags": ()}, "the commit's tags are: none"),
        ({"tags": ("v1.1",)}, "The version is 1.2, and the commit's tags are: v1.1"),
        ({"tags": ("v1.20",)}, "v1.20"),
        ({"signed": False}, "windows warns of such applications"),
        ({"signed": False, "system": "macos"}, "macos warns of such applications"),
        ({"commit": "", "tags": ()}, "git does not know"),
        ({"bundled_revision": "fff0000"}, "made from fff0000, and this is abc1234"),
        ({"electron": "/opt/electron"}, "Its Electron is the one in /opt/electron"),
    ],
)
def test_no_release(changes: dict[str, Any], why: str) -> None:
    with pytest.raises(UsageError) as caught:
        check_release(replace(GOOD, **changes))
    assert why in caught.value.why
    assert len(caught.value.why.splitlines()) == 1
    assert caught.value.hint


def test_every_reason_is_told_at_once() -> None:
    bad = replace(GOOD, redistributable=False, tags=(), signed=False, electron="/opt/electron")
    with pytest.raises(UsageError) as caught:
        check_release(bad)
    assert len(caught.value.why.splitlines()) == 4


def test_a_rehearsal_is_no_release() -> None:
    check_wish(rehearse=True, release=False)
    check_wish(rehearse=False, release=True)
    with pytest.raises(UsageError, match="A rehearsal cannot be a release"):
        check_wish(rehearse=True, release=True)
