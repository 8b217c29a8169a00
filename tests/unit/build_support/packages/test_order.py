from __future__ import annotations

from pathlib import Path
from typing import NoReturn

import pytest

from build_support import ROOT
from build_support.bundles.interpreter import Wish
from build_support.cache import Cache
from build_support.desktop.electron import ElectronWish
from build_support.errors import ToolError
from build_support.packages import order
from build_support.packages.toolcheck import Surroundings
from build_support.packages.wish import PackageWish
from build_support.published.pins import load_pins
from build_support.target import TARGETS
from tests.unit.build_support.conftest import Said


def wished(tmp_path: Path, variables: dict[str, str], *, unsigned: bool = False) -> PackageWish:
    return PackageWish(
        target=TARGETS["windows-x86_64"],
        project=ROOT,
        output=tmp_path / "dist",
        formats=("zip",),
        bundle=None,
        rehearse=False,
        release=False,
        unsigned=unsigned,
        interpreter=Wish(load_pins(), {}),
        electron=ElectronWish({}),
        environment=variables,
    )


class Reached(Exception):  # noqa: N818 - it is none
    """What comes after the look at the means for signing was reached."""


@pytest.mark.parametrize("unsigned", [False, True])
def test_signtool_is_looked_for_before_any_work(
    unsigned: bool,
    tmp_path: Path,
    said: Said,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def plan(*_: object, **__: object) -> NoReturn:
        raise Reached

    monkeypatch.setattr(order, "find_source", plan)
    variables = {"WIN_CSC_SHA1": "AB" * 20, "SIGNTOOL_PATH": str(tmp_path / "none.exe")}
    around = Surroundings(TARGETS["linux-x86_64"], variables, lambda _: True)
    expected = Reached if unsigned else ToolError
    with pytest.raises(expected):
        order.take_order(
            wished(tmp_path, variables, unsigned=unsigned),
            around,
            cache=Cache(tmp_path / "cache"),
            reporter=said.reporter,
        )
