"""What electron-builder makes of a packed application, looked into where that can be done here."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from build_support.errors import ProjectError
from build_support.packages import builder, inside
from build_support.packages.formats import Format
from build_support.packages.layout import application_in, bundle_beside, has_modes
from build_support.packages.opening import OPENERS, Application, unpacked_app_image
from build_support.packages.order import Order
from build_support.reporter import Reporter
from build_support.target import host_target

#: What electron-builder puts into a packed folder while it makes an installer of it.
_ONLY_IN_INSTALLERS = ("resources/apparmor-profile",)
_LOOKED_INTO = {
    **{name: OPENERS[name] for name in ("deb", "rpm", "dmg")},
    "AppImage": unpacked_app_image,
}


def make_installers(
    order: Order,
    bench: builder.Bench,
    configuration: Mapping[str, Any],
    folder: Path,
    reporter: Reporter,
) -> dict[str, Path]:
    """Let electron-builder make what it makes of the packed folder; return it by format.

    Raises ToolError when it fails, ProjectError when it did not make what it was to make.
    """
    built = [each for each in order.formats if each.built]
    if not built:
        return {}
    names = [each.name for each in built]
    with reporter.step(f"Make {', '.join(names)}"):
        builder.build_installers(
            bench, configuration, names, application_in(folder, order.target.system)
        )
    for name in _ONLY_IN_INSTALLERS:
        (folder / name).unlink(missing_ok=True)
    return {each.name: _find(folder.parent, order.stem, each) for each in built}


def look_into(order: Order, bundle: Path, files: Mapping[str, Path], reporter: Reporter) -> None:
    """Compare the bundle inside each installer with the one that it was made from.

    Not of one for Windows, which would have to be installed: the session `smoke` does that.
    Raises VerificationError that names what differs.
    """
    system = order.target.system
    application = Application(system, order.publication.slug)
    for kind, file in files.items():
        # An AppImage is unpacked by the program at its head, which runs on its own processor.
        if kind not in _LOOKED_INTO or (kind == "AppImage" and order.target != host_target()):
            continue
        with (
            reporter.step(f"Look into {file.name}"),
            TemporaryDirectory(prefix="djdesk-", ignore_cleanup_errors=True) as scratch,
            _LOOKED_INTO[kind](file, application, Path(scratch)) as opened,
        ):
            found = bundle_beside(opened.program, system)
            inside.check_folder(bundle, found, modes=has_modes())


def _find(built: Path, name: str, wanted: Format) -> Path:
    file = built / f"{name}{wanted.suffix}"
    if not file.is_file():
        found = ", ".join(sorted(path.name for path in built.iterdir())) or "nothing"
        raise ProjectError(f"electron-builder did not make {file.name}.", why=f"There is: {found}.")
    return file
