from __future__ import annotations

import pytest

from build_support.errors import UsageError
from build_support.packages.formats import (
    FORMATS,
    HOSTS,
    REHEARSED,
    USUAL,
    check_host,
    choose_formats,
)
from build_support.target import System

SYSTEMS: tuple[System, ...] = ("linux", "macos", "windows")


@pytest.mark.parametrize("system", SYSTEMS)
def test_the_usual_ones_and_the_rehearsed_ones(system: System) -> None:
    usual = [each.name for each in choose_formats(system, None, rehearse=False)]
    rehearsed = choose_formats(system, None, rehearse=True)
    assert sorted(usual) == sorted(USUAL[system])
    assert sorted(each.name for each in rehearsed) == sorted(REHEARSED[system])
    assert not [tool for each in rehearsed for tool in each.tools]


def test_named_ones_come_in_the_order_of_the_table_and_once() -> None:
    found = choose_formats("linux", ("zip", "appimage", "DEB", "zip"), rehearse=True)
    assert [each.name for each in found] == ["zip", "AppImage", "deb"]


@pytest.mark.parametrize("named", [("nsis",), ("zip", "snap"), ()])
def test_others_are_refused(named: tuple[str, ...]) -> None:
    with pytest.raises(UsageError) as caught:
        choose_formats("linux", named, rehearse=False)
    assert all(name in caught.value.hint for name in FORMATS["linux"])


@pytest.mark.parametrize("system", SYSTEMS)
@pytest.mark.parametrize("host", SYSTEMS)
def test_where_packages_are_made(system: System, host: System) -> None:
    if host in HOSTS[system]:
        check_host(system, host)
    else:
        with pytest.raises(UsageError, match=f"Packages for {system} cannot be made on {host}"):
            check_host(system, host)


@pytest.mark.parametrize("system", SYSTEMS)
def test_suffixes_differ_and_only_what_is_built_has_tools(system: System) -> None:
    formats = FORMATS[system].values()
    assert len({each.suffix for each in formats}) == len(formats)
    assert all(each.built for each in formats if each.tools)
