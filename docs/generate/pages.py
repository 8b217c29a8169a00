"""The pages that have generated tables, and who makes which."""

from __future__ import annotations

from pathlib import Path

from docs.generate import blocks, commands, exit_codes, formats, keys, manifest, sessions, variables

DOCS = Path(__file__).resolve().parents[1]
PAGES = tuple(page for page in sorted(DOCS.rglob("*.md")) if blocks.names(page.read_text("utf-8")))

MAKERS = {
    "project-keys": keys.project_keys,
    "project-example": keys.example,
    "permissions": keys.permissions,
    "sessions": sessions.sessions,
    "bundle-json": manifest.bundle_json,
    "bundle-commands": commands.bundle_commands,
    "build-variables": variables.build_variables,
    "signing-variables": variables.signing_variables,
    "run-variables": variables.run_variables,
    "passed-variables": variables.passed_variables,
    "formats": formats.formats,
    "format-tools": formats.tools,
    "exit-codes": exit_codes.exit_codes,
}


def current(path: Path) -> str:
    """Return a page as it is."""
    return path.read_text(encoding="utf-8")


def generated(path: Path) -> str:
    """Return a page as it has to be."""
    return blocks.fill(current(path), MAKERS)
