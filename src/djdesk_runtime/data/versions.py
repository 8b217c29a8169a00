"""Which of two versions of the application is older. Not sure means no."""

from __future__ import annotations

import re

# The versions of PEP 440 without an epoch; what follows "+" says nothing about age.
VERSION = re.compile(
    r"v?(?P<release>\d{1,18}(?:\.\d{1,18})*)"
    r"(?:[-_.]?(?P<stage>a|alpha|b|beta|c|rc|pre|preview)[-_.]?(?P<number>\d{0,18}))?"
    r"(?:[-_.]?post[-_.]?(?P<post>\d{0,18}))?"
    r"(?:[-_.]?dev[-_.]?(?P<dev>\d{0,18}))?"
    r"(?:\+[a-z0-9._-]*)?",
    re.ASCII | re.IGNORECASE,
)
STAGES = {"a": 0, "alpha": 0, "b": 1, "beta": 1, "c": 2, "rc": 2, "pre": 2, "preview": 2}
FINAL = 3
NOT_YET, NONE = -1, -1
ENDLESS = 10**18

type Order = tuple[tuple[int, ...], int, int, int, int]


def is_older(one: str, other: str) -> bool:
    """Tell whether the version *one* is certainly older than *other*.

    False when they are equal, and when either is written in a way that says nothing.
    """
    first, second = order(one), order(other)
    return first is not None and second is not None and first < second


def order(version: str) -> Order | None:
    """Return what sorts *version* among others, None when it cannot be understood.

    1.0.dev1 < 1.0a1.dev1 < 1.0a1 < 1.0rc1 < 1.0 < 1.0.post1.dev1 < 1.0.post1
    """
    match = VERSION.fullmatch(version.strip())
    if match is None:
        return None
    release = [int(number) for number in match["release"].split(".")]
    while release and release[-1] == 0:
        release.pop()
    stage, number = FINAL, 0
    if match["stage"]:
        stage, number = STAGES[match["stage"].lower()], int(match["number"] or 0)
    elif match["dev"] is not None and match["post"] is None:
        stage = NOT_YET
    post = NONE if match["post"] is None else int(match["post"] or 0)
    development = ENDLESS if match["dev"] is None else int(match["dev"] or 0)
    return tuple(release), stage, number, post, development
