from __future__ import annotations

from pathlib import Path

import pytest

from build_support.errors import ProjectError
from build_support.packages.checkout import Checkout
from build_support.packages.draft import draft_release, notes_of, tag_of
from build_support.packages.manifest import BESIDE_SUFFIX, with_files, write_package_manifest
from build_support.packages.products import write_all_sums
from build_support.signing.commands import Command
from tests.unit.build_support.packages.made_up import manifest

CHANGELOG = """\
# Changelog

## Unreleased

Nothing.

## [1.1.0-rc.1] - 2026-11-20

### Added

- Ponds.

## v1.0.0

- Gardens.
"""


def checkout(*tags: str) -> Checkout:
    return Checkout("abc1234", tags, ())


def drafted(folder: Path, version: str, *tags: str) -> Command:
    """Return the command that drafts a release of one made-up package."""
    dist = folder / "dist"
    dist.mkdir()
    archive = dist / "notes.zip"
    archive.write_bytes(b"notes")
    made = with_files(manifest(version=version), [archive])
    write_package_manifest(made, dist / f"notes{BESIDE_SUFFIX}")
    write_all_sums(dist)
    (folder / "CHANGELOG.md").write_text(CHANGELOG, encoding="utf-8")
    seen: list[Command] = []

    def runner(command: Command) -> str:
        seen.append(command)
        return "https://example.org/draft\n"

    said = draft_release(dist, folder, checkout(*tags), runner)
    assert said == "https://example.org/draft"
    (command,) = seen
    return command


def test_the_words_for_a_version_with_notes(tmp_path: Path) -> None:
    command = drafted(tmp_path, "1.0.0", "v1.0.0")
    dist = tmp_path / "dist"
    assert command.words == (
        *("gh", "release", "create", "v1.0.0", "--draft", "--verify-tag"),
        *("--title", "Notes 1.0.0", "--notes-file", "-"),
        *(str(dist / name) for name in ("notes.package.json", "notes.zip", "SHA256SUMS")),
    )
    assert command.script == "- Gardens."


def test_a_version_before_a_version_is_marked(tmp_path: Path) -> None:
    command = drafted(tmp_path, "1.1.0-rc.1", "1.1.0-rc.1")
    assert "--prerelease" in command.words
    assert command.script == "### Added\n\n- Ponds."


def test_without_notes_the_changes_are_listed(tmp_path: Path) -> None:
    command = drafted(tmp_path, "2.0.0", "v2.0.0")
    assert "--generate-notes" in command.words
    assert "--notes-file" not in command.words


def test_a_commit_without_the_tag_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ProjectError, match=r"no tag for the version 1\.0\.0") as caught:
        drafted(tmp_path, "1.0.0", "v1.0.1")
    assert "v1.0.1" in caught.value.why
    assert tag_of(checkout("other", "1.0.0"), "1.0.0") == "1.0.0"


@pytest.mark.parametrize(
    ("changelog", "version"), [("", "1.0.0"), (CHANGELOG, "1.0"), ("## 1.0.0", "1.0.0")]
)
def test_no_notes(changelog: str, version: str) -> None:
    assert notes_of(changelog, version) == ""
