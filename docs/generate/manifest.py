"""The fields of `bundle.json`, and what each means.

What fields there are is read from the code; a field without a meaning here, or a meaning
without a field, is an error.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from typing import get_type_hints

from build_support.bundles.manifest import SCHEMA, Manifest
from docs.generate.blocks import table

_MEANINGS = {
    "schema": f"{SCHEMA}",
    "app.name": "What people call the application.",
    "app.identifier": "A reversed domain name; names the data folder and the cookies.",
    "app.version": "The project's version.",
    "app.revision": "Short git commit, with `+` when files were changed; `unknown` without git.",
    "target": "For example `windows-x86_64`.",
    "python.version": "The version of CPython.",
    "python.provider": "`python-build-standalone`, or what option B was made from.",
    "python.archive": "The archive's file name.",
    "python.sha256": "Of the archive, or of option B's package versions.",
    "python.redistributable": "Whether the bundle may be given to others.",
    "settings_module": "The project's own.",
    "source_roots": "Folders of the bundle that the project's modules are imported from.",
    "requirements.source": "The lock's file name.",
    "requirements.sha256": "Of the lock.",
    "requirements.count": "How many distributions it puts into a bundle for this target.",
    "inputs": "SHA-256 of everything that decides what the bundle is.",
    "files.count": "How many files, without the three that describe the others.",
    "files.bytes": "Their size together.",
    "files.digest": "SHA-256 of `files.tsv`.",
    "built_with": "What made the bundle, and its version.",
    "desktop.permissions": "What pages may ask for. Without it: `[]`.",
    "desktop.synchronous": "`NORMAL` or `FULL`. Without it: `NORMAL`.",
    "desktop.max_upload": "Bytes that a request may bring, or null for any. Without it: null.",
    "desktop.sentry_dsn": "Where errors are reported to, or null. Without it: null.",
    "desktop.support": "Whom users write to: an e-mail address, an `https` address, or null. "
    "Without it: null.",
}


def bundle_json() -> str:
    """Return the table of all fields."""
    found = ["schema", *paths(Manifest)]
    if odd := set(found) ^ set(_MEANINGS):
        raise ValueError(f"bundle.json and its documentation differ: {sorted(odd)}")
    return table(("field", "meaning"), [(f"`{path}`", _MEANINGS[path]) for path in found])


def paths(shape: type, prefix: str = "") -> Iterator[str]:
    """Yield the fields of a dataclass, those of dataclasses inside it with a dot."""
    types = get_type_hints(shape)
    for field in fields(shape):
        inside = types[field.name]
        if isinstance(inside, type) and is_dataclass(inside):
            yield from paths(inside, f"{prefix}{field.name}.")
        else:
            yield f"{prefix}{field.name}"
