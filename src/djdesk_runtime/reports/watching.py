"""A server's run, watched: what goes wrong in it is logged and, if so configured, reported."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from djdesk_runtime.reports.crashes import watch_crashes
from djdesk_runtime.reports.masking import keep_secret

if TYPE_CHECKING:
    from collections.abc import Iterator

    from djdesk_runtime.bundle_info import BundleInfo
    from djdesk_runtime.data.folder import DataFolder


@contextmanager
def watched(bundle: BundleInfo, data: DataFolder, *secrets: str) -> Iterator[None]:
    """Watch the process from here on; the block is the server's run with *data*, which exists.

    None of *secrets* gets into a log or report. The hooks stay after the block.
    """
    keep_secret(*secrets)
    watch_crashes(data, f"{bundle.name} {bundle.version}")
    if not bundle.sentry_dsn:
        yield
        return
    from djdesk_runtime.reports.error_reporting import report_failure, start_reporting

    reporting = start_reporting(bundle)
    try:
        yield
    except Exception as error:
        if reporting:
            report_failure(error)
        raise
