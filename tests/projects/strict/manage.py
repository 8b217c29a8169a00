"""Run a management command of a project with rules of its own, which tests bundle."""

import os
import sys
from pathlib import Path

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "strict.settings")
    sys.path.insert(0, str(Path(__file__).resolve().parent / "src"))
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)
