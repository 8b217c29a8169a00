from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from build_support.errors import DownloadError, ProjectError, UnreachableError
from build_support.published.limits import Limits
from build_support.published.pins import PINS_FILE, load_pins
from build_support.published.retry import Retry
from build_support.published.update_pins import read_index, update_pins
from tests.servers import Reply, Server, refusing_port, sequence

if TYPE_CHECKING:
    from tests.unit.build_support.conftest import Said

Update = Callable[..., list[str]]

TRIPLES = [pin.triple for pin in load_pins().assets.values()]
FLAVORS = ["install_only", "install_only_stripped", "freethreaded+install_only_stripped"]


def line(version: str, release: str, triples: list[str] | None = None) -> dict[str, Any]:
    """One line as the published index has them (made by hand after its description)."""
    base = "https://github.com/astral-sh/python-build-standalone/releases/download"
    artifacts = []
    for triple in ["s390x-unknown-linux-gnu", *(TRIPLES if triples is None else triples)]:
        for flavor in FLAVORS:
            name = f"cpython-{version}%2B{release}-{triple}-{flavor.replace('+', '-')}.tar.gz"
            artifacts.append(
                {
                    "platform": triple,
                    "variant": flavor,
                    "url": f"{base}/{release}/{name}",
                    "archive_format": "tar.gz",
                    "sha256": hashlib.sha256(name.encode()).hexdigest(),
                    "unknown": {"more": 1},
                }
            )
    return {
        "version": f"{version}+{release}",
        "date": "2026-11-10T00:00:00Z",
        "artifacts": artifacts,
    }


def index(*lines: dict[str, Any]) -> bytes:
    return "\n".join(json.dumps(each) for each in lines).encode() + b"\n\n"


OTHERS = [line("3.13.9", "20271231"), {"version": "3.15.0rc1+20271231", "artifacts": None}]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    document = json.loads(PINS_FILE.read_text(encoding="utf-8"))
    document["note"] = "kept: ä"
    path = tmp_path / "pins" / "pins.json"
    path.parent.mkdir()
    path.write_text(json.dumps(document), encoding="utf-8")
    return path


@pytest.fixture
def update(path: Path, said: Said) -> Update:
    def update(
        content: bytes, *, version: str | None = None, release: str | None = None
    ) -> list[str]:
        with Server(lambda _: Reply(body=content)) as server:
            return update_pins(
                path,
                version=version,
                release=release,
                reporter=said.reporter,
                index_url=server.url,
            )

    return update


def test_the_newest_complete_build_is_pinned(update: Update, path: Path) -> None:
    builds = [
        line("3.14.11", "20261201"),
        line("3.14.12", "20261202"),
        line("3.14.9", "20261205"),
        line("3.14.12", "20261201"),
    ]
    changes = update(index(*OTHERS, *builds))
    pins = load_pins(path)
    assert (pins.python_version, pins.release) == ("3.14.12", "20261202")
    for pin in pins.assets.values():
        name = f"cpython-3.14.12+20261202-{pin.triple}-install_only_stripped.tar.gz"
        assert pin.file == name
        assert pin.sha256 == hashlib.sha256(name.replace("+", "%2B").encode()).hexdigest()
    assert changes[0] == "CPython 3.14.10 (20261110) -> CPython 3.14.12 (20261202)"
    assert len(changes) == 1 + len(pins.assets)
    assert json.loads(path.read_text(encoding="utf-8"))["note"] == "kept: ä"
    assert [each.name for each in path.parent.iterdir()] == [path.name]


def test_the_same_index_gives_the_same_bytes_and_then_nothing(update: Update, path: Path) -> None:
    content = index(line("3.14.11", "20261201"), line("3.14.10", "20261110"))
    update(content)
    before = (path.read_bytes(), path.stat().st_mtime_ns, path.stat().st_ino)
    assert update(content) == ["Nothing changed: CPython 3.14.11 (20261201) is pinned already."]
    assert (path.read_bytes(), path.stat().st_mtime_ns, path.stat().st_ino) == before
    assert path.read_bytes().endswith(b"}\n")
    assert b"\r" not in path.read_bytes()


def test_a_version_or_release_can_be_asked_for(update: Update, path: Path) -> None:
    content = index(
        line("3.14.8", "20261013"), line("3.14.8", "20261014"), line("3.14.11", "20261201")
    )
    update(content, version="3.14.8")
    assert load_pins(path).release == "20261014"
    update(content, version="3.14.8", release="20261013")
    assert load_pins(path).release == "20261013"
    update(content, release="20261201")
    assert load_pins(path).python_version == "3.14.11"


