"""A made-up bundle: its manifest, an interpreter's licence and one distribution."""

from __future__ import annotations

from pathlib import Path

from build_support.bundles.manifest import (
    App,
    Files,
    Manifest,
    Python,
    Requirements,
    write_manifest,
)
from tests.unit.build_support.licences.made_up import install
from tests.unit.build_support.signing.made_up import write


def made_bundle(folder: Path) -> Path:
    write(folder, {"python/LICENSE.txt": b"PSF licence", "packages/djdesk_runtime/serve.py": b""})
    install(folder / "packages", "Django", "6.1.3", files={"licenses/LICENSE": "BSD text"})
    manifest = Manifest(
        app=App("My App", "org.example.app", "1.2", "abc1234"),
        target="windows-x86_64",
        python=Python("3.14.10", "python-build-standalone", "cpython.tar.gz", "a" * 64, True),
        settings_module="app.settings",
        source_roots=("app",),
        requirements=Requirements("requirements.lock", "0" * 64, 1),
        inputs="0" * 64,
        files=Files(1, 1, "0" * 64),
        built_with={"djdesk": "0.1.0"},
    )
    write_manifest(manifest, folder)
    return folder
