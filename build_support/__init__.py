"""Build time: turns a Django project and a CPython archive into a bundle.

Runs on the Python that runs nox (3.11 and newer), because it must work before any
CPython 3.14 exists on the machine.
"""

from __future__ import annotations

from pathlib import Path

__version__ = "0.1.0"

#: The folder of this checkout.
ROOT = Path(__file__).resolve().parents[1]
