"""What may be given to others, and what may not. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from build_support.errors import UsageError
from build_support.target import System

#: Systems that warn their users of an application that is not signed.
_SIGNED: tuple[System, ...] = ("macos", "windows")


@dataclass(frozen=True, slots=True)
class ReleaseFacts:
    """What a release is judged by.

    `changes` are files that git says were changed or are new; `commit` is empty where git
    knows nothing. `tags` are those of the commit. `electron` is a folder that was named in place of
    the pinned archive, if any.
    """

    system: System
    version: str
    redistributable: bool
    provider: str
    commit: str
    bundled_revision: str
    changes: Sequence[str]
    tags: Sequence[str]
    signed: bool
    unsigned_wanted: bool
    electron: str


_SHOWN_CHANGES = 10


def check_release(facts: ReleaseFacts) -> None:
    """Refuse to make a release of what is none. Raises UsageError with every reason."""
    problems = list(_problems(facts))
    if problems:
        raise UsageError(
            "This is no release.",
            why="\n".join(why for why, _ in problems),
            hint="\n".join(dict.fromkeys(hint for _, hint in problems)),
        )


def _problems(facts: ReleaseFacts) -> list[tuple[str, str]]:
    """Return what is wrong, each with what to do about it."""
    found = []
    if not facts.redistributable:
        found.append(
            (
                f"Its interpreter ({facts.provider}) may not be given to others.",
                "Use the published interpreter: --interpreter published",
            )
        )
    if not facts.commit:
        found.append(("git does not know which commit this is.", "Build from a git checkout."))
    if facts.changes:
        more = len(facts.changes) - _SHOWN_CHANGES
        names = ", ".join(facts.changes[:_SHOWN_CHANGES]) + (
            f" and {more} more" if more > 0 else ""
        )
        found.append((f"There are changes that are not committed: {names}.", "Commit them."))
    elif facts.commit and facts.bundled_revision not in {facts.commit, "unknown"}:
        found.append(
            (
                f"The bundle was made from {facts.bundled_revision}, and this is {facts.commit}.",
                "Make the bundle anew.",
            )
        )
    if facts.commit and not {facts.version, f"v{facts.version}"} & set(facts.tags):
        tags = ", ".join(facts.tags) or "none"
        found.append(
            (
                f"The version is {facts.version}, and the commit's tags are: {tags}.",
                f"Tag it: git tag v{facts.version}",
            )
        )
    if facts.system in _SIGNED and not facts.signed and not facts.unsigned_wanted:
        found.append(
            (
                f"It would not be signed, and {facts.system} warns of such applications.",
                "Set the variables for signing (docs), or say --unsigned.",
            )
        )
    if facts.electron:
        found.append(
            (
                f"Its Electron is the one in {facts.electron}, of which nobody knows the SHA-256.",
                "Leave out --electron-dist and ELECTRON_OVERRIDE_DIST_PATH.",
            )
        )
    return found


def check_wish(*, rehearse: bool, release: bool) -> None:
    """Refuse a rehearsal that is a release. Raises UsageError."""
    if rehearse and release:
        raise UsageError(
            "A rehearsal cannot be a release.",
            why="It may hold an interpreter and an Electron that nobody may be given.",
            hint="Leave out --rehearse, or --release (and DJDESK_RELEASE).",
        )
