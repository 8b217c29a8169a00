"""Pins files for archives that tests make."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from build_support import digest
from build_support.published.pins import PINS_FILE


def write_pins(file: Path, archives: Mapping[str, Path]) -> Path:
    """Write the built-in pins with other archives for some targets, by the targets' names.

    The other targets keep their pins, so that this machine's own interpreter is found.
    """
    document = json.loads(PINS_FILE.read_text(encoding="utf-8"))
    for target, archive in archives.items():
        document["assets"][target] |= {"file": archive.name, "sha256": digest.of_file(archive)}
    file.write_text(json.dumps(document), encoding="utf-8")
    return file
