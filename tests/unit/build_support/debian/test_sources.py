from __future__ import annotations

from pathlib import Path

import pytest

from build_support.debian.sources import DISTRIBUTIONS, read_mirror, read_os_release
from build_support.errors import ToolError

_KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg"
_KEY_BLOCK = """\
 -----BEGIN PGP PUBLIC KEY BLOCK-----
 .
 mDMEZ
 -----END PGP PUBLIC KEY BLOCK-----
"""
_OFFICIAL = f"""\
Types: deb
# http://mirror.example.org/archive/debian/20260520T000000Z
URIs: http://mirror.example.org/debian/
Suites: bookworm bookworm-updates
Components: main
Signed-By: {_KEYRING}

Types: deb
URIs: http://mirror.example.org/debian-security
Suites: bookworm-security
Components: main
Signed-By: {_KEYRING}
"""


@pytest.fixture
def etc_apt(tmp_path: Path) -> Path:
    (tmp_path / "apt" / "sources.list.d").mkdir(parents=True)
    return tmp_path / "apt"


def _mirror(etc_apt: Path, distribution: str = "debian") -> tuple[str, str | None]:
    mirror = read_mirror(
        etc_apt, DISTRIBUTIONS[distribution], keyrings=etc_apt.parent / "no-keyrings"
    )
    return mirror.uri, mirror.keyring


def _stanzas(etc_apt: Path, text: str, name: str = "debian.sources") -> Path:
    path = etc_apt / "sources.list.d" / name
    path.write_text(text, encoding="utf-8")
    return path


def _lines(etc_apt: Path, text: str) -> Path:
    path = etc_apt / "sources.list"
    path.write_text(text, encoding="utf-8")
    return path


def test_the_archive_of_a_usual_machine(etc_apt: Path) -> None:
    path = _stanzas(etc_apt, _OFFICIAL)
    assert _mirror(etc_apt) == ("http://mirror.example.org/debian", _KEYRING)
    assert read_mirror(etc_apt).origin == path


def test_the_security_archive_alone_is_not_enough(etc_apt: Path) -> None:
    _stanzas(etc_apt, _OFFICIAL.split("\n\n")[1])
    with pytest.raises(ToolError, match="package archive is not known"):
        _mirror(etc_apt)


@pytest.mark.parametrize("value", ["no", "No", "false", "0", "off"])
def test_disabled_stanzas_do_not_count(etc_apt: Path, value: str) -> None:
    _stanzas(etc_apt, _OFFICIAL.replace("Types: deb", f"Enabled: {value}\nTypes: deb"))
    with pytest.raises(ToolError):
        _mirror(etc_apt)


def test_fields_continue_on_further_lines_around_comments(etc_apt: Path) -> None:
    _stanzas(
        etc_apt,
        "types: deb-src\n deb\nURIs:\n# not this\n mirror+file:/etc/apt/mirrors.txt\n"
        "\tcdrom:[Debian]/\n https://one.example.org/debian\n https://two.example.org/debian\n"
        "SUITES: bookworm\nComponents: contrib\n main\n",
    )
    assert _mirror(etc_apt) == ("https://one.example.org/debian", None)


def test_a_key_inside_the_stanza_is_kept_whole(etc_apt: Path) -> None:
    _stanzas(etc_apt, _OFFICIAL.replace(f" {_KEYRING}\n", f"\n{_KEY_BLOCK}", 1))
    _, key = _mirror(etc_apt)
    assert key is not None
    assert key.splitlines() == ["", *(line[1:] for line in _KEY_BLOCK.splitlines())]


def test_sources_only_are_not_enough(etc_apt: Path) -> None:
    _stanzas(etc_apt, _OFFICIAL.replace("Types: deb\n", "Types: deb-src\n"))
    _lines(etc_apt, "deb-src http://mirror.example.org/debian bookworm main\n")
    with pytest.raises(ToolError):
        _mirror(etc_apt)


@pytest.mark.parametrize(
    "line",
    [
        "deb http://mirror.example.org/debian/ bookworm main contrib # the one",
        "  deb   http://mirror.example.org/debian\tbookworm   main",
        "deb [arch=amd64] http://mirror.example.org/debian bookworm main",
        "deb [trusted=yes] http://mirror.example.org/debian bookworm main",
    ],
)
def test_one_line_sources(etc_apt: Path, line: str) -> None:
    _lines(
        etc_apt,
        "# deb http://old.example.org/debian bookworm main\n"
        "deb cdrom:[Debian GNU/Linux 12 _Bookworm_ - Official amd64]/ bookworm main\n"
        "deb http://mirror.example.org/debian-security bookworm-security main\n"
        f"{line}\n",
    )
    assert _mirror(etc_apt) == ("http://mirror.example.org/debian", None)


