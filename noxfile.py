#!/usr/bin/env -S uv run --script
# /// script
# requires-python = ">=3.11"
# dependencies = [
#     "cyclonedx-python-lib[json-validation]==11.12.0",
#     "filelock==4.2.11",
#     "httpx==0.28.1",
#     "nox[uv]>=2026.8.10",
#     "packaging>=24.2",
#     "pathspec==1.1.1",
#     "pillow==13.0.0",
#     "platformdirs==4.14.7",
#     "resvg-py==0.5.0",
#     "rich==15.0.0",
#     "uv==0.13.9",
# ]
# ///
"""Every task of DJDesk. `nox -l` lists them; `nox -s bundle -- --help` explains one."""

from __future__ import annotations

import sys
from pathlib import Path

import nox

# nox does not put this folder on the path when it is started by its console script.
sys.path.insert(0, str(Path(__file__).resolve().parent))

from build_support.command_line.names import unknown_sessions
from build_support.commands import run_session

nox.needs_version = ">=2026.8.10"
nox.options.default_venv_backend = "uv|virtualenv"
nox.options.download_python = "never"
nox.options.sessions = ["lint", "tests"]


@nox.session(name="fetch-interpreter", python=False)
def fetch_interpreter(session: nox.Session) -> None:
    """Download and prepare the relocatable CPython of a target."""
    run_session(session)


@nox.session(python=False)
def bundle(session: nox.Session) -> None:
    """Make the bundle: CPython, packages, project and static files in one folder."""
    run_session(session)


@nox.session(python=False)
def verify(session: nox.Session) -> None:
    """Check that the bundle works elsewhere, read-only and alone, as an end user has it."""
    run_session(session)


@nox.session(python=False)
def run(session: nox.Session) -> None:
    """Open the bundle in a window, or with --browser in the browser."""
    run_session(session)


@nox.session(python=False)
def dev(session: nox.Session) -> None:
    """Open the source tree in a window: Django's own server, with autoreload."""
    run_session(session)


@nox.session(name="package-linux", python=False)
def package_linux(session: nox.Session) -> None:
    """Make what people download for Linux: AppImage, deb, rpm, archives."""
    run_session(session)


@nox.session(name="package-macos", python=False)
def package_macos(session: nox.Session) -> None:
    """Make what people download for macOS: disk image, archive."""
    run_session(session)


@nox.session(name="package-windows", python=False)
def package_windows(session: nox.Session) -> None:
    """Make what people download for Windows: installer, archive."""
    run_session(session)


@nox.session(python=False)
def smoke(session: nox.Session) -> None:
    """Start finished packages, and see that each works."""
    run_session(session)


@nox.session(name="check-release", python=False)
def check_release(session: nox.Session) -> None:
    """Check packages before they are published, and write their checksums."""
    run_session(session)


@nox.session(name="draft-release", python=False)
def draft_release(session: nox.Session) -> None:
    """Put checked packages into a draft of a release on GitHub."""
    run_session(session)


@nox.session(python=False)
def doctor(session: nox.Session) -> None:
    """Show what this machine can do, and how to get what is missing."""
    run_session(session)


@nox.session(python=False)
def bench(session: nox.Session) -> None:
    """Measure builds and the bundle, each beside what it is compared with."""
    run_session(session)


@nox.session(name="first-contact", python=False)
def first_contact(session: nox.Session) -> None:
    """Build, verify, package and start the example, and note what this machine shows."""
    run_session(session)


@nox.session(python=False)
def clean(session: nox.Session) -> None:
    """Delete what builds have made; with --cache also the downloads."""
    run_session(session)


@nox.session(name="update-pins", python=False)
def update_pins(session: nox.Session) -> None:
    """Pin the newest published CPython 3.14, and say what changed."""
    run_session(session)


@nox.session(python=False, tags=["check"])
def tests(session: nox.Session) -> None:
    """Run all tests on CPython 3.14 and Node, and the build's own on this Python as well."""
    run_session(session)


@nox.session(python=False, tags=["check"])
def e2e(session: nox.Session) -> None:
    """Use a real bundle in a real Electron, as a user would."""
    run_session(session)


@nox.session(python=False, tags=["check"])
def lint(session: nox.Session) -> None:
    """Check style and types: ruff, mypy, eslint and tsc, all strict."""
    run_session(session)


@nox.session(python=False, tags=["check"])
def docs(session: nox.Session) -> None:
    """Build the documentation, its reference from this code, without a warning."""
    run_session(session)


# nox says which it did not find, and not what was meant.
for line in unknown_sessions(sys.argv[1:], nox.registry.get()):
    sys.stderr.write(f"error  {line}\n  Next: nox -l lists all sessions.\n")

if __name__ == "__main__":
    nox.main()
