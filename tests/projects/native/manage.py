"""Run a management command of a second project, which tests bundle with ``--project``."""

import os
import sys
from pathlib import Path

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "native.settings")
    sys.path.insert(0, str(Path(__file__).resolve().parent / "src"))
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)
