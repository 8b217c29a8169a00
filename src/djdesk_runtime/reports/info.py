"""The command ``info``: what this bundle is made of, as JSON, without touching anything."""

from __future__ import annotations

import json
import platform
import sqlite3
import sys
from importlib.metadata import distributions
from typing import TYPE_CHECKING, Any

from djdesk_runtime.bundle_info import BundleInfo, read_bundle
from djdesk_runtime.data.folder import locate_data

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Mapping
    from pathlib import Path

    from djdesk_runtime.data.folder import DataFolder


def info(root: Path, options: Namespace, environment: Mapping[str, str]) -> int:
    """Print the facts on standard output."""
    bundle = read_bundle(root)
    data = locate_data(options.data_dir, environment, bundle.identifier)
    sys.stdout.write(json.dumps(facts(bundle, data), indent=2) + "\n")
    return 0


def facts(bundle: BundleInfo, data: DataFolder) -> dict[str, Any]:
    """Return everything `info` prints; folders of the bundle are relative to it."""
    import django

    return {
        "app": {
            "name": bundle.name,
            "identifier": bundle.identifier,
            "version": bundle.version,
            "revision": bundle.revision,
        },
        "target": bundle.target,
        "python": python_facts(bundle),
        "django": django.get_version(),
        "sqlite": sqlite3.sqlite_version,
        "settings_module": bundle.settings_module,
        "source_roots": list(bundle.source_roots),
        "data_dir": str(data.root),
        "distributions": bundled_distributions(bundle.packages),
    }


def python_facts(bundle: BundleInfo) -> dict[str, Any]:
    """Return what runs this, and what the manifest says should."""
    return {
        "version": platform.python_version(),
        "bundled_version": bundle.python_version,
        "provider": bundle.python_provider,
        "executable": sys.executable,
        "prefix": sys.prefix,
        "isolated": bool(sys.flags.isolated),
        "writes_bytecode": not sys.dont_write_bytecode,
        "utf8_mode": bool(sys.flags.utf8_mode),
    }


def bundled_distributions(packages: Path) -> list[dict[str, str]]:
    """Return name and version of every distribution in the folder *packages*, sorted."""
    found = [
        {"name": distribution.name, "version": distribution.version}
        for distribution in distributions(path=[str(packages)])
    ]
    return sorted(found, key=lambda item: item["name"].lower())
