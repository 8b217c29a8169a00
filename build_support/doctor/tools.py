"""The tools of package formats, looked for on this machine and in the places they come from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor

from build_support.doctor.sources import ask_source
from build_support.packages.formats import FORMATS, HOSTS
from build_support.packages.toolcheck import Found, Surroundings, look_for
from build_support.packages.tools import TOOLS
from build_support.published.sources import Source
from build_support.target import Target, host_target

_ROW_STATES = {"found": "ok", "fetched": "ok", "missing": "missing"}


def package_surroundings(environment: Mapping[str, str]) -> Surroundings:
    """Return this machine, as tools are looked for on it; the network is asked for seconds."""
    return Surroundings(host_target(), environment, _answers)


def tool_rows(environment: Mapping[str, str]) -> Sequence[tuple[str, str, str, str]]:
    """Return a row for each tool that packages made on this machine can need.

    A row: tool, the formats that need it, its state and where it is, how to supply it.
    """
    around = package_surroundings(environment)
    needed = {
        tool.name: names for tool in TOOLS if (names := _formats_with(tool.name, around.host))
    }
    tools = [tool for tool in TOOLS if tool.name in needed]
    with ThreadPoolExecutor(len(tools) or 1) as pool:
        found = list(pool.map(lambda tool: look_for(tool, around), tools))
    return [_row(each, needed[each.tool.name]) for each in found]


def _formats_with(name: str, host: Target) -> str:
    """Return the formats that can be made on a host and need a tool."""
    names = [
        each.name
        for system, formats in FORMATS.items()
        if host.system in HOSTS[system]
        for each in formats.values()
        for tool in each.tools
        if tool.name == name and host.system in tool.hosts
    ]
    return ", ".join(dict.fromkeys(names))


def _row(found: Found, formats: str) -> tuple[str, str, str, str]:
    return f"{found.tool.name} ({formats})", _ROW_STATES[found.state], found.detail, found.fix


def _answers(address: str) -> bool:
    return ask_source(Source("electron-builder's tools", address)).finding.state == "ok"
