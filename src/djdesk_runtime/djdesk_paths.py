"""Let every process of the bundle's interpreter import what the application imports.

It is in the interpreter's own site folder, where ``djdesk.pth`` calls it: so ``site`` does, in each
process that is not started with ``-S``. Programs that are not this interpreter see nothing of it.
"""

import io
import os
import site
import sys

SETTINGS_MODULE = "djdesk_runtime.settings"


def add_packages(folder: str) -> None:
    """Make modules in *folder*, relative to this file's, importable, as ``run_django.py`` does.

    The folder of packages that the user has installed for a Python of this series is not searched.
    Django's settings are those of the bundle, also for the project's ``manage.py``.
    """
    here = os.path.dirname(os.path.abspath(__file__))  # noqa: PTH100, PTH120 - pathlib takes long
    users = site.USER_SITE
    sys.path[:] = [entry for entry in sys.path if entry != users]
    site.addsitedir(os.path.normpath(os.path.join(here, folder)))  # noqa: PTH118
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", SETTINGS_MODULE)
    speak_utf8()


def speak_utf8() -> None:
    """Let the standard streams be UTF-8, as a parent in UTF-8 mode reads and writes them.

    The mode itself cannot be switched on any more.
    """
    if sys.flags.utf8_mode or (
        os.environ.get("PYTHONIOENCODING") and not sys.flags.ignore_environment
    ):
        return
    for stream in (sys.stdin, sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # None in Windows programs without a console
            stream.reconfigure(encoding="utf-8", errors=stream.errors)
