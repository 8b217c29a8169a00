"""Stand-ins for tools of package formats that no package index has, for electron-builder."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path

from build_support.target import Target
from tests import needs

_HERE = Path(__file__).parent
_RUNTIME = _HERE / "appimage-runtime.sh"
_RUNTIME_BYTES = 4096
_PROGRAMS = ("dpkg-deb", "rpmbuild", "rpm2cpio", "cpio")
_APPIMAGE_PROGRAMS = ("mksquashfs", "desktop-file-validate")
_PACKAGES = "dpkg rpm cpio squashfs-tools desktop-file-utils"
#: electron-builder's names of processors (app-builder-lib 26.17, out/toolsets/linux.js).
_MACHINES = {"x86_64": "x64", "arm64": "arm64"}


def linux_tools(folder: Path, target: Target) -> Mapping[str, str]:
    """Return the variables by which electron-builder makes deb, rpm and AppImage here.

    Skips the test where the distribution's programs for that are missing.
    """
    for program in (*_PROGRAMS, *_APPIMAGE_PROGRAMS, "unsquashfs"):
        if not shutil.which(program):
            needs.skip("packages", f"{program} is needed (Debian: apt-get install {_PACKAGES})")
    machine = _MACHINES[target.machine]
    for name in ("runtimes", f"lib/{machine}"):
        (folder / name).mkdir(parents=True)
    for program in _APPIMAGE_PROGRAMS:
        (folder / program).symlink_to(str(shutil.which(program)))
    script = _RUNTIME.read_bytes().replace(b"SIZE\n", b"%d\n" % _RUNTIME_BYTES)
    (folder / "runtimes" / f"runtime-{machine}").write_bytes(script.ljust(_RUNTIME_BYTES, b"\n"))
    return {"CUSTOM_FPM_PATH": str(_HERE / "fpm.py"), "APPIMAGE_TOOLS_PATH": str(folder)}
