"""Start the application of the bundle this file lies in: ``run_django.py <command>``.

Meant to be started by the bundle's own interpreter with ``-I -B -X utf8 -X disable-remote-debug``.
Under ``-I`` the folder of the script is not searched for modules, so this file says where they are.
"""

import site
import sys
from pathlib import Path

# The oldest Python whose syntax and library the runtime keeps to; a bundle ships a newer one.
OLDEST_PYTHON = (3, 13)


def use_packages(packages: Path) -> None:
    """Let modules come from the standard library, then *packages*, and from nowhere else.

    An interpreter's own site folder is dropped, so what it holds cannot change what runs, and so
    is what the path file in it has added: it may name the same folders in another way. The
    project's folders are added by the runtime, which reads them from ``bundle.json``.
    """
    sys.path[:] = [
        entry
        for entry in sys.path
        if Path(entry).name not in {"site-packages", "dist-packages"}
        and not is_same(Path(entry), packages)
    ]
    site.addsitedir(str(packages))


def is_same(path: Path, other: Path) -> bool:
    """Tell whether two paths lead to the same folder."""
    try:
        return path.samefile(other)
    except OSError:  # one of them is not there
        return False


def start() -> int:
    """Run the command given on the command line and return its exit code."""
    if sys.version_info < OLDEST_PYTHON:
        sys.stderr.write(
            f"This application needs Python {OLDEST_PYTHON[0]}.{OLDEST_PYTHON[1]} or newer, and "
            f"was started by Python {sys.version_info[0]}.{sys.version_info[1]} "
            f"({sys.executable}).\n"
            "Start it with the interpreter in the folder 'python' beside this file.\n"
        )
        return 3
    bundle = Path(__file__).absolute().parent
    use_packages(bundle / "packages")
    try:
        from djdesk_runtime import main
    except ModuleNotFoundError as error:
        sys.stderr.write(
            f"The application is damaged: {error} (looked in {bundle / 'packages'}).\n"
            "Install the application again.\n"
        )
        return 3
    return main(bundle=bundle, argv=sys.argv[1:])


if __name__ == "__main__":
    sys.exit(start())
