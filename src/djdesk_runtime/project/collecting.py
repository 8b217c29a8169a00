"""The command ``collect-static``, for builds: collectstatic, and what is wrong in its files.

Before that it tells which paths the settings name, because what is missing of these may be why
collectstatic fails.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from djdesk_runtime.bundle_info import read_bundle
from djdesk_runtime.data.folder import throw_away_data
from djdesk_runtime.project.loading import enter, load_project
from djdesk_runtime.project.settings_paths import settings_paths

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Mapping


def collect_static(root: Path, options: Namespace, environment: Mapping[str, str]) -> int:  # noqa: ARG001
    """Collect the static files of the bundle in *root*, which is under construction.

    Writes the paths that the settings name and a report to the files that *options* name. Returns
    0; raises what collectstatic raises.
    """
    bundle = read_bundle(root)
    with throw_away_data() as data:
        enter(bundle, data)
        load_project(bundle, data)
        from django.conf import settings

        named = json.dumps(settings_paths(settings))
        Path(options.settings_paths).write_text(named, encoding="utf-8")
        report = collect()
    Path(options.report).write_text(json.dumps(report), encoding="utf-8")
    return 0


def collect() -> dict[str, Any]:
    """Collect the static files of the project, which is loaded; return what is wrong in them.

    A project without the application ``staticfiles`` has none.
    """
    from django.apps import apps
    from django.contrib.staticfiles.storage import staticfiles_storage
    from django.core.management import call_command

    from djdesk_runtime.project.static_storage import BundledFiles

    # LazyObject passes on what it is asked for.
    storage = cast("BundledFiles", staticfiles_storage)
    if apps.is_installed("django.contrib.staticfiles"):
        call_command("collectstatic", interactive=False, verbosity=0)
    else:
        cast("Any", storage).save_manifest()
    return {
        "strict": storage.own_is_hashed,
        "defects": [asdict(defect) for defect in storage.defects],
    }
