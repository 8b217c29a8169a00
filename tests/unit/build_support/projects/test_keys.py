from __future__ import annotations

import re
import tomllib

import pytest

from build_support import ROOT
from build_support.projects.keys import KEYS

_READ = re.compile(r'(?:reader\.\w+|table\.get)\(\s*"([a-z-]+)"')


def test_the_keys_are_those_that_are_read() -> None:
    read = {
        key
        for source in ("desktop", "project", "publication")
        for key in _READ.findall(
            (ROOT / "build_support" / "projects" / f"{source}.py").read_text(encoding="utf-8")
        )
    }
    # Read by a method of its own.
    assert read | {"languages"} == set(KEYS)


@pytest.mark.parametrize("key", KEYS)
def test_an_example_is_toml(key: str) -> None:
    assert key in tomllib.loads(f"{key} = {KEYS[key].example}")
