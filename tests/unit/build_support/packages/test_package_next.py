"""What is said last of finished packages can be done."""

from __future__ import annotations

import shlex
from pathlib import Path

import pytest

from build_support import ROOT
from build_support.command_line.parser import parse
from build_support.packages.package import next_session
from build_support.target import TARGETS, host_target


@pytest.mark.parametrize("output", [ROOT / "dist", Path("/some where/dist")])
def test_packages_are_started_next(output: Path) -> None:
    for target in TARGETS.values():
        said = next_session(target, output)
        words = shlex.split(said.rpartition(" (")[0])
        options = parse(words[2], words[4:])
        assert words[:3] == ["nox", "-s", "smoke"]
        assert options is not None
        assert options.packages == output
        assert (target == host_target()) == (str(target) not in said)