def test_an_older_index_takes_nothing_back(update: Update, path: Path) -> None:
    before = path.read_bytes()
    assert "which is older" in update(index(line("3.14.9", "20261021")))[0]
    assert path.read_bytes() == before


def test_an_incomplete_build_is_left_out(update: Update, path: Path, said: Said) -> None:
    incomplete = line("3.14.12", "20261202", TRIPLES[1:])
    nulled = line("3.14.13", "20261203")
    for artifact in nulled["artifacts"]:
        artifact["sha256"] = None
    update(index(line("3.14.11", "20261201"), incomplete, nulled))
    assert load_pins(path).python_version == "3.14.11"
    assert "it has nothing for linux-x86_64" in said.text


def test_a_release_known_to_be_bad_is_left_out(update: Update, path: Path, said: Said) -> None:
    bad = line("3.14.12", "20261020")
    update(index(line("3.14.11", "20261201"), bad))
    assert load_pins(path).python_version == "3.14.11"
    assert "perf trampolines" in said.text
    with pytest.raises(ProjectError):
        update(index(bad), release="20261020")


def test_another_hash_of_the_same_release_is_a_warning(
    update: Update, path: Path, said: Said
) -> None:
    changes = update(index(line("3.14.10", "20261110")))
    assert len(changes) == len(load_pins(path).assets)
    assert "Find out why" in said.text


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"<html>", "line 1"),
        (b"[]", "line 1"),
        (b"{}", "line 1"),
        (index({"version": 3}), "line 1"),
        (index(line("3.14.11", "20261201"), {"version": "3.14.12+20261202"}), "line 2"),
        (index({"version": "3.14.12+20261202", "artifacts": [1]}), "line 1"),
        (index({"version": "3.14.12+20261202", "artifacts": [{"url": "x"}]}), "line 1"),
        (b'{"version": "\xff"}', "line 1"),
    ],
)
def test_a_malformed_index_changes_nothing(
    update: Update, path: Path, content: bytes, reason: str
) -> None:
    before = path.read_bytes()
    with pytest.raises(DownloadError, match="cannot be understood") as caught:
        update(content)
    assert reason in caught.value.why
    assert path.read_bytes() == before


@pytest.mark.parametrize("content", [b"", index(*OTHERS)])
def test_an_index_without_our_line(update: Update, content: bytes) -> None:
    with pytest.raises(ProjectError, match=r"no usable build of CPython 3\.14"):
        update(content)


def test_a_version_that_is_not_there(update: Update) -> None:
    with pytest.raises(ProjectError, match=r"3\.14\.99 20261201") as caught:
        update(index(line("3.14.11", "20261201")), version="3.14.99", release="20261201")
    assert "CPython 3.14.11 (20261201)" in caught.value.why


def test_the_index_is_asked_for_again(path: Path, said: Said) -> None:
    pauses: list[float] = []
    good = Reply(body=index(line("3.14.11", "20261201")))
    with Server(sequence(Reply(503, {"Retry-After": "3"}), good)) as server:
        update_pins(path, reporter=said.reporter, index_url=server.url, sleep=pauses.append)
    assert pauses == [3.0]
    assert load_pins(path).python_version == "3.14.11"


def test_an_index_that_cannot_be_had(path: Path, said: Said) -> None:
    with Server(lambda _: Reply(404)) as server, pytest.raises(DownloadError) as caught:
        update_pins(path, reporter=said.reporter, index_url=server.url)
    assert type(caught.value) is DownloadError
    with refusing_port() as port, pytest.raises(UnreachableError):
        update_pins(
            path,
            reporter=said.reporter,
            index_url=f"http://127.0.0.1:{port}",
            retry=Retry(connect_attempts=1),
        )


def test_an_endless_index_is_cut(said: Said) -> None:
    endless = Reply(body=bytes(1000), unsized=True)
    with Server(lambda _: endless) as server, pytest.raises(DownloadError) as caught:
        read_index(
            server.url,
            reporter=said.reporter,
            retry=Retry(),
            sleep=lambda _: None,
            limits=Limits(size=999),
        )
    assert "more than 999 bytes" in caught.value.why


def test_an_index_in_a_file(path: Path, tmp_path: Path, said: Said) -> None:
    file = tmp_path / "index.ndjson"
    file.write_bytes(index(line("3.14.11", "20261201")))
    assert update_pins(path, reporter=said.reporter, index_url=file.as_uri())
