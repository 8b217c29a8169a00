"""Run a management command on the source tree: ``python manage.py runserver``."""

import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent


def main() -> None:
    """Run the command named in ``sys.argv`` with the development settings."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "djdesk.settings.dev")
    # The project is used from its source tree; nobody has to install it first.
    sys.path.insert(0, str(ROOT / "src"))
    # SQLite creates its file but not the folder around it. Settings must not touch the disk.
    (ROOT / "data").mkdir(exist_ok=True)
    try:
        from django.core.management import execute_from_command_line
    except ModuleNotFoundError as error:
        if error.name != "django":
            raise
        sys.exit(
            f"Django is not installed for {sys.executable}.\n"
            "Install the project's dependencies into this Python, then run the command again:\n"
            "    python -m pip install --requirement requirements.lock"
        )
    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