def test_a_one_line_source_names_its_keyring(etc_apt: Path) -> None:
    _lines(
        etc_apt, f"deb [ arch=amd64 signed-by={_KEYRING} ] http://m.example.org/debian sid main\n"
    )
    assert _mirror(etc_apt) == ("http://m.example.org/debian", _KEYRING)


@pytest.mark.parametrize(
    "third_party",
    [
        "deb [signed-by=/usr/share/keyrings/vendor.gpg] https://vendor.example.org/debian sid main",
        "deb https://vendor.example.org/debian bookworm stable",
        "deb https://vendor.example.org/debian binary/",
        "deb https://vendor.example.org/apt bookworm main",
        "deb http://mirror.example.org/debian bookworm-backports main",
        "deb file:/srv/mirror/debian bookworm main",
    ],
)
def test_third_parties_are_never_taken(etc_apt: Path, third_party: str) -> None:
    _lines(etc_apt, third_party + "\n")
    with pytest.raises(ToolError):
        _mirror(etc_apt)
    _stanzas(etc_apt, _OFFICIAL)
    assert _mirror(etc_apt) == ("http://mirror.example.org/debian", _KEYRING)


def test_the_keyring_tells_the_archive_wherever_it_is(etc_apt: Path) -> None:
    snapshot = "http://snapshot.example.org/archive/debian/20260520T000000Z"
    _stanzas(etc_apt, _OFFICIAL.replace("http://mirror.example.org/debian/", snapshot, 1))
    assert _mirror(etc_apt) == (snapshot, _KEYRING)


def test_a_source_without_a_keyring_gets_the_distributions_own(etc_apt: Path) -> None:
    _lines(etc_apt, "deb http://mirror.example.org/debian bookworm main\n")
    keyrings = etc_apt / "keyrings"
    keyrings.mkdir()
    (keyrings / "debian-archive-keyring.pgp").touch()
    mirror = read_mirror(etc_apt, keyrings=keyrings)
    assert mirror.keyring == str(keyrings / "debian-archive-keyring.pgp")


def test_ubuntu_has_its_own_addresses(etc_apt: Path) -> None:
    _lines(
        etc_apt,
        "deb http://mirror.example.org/debian bookworm main\n"
        "deb http://security.example.org/ubuntu noble-security main\n"
        "deb http://ports.example.org/ubuntu-ports noble main universe\n",
    )
    assert _mirror(etc_apt, "ubuntu") == ("http://ports.example.org/ubuntu-ports", None)


def test_files_that_apt_does_not_read_are_not_read(etc_apt: Path) -> None:
    _stanzas(etc_apt, _OFFICIAL, "debian.sources.disabled")
    with pytest.raises(ToolError) as caught:
        _mirror(etc_apt)
    assert str(etc_apt) in caught.value.why


def test_a_machine_without_apt(tmp_path: Path) -> None:
    with pytest.raises(ToolError):
        _mirror(tmp_path / "none")


@pytest.mark.parametrize(
    ("distribution", "codename", "attempts"),
    [
        ("debian", "bookworm", [("sid",), ("forky",)]),
        ("debian", "forky", [("forky",), ("sid",)]),
        ("debian", "duke", [("duke",), ("sid",), ("forky",)]),
        ("debian", "", [("sid",), ("forky",)]),
        ("ubuntu", "noble", [("resolute", "resolute-updates"), ("devel",)]),
        ("ubuntu", "resolute", [("resolute", "resolute-updates"), ("devel",)]),
    ],
)
def test_the_machines_own_release_is_tried_first(
    distribution: str, codename: str, attempts: list[tuple[str, ...]]
) -> None:
    assert list(DISTRIBUTIONS[distribution].suites(codename)) == attempts


def test_os_release(tmp_path: Path) -> None:
    path = tmp_path / "os-release"
    path.write_text('# a comment\nID=debian\nNAME="Debian GNU/Linux"\nODD=it\'s\n\n', "utf-8")
    assert read_os_release(path) == {"ID": "debian", "NAME": "Debian GNU/Linux", "ODD": "it's"}
    assert read_os_release(tmp_path / "none") == {}
