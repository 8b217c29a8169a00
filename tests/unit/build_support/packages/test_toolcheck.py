from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from build_support.errors import ToolError
from build_support.packages.formats import FORMATS
from build_support.packages.toolcheck import (
    _RELEASES,
    Surroundings,
    check_tools,
    look_for,
    look_for_all,
)
from build_support.packages.tools import APPIMAGE, FPM, MAKENSIS, RPMBUILD, SEVEN_ZIP, TOOLS, WINE
from build_support.target import TARGETS

LINUX = TARGETS["linux-x86_64"]


@dataclass
class Network:
    answers: bool = False
    asked: list[str] = field(default_factory=list)

    def __call__(self, address: str) -> bool:
        self.asked.append(address)
        return self.answers


def around(
    cache: Path,
    variables: Mapping[str, str] | None = None,
    network: Network | None = None,
    programs: Mapping[str, str] | None = None,
    target: str = "linux-x86_64",
) -> Surroundings:
    environment = {"ELECTRON_BUILDER_CACHE": str(cache), **(variables or {})}
    return Surroundings(
        TARGETS[target], environment, network or Network(), dict(programs or {}).get
    )


def test_a_variable_names_it(tmp_path: Path) -> None:
    found = look_for(APPIMAGE, around(tmp_path, {"APPIMAGE_TOOLS_PATH": str(tmp_path)}))
    assert (found.state, found.detail) == ("found", f"{tmp_path} (APPIMAGE_TOOLS_PATH)")


def test_a_variable_that_names_nothing_is_said(tmp_path: Path) -> None:
    network = Network(answers=True)
    variables = {"APPIMAGE_TOOLS_PATH": str(tmp_path / "none")}
    found = look_for(APPIMAGE, around(tmp_path, variables, network))
    assert found.state == "missing"
    assert "APPIMAGE_TOOLS_PATH names nothing" in found.detail
    assert not network.asked


def test_the_programs_of_the_system(tmp_path: Path) -> None:
    programs = {"rpmbuild": "/usr/bin/rpmbuild", "fpm": "/usr/bin/fpm"}
    system = {"USE_SYSTEM_FPM": "true"}
    assert look_for(RPMBUILD, around(tmp_path, programs=programs)).detail == "/usr/bin/rpmbuild"
    assert look_for(FPM, around(tmp_path, system, programs=programs)).detail == "/usr/bin/fpm"
    assert look_for(FPM, around(tmp_path, programs=programs)).state == "missing"
    assert look_for(RPMBUILD, around(tmp_path)).detail == "rpmbuild is not on PATH"


@pytest.mark.parametrize(
    "name",
    [
        "appimage@1.0.3/appimage-tools-runtime-20251108.tar.gz",
        "appimage@1.0.3/appimage-tools-runtime-20251108-ab1de/mksquashfs",
    ],
)
def test_electron_builders_cache(tmp_path: Path, name: str) -> None:
    (tmp_path / name).parent.mkdir(parents=True)
    (tmp_path / name).touch()
    assert look_for(APPIMAGE, around(tmp_path)).detail == "in electron-builder's cache"


def test_its_releases_and_a_mirror_of_them(tmp_path: Path) -> None:
    network = Network(answers=True)
    assert look_for(SEVEN_ZIP, around(tmp_path, network=network)).state == "fetched"
    mirror = {"ELECTRON_BUILDER_BINARIES_MIRROR": "https://user:secret@mirror.example/eb/"}
    network.answers = False
    found = look_for(SEVEN_ZIP, around(tmp_path, mirror, network))
    assert found.state == "missing"
    assert found.detail == "mirror.example does not answer"
    official, mirrored = network.asked
    assert official.startswith("https://github.com/electron-userland/electron-builder-binaries/")
    assert official.endswith("/7zip@1.0.0/7zip-linux-x64.tar.gz")
    path = "eb/7zip@1.0.0/7zip-linux-x64.tar.gz"
    assert mirrored == f"https://user:secret@mirror.example/{path}"


@pytest.mark.parametrize(
    ("variables", "address"),
    [
        (
            {"npm_config_electron_builder_binaries_custom_dir": "tools"},
            f"{_RELEASES}tools/7zip-linux-x64.tar.gz",
        ),
        (
            {
                "ELECTRON_BUILDER_BINARIES_DOWNLOAD_OVERRIDE_URL": "https://mirror.example/flat/",
                "ELECTRON_BUILDER_BINARIES_MIRROR": "https://other.example/",
            },
            "https://mirror.example/flat/7zip-linux-x64.tar.gz",
        ),
    ],
)
def test_a_mirror_that_is_laid_out_differently(
    tmp_path: Path, variables: Mapping[str, str], address: str
) -> None:
    network = Network(answers=True)
    look_for(SEVEN_ZIP, around(tmp_path, variables, network))
    assert network.asked == [address]


def test_a_mac_needs_no_wine(tmp_path: Path) -> None:
    mac = around(tmp_path, network=Network(answers=True), target="macos-arm64")
    found = look_for_all([FORMATS["windows"]["nsis"]], mac)
    assert WINE not in [each.tool for each in found["nsis"]]


def test_none_is_made_for_some_hosts(tmp_path: Path) -> None:
    found = look_for(FPM, around(tmp_path, network=Network(answers=True), target="windows-x86_64"))
    assert (found.state, found.detail) == ("missing", "there is none for windows-x86_64")


def test_each_tool_is_looked_for_once(tmp_path: Path) -> None:
    network = Network()
    found = look_for_all(FORMATS["linux"].values(), around(tmp_path, network=network))
    assert [each.tool for each in found["deb"]] == [FPM]
    assert [each.tool for each in found["rpm"]] == [FPM, RPMBUILD]
    assert found["zip"] == ()
    assert len(network.asked) == 2


def test_what_is_fetched_as_7z_has_to_be_unpacked(tmp_path: Path) -> None:
    network = Network(answers=True)
    found = look_for_all([FORMATS["linux"]["deb"]], around(tmp_path, network=network))
    assert [each.tool for each in found["deb"]] == [FPM, SEVEN_ZIP]


@pytest.mark.parametrize(("host", "needed"), [("linux-x86_64", True), ("windows-x86_64", False)])
def test_wine_is_for_other_systems(tmp_path: Path, host: str, needed: bool) -> None:
    found = look_for_all([FORMATS["windows"]["nsis"]], around(tmp_path, target=host))
    tools = [each.tool for each in found["nsis"]]
    assert (WINE in tools) is needed
    assert MAKENSIS in tools


def test_what_is_missing_is_told_with_two_ways_out(tmp_path: Path) -> None:
    formats = [FORMATS["linux"][name] for name in ("zip", "AppImage", "rpm")]
    with pytest.raises(ToolError) as caught:
        check_tools(formats, around(tmp_path))
    error = caught.value
    assert error.what == "The tools for AppImage, rpm are not all there."
    for name in ("AppImage tools", "fpm", "rpmbuild"):
        assert name in error.why
        assert name in error.hint
    assert "ELECTRON_BUILDER_BINARIES_MIRROR" in error.hint
    assert "--formats zip" in error.hint


def test_archives_need_nothing(tmp_path: Path) -> None:
    network = Network()
    check_tools([FORMATS["linux"]["tar.gz"]], around(tmp_path, network=network))
    assert not network.asked


def test_every_tool_says_how_to_get_it() -> None:
    assert all(tool.purpose and tool.install for tool in TOOLS)
    known = {
        tool.name for formats in FORMATS.values() for f in formats.values() for tool in f.tools
    }
    assert known <= {tool.name for tool in TOOLS}
