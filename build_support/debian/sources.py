"""What this machine's own configuration says about Debian's (or Ubuntu's) package archive.

Pure: reads `/etc/apt` and `/etc/os-release`, decides, and touches nothing. The formats are
those of sources.list(5): one-line files and deb822 stanzas.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from build_support.errors import ToolError

ETC_APT = Path("/etc/apt")
OS_RELEASE = Path("/etc/os-release")
_KEYRINGS = Path("/usr/share/keyrings")
_NETWORK_SCHEMES = frozenset({"http", "https"})
_ONE_LINE = re.compile(
    r"deb\s+(?:\[(?P<options>[^\]]*)\]\s*)?(?P<uri>\S+)\s+(?P<suite>\S+)(?:\s+(?P<components>.*))?"
)
_FIELD = re.compile(r"(?P<name>[A-Za-z0-9-]+):[ \t]*(?P<value>.*)")
_DISABLED = frozenset({"no", "false", "off", "0", "without", "disable"})


@dataclass(frozen=True, slots=True)
class Mirror:
    """Where this machine gets its distribution's packages from.

    `uri` ends without a slash. `keyring` is a value of `Signed-By`: a path, a key's
    fingerprint or a whole key; None leaves it to the keys that apt trusts anyway.
    `origin` is the file that says so.
    """

    uri: str
    keyring: str | None
    origin: Path


@dataclass(frozen=True, slots=True)
class Distribution:
    """A distribution that has python3.14: how its archive is known, and where to look.

    `paths` are the ends of an archive's address; `keys` begins the names of its keyrings.
    `too_old` are releases without python3.14, `later` the suites to try after a machine's
    own, in this order.
    """

    name: str
    paths: tuple[str, ...]
    keys: str
    components: tuple[str, ...]
    updates: bool
    too_old: frozenset[str]
    later: tuple[tuple[str, ...], ...]

    def suites(self, codename: str) -> tuple[tuple[str, ...], ...]:
        """Which suites to try on a machine of this release, each attempt one or more at once.

        The machine's own release is first because it is the most stable that may do.
        """
        own = (codename, f"{codename}-updates") if self.updates else (codename,)
        attempts = self.later if not codename or codename in self.too_old else (own, *self.later)
        return tuple(dict.fromkeys(attempts))


DISTRIBUTIONS: Mapping[str, Distribution] = {
    distribution.name: distribution
    for distribution in (
        Distribution(
            name="debian",
            paths=("/debian",),
            keys="debian-archive-",
            components=("main",),
            updates=False,
            too_old=frozenset({"buster", "bullseye", "bookworm", "trixie"}),
            later=(("sid",), ("forky",)),
        ),
        Distribution(
            name="ubuntu",
            paths=("/ubuntu", "/ubuntu-ports"),
            keys="ubuntu-archive-",
            components=("main", "universe"),
            updates=True,
            too_old=frozenset({"bionic", "focal", "jammy", "noble", "plucky"}),
            later=(("resolute", "resolute-updates"), ("devel",)),
        ),
    )
}


@dataclass(frozen=True, slots=True)
class _Source:
    uris: tuple[str, ...]
    suites: tuple[str, ...]
    components: tuple[str, ...]
    signed_by: str
    origin: Path


def read_os_release(path: Path) -> Mapping[str, str]:
    """Read os-release(5); a file that is not there or not readable has no fields."""
    try:
        text = path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return {}
    pairs = (line.partition("=") for line in text.splitlines() if not line.startswith("#"))
    return {name.strip(): _unquoted(value) for name, sign, value in pairs if sign}


def read_mirror(
    etc_apt: Path,
    distribution: Distribution = DISTRIBUTIONS["debian"],
    *,
    keyrings: Path = _KEYRINGS,
) -> Mirror:
    """Find the distribution's archive among the sources of an apt configuration.

    Never a security or third-party one: what counts is the keyring that the source names,
    else an address that ends like the archive's. Raises ToolError when there is none.
    """
    best: tuple[int, Mirror] | None = None
    for source in _sources(etc_apt):
        rank = _rank(source, distribution)
        if rank is None or (best is not None and best[0] <= rank):
            continue
        uri = next(uri for uri in source.uris if _is_network(uri))
        keyring = source.signed_by or _default_keyring(distribution, keyrings)
        best = rank, Mirror(uri.rstrip("/"), keyring, source.origin)
    if best is None:
        raise ToolError(
            f"The address of {distribution.name.title()}'s package archive is not known.",
            why=f"No source in {etc_apt} names it over http or https, with the component main.",
            hint="Add one as sources.list(5) describes, or make a published interpreter available: "
            "--interpreter-archive FILE or DJDESK_PYTHON_MIRROR.",
        )
    return best[1]


def _rank(source: _Source, distribution: Distribution) -> int | None:
    """How sure it is that a source is the archive (0 is best), or None when it is not."""
    networked = [uri for uri in source.uris if _is_network(uri)]
    releases = [
        suite for suite in source.suites if not re.search(r"/|-(security|backports)", suite)
    ]
    if not networked or not releases or "main" not in source.components:
        return None
    path = urlsplit(networked[0]).path.rstrip("/")
    if path.endswith("-security"):
        return None
    in_place = path.endswith(distribution.paths)
    if source.signed_by.startswith("/"):
        names = [Path(name).name for name in re.split(r"[\s,]+", source.signed_by)]
        official = all(name.startswith(distribution.keys) for name in names)
        return (0 if in_place else 1) if official else None
    if not in_place:
        return None
    return 2 if source.signed_by else 0


def _sources(etc_apt: Path) -> Iterator[_Source]:
    """Every enabled binary source, in the order in which apt reads them."""
    folder = etc_apt / "sources.list.d"
    parts = sorted(folder.iterdir()) if folder.is_dir() else []
    for path in (etc_apt / "sources.list", *parts):
        if not path.is_file() or path.suffix not in {".list", ".sources"}:
            continue
        try:
            text = path.read_text(encoding="utf-8", errors="replace")
        except OSError:
            continue
        yield from (_one_line if path.suffix == ".list" else _stanzas)(text, path)


def _one_line(text: str, origin: Path) -> Iterator[_Source]:
    for line in text.splitlines():
        match = _ONE_LINE.fullmatch(re.sub(r"(^|\s)#.*", "", line).strip())
        if match is None:
            continue
        options = dict(
            word.split("=", 1) for word in (match["options"] or "").split() if "=" in word
        )
        yield _Source(
            uris=(match["uri"],),
            suites=(match["suite"],),
            components=tuple((match["components"] or "").split()),
            signed_by=options.get("signed-by", ""),
            origin=origin,
        )


def _stanzas(text: str, origin: Path) -> Iterator[_Source]:
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    for stanza in re.split(r"\n(?:[ \t]*\n)+", "\n".join(lines)):
        fields = _fields(stanza)
        enabled = fields.get("enabled", "yes").strip().lower() not in _DISABLED
        if enabled and "deb" in fields.get("types", "").split():
            yield _Source(
                uris=tuple(fields.get("uris", "").split()),
                suites=tuple(fields.get("suites", "").split()),
                components=tuple(fields.get("components", "").split()),
                signed_by=fields.get("signed-by", "").rstrip(),
                origin=origin,
            )


def _fields(stanza: str) -> dict[str, str]:
    """Fields of one stanza by lower-case name; later lines keep their line breaks."""
    fields: dict[str, str] = {}
    name = ""
    for line in stanza.splitlines():
        if line[:1] in {" ", "\t"} and name:
            fields[name] += "\n" + line[1:]
        elif match := _FIELD.match(line):
            name = match["name"].lower()
            fields[name] = match["value"]
    return fields


def _default_keyring(distribution: Distribution, keyrings: Path) -> str | None:
    for suffix in (".gpg", ".pgp"):
        path = keyrings / f"{distribution.keys}keyring{suffix}"
        if path.is_file():
            return str(path)
    return None


def _is_network(uri: str) -> bool:
    return uri.partition(":")[0].lower() in _NETWORK_SCHEMES


def _unquoted(value: str) -> str:
    try:
        return "".join(shlex.split(value))
    except ValueError:
        return value.strip()
