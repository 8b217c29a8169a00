"""Run a management command of a second project, which tests bundle with ``--project``."""

import os
import sys

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "garden.settings")
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)
