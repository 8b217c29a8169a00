"""Which bundles can be made and packaged on a machine, and with which interpreter. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from build_support.doctor.checks import Finding
from build_support.target import TARGETS, System, Target

_ELSEWHERE: Mapping[System, str] = {
    "linux": "on Linux",
    "macos": "on macOS",
    "windows": "on Windows, or on Linux with wine",
}
_NO_SOURCE = "no source of its interpreter answers, and it is not in the cache"
_REFUSED = "a source was reached and did not give its interpreter"


@dataclass(frozen=True, slots=True)
class Supply:
    """What bundles can be made of here.

    `host` is this machine's own target, None where it has none. `source` is the first
    source of published interpreters that has the archive, else empty; `refused` says that
    one was reached and did not give it, after which nothing else is taken by itself.
    `cached` are the targets whose published archive is in the cache, `wheels` those whose
    packages can be had. `debian` says where option B's packages come from, else it is empty.
    """

    host: Target | None
    source: str
    refused: bool
    cached: frozenset[str]
    debian: str
    wheels: frozenset[str]
    wine: bool

    def published(self, target: Target) -> str:
        """Return where a target's published interpreter can be had, empty where it cannot."""
        return "the cache" if target.name in self.cached else self.source


@dataclass(frozen=True, slots=True)
class Outlook:
    """What can be done for one target: `reason` is for either answer."""

    target: Target
    bundle: bool
    reason: str
    package: str


def outlook(target: Target, supply: Supply) -> Outlook:
    """Say whether a target can be bundled here, why, and where it is packaged."""
    possible, reason = _bundle(target, supply)
    return Outlook(target, possible, reason, _package(target, supply))


def outlooks(supply: Supply) -> tuple[Outlook, ...]:
    """Return the outlook of every target."""
    return tuple(outlook(target, supply) for target in TARGETS.values())


def interpreters(supply: Supply) -> tuple[Finding, ...]:
    """Say which interpreters this machine's own bundle can have."""
    if supply.host is None:
        fix = f"Use a machine that is one of: {', '.join(TARGETS)}."
        return (Finding("target", "missing", "no bundle can be made for this", fix, needed=True),)
    place = supply.published(supply.host)
    fix = "Fetch it elsewhere: --interpreter-archive FILE, or name a mirror: DJDESK_PYTHON_MIRROR"
    neither = not place and (supply.refused or not supply.debian)
    why = _REFUSED if supply.refused else _NO_SOURCE
    published = (
        Finding("published, for release", "ok", f"from {place}")
        if place
        else Finding("published, for release", "missing", why, fix, needed=neither)
    )
    own = "the distribution's, for development"
    debian = (
        Finding(own, "ok", f"from {supply.debian}")
        if supply.debian
        else Finding(own, "missing", "only on Debian and Ubuntu, with their archive")
    )
    return published, debian


def _bundle(target: Target, supply: Supply) -> tuple[bool, str]:
    own = target == supply.host
    place = supply.published(target)
    if not place and supply.refused:
        return False, f"{_REFUSED}{'; --interpreter debian can' if own and supply.debian else ''}"
    if not place and not (own and supply.debian):
        return False, _NO_SOURCE
    if target.name not in supply.wheels:
        return False, "the package index does not answer, and uv's cache lacks its wheels"
    if not own and not _has_compiler(supply):
        return False, "there is no interpreter for this machine, to compile with"
    if not place:
        return True, f"interpreter from {supply.debian}: not for release"
    return True, f"interpreter from {place}"


def _has_compiler(supply: Supply) -> bool:
    """Bytecode is made by a CPython of the same series that runs here."""
    if supply.host is None:
        return False
    return bool(supply.published(supply.host) or (supply.debian and not supply.refused))


def _package(target: Target, supply: Supply) -> str:
    """Follow electron-builder's matrix: each on its own system, Windows with wine as well."""
    here = supply.host.system if supply.host else None
    if here == target.system:
        return "here"
    if target.system == "windows" and here == "linux":
        return "here, with wine" if supply.wine else "here, once wine is installed"
    return _ELSEWHERE[target.system]
