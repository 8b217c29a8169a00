"""The command ``serve``: from nothing to a page, and back, in one process."""

from __future__ import annotations

import logging
import threading
from typing import TYPE_CHECKING

from djdesk_runtime.bundle_info import read_bundle
from djdesk_runtime.data.folder import locate_data, prepare_data
from djdesk_runtime.errors import DjdeskError
from djdesk_runtime.project.loading import enter, load_application, load_project
from djdesk_runtime.serving.events import EventChannel, claim_standard_output
from djdesk_runtime.serving.server import Server, bind_loopback
from djdesk_runtime.serving.stopping import StopRequest, claim_standard_input, stop_at_end_of

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Mapping
    from pathlib import Path

    from djdesk_runtime.bundle_info import BundleInfo
    from djdesk_runtime.data.folder import DataFolder

log = logging.getLogger(__name__)


def serve(root: Path, options: Namespace, environment: Mapping[str, str]) -> int:
    """Serve the bundle in *root* until asked to stop; failures are told as an event too.

    Returns 0, or 1 for an unexpected failure, which goes to the log with its traceback.
    """
    channel = claim_standard_output()
    data: DataFolder | None = None
    try:
        bundle = read_bundle(root)
        data = locate_data(options.data_dir, environment, bundle.identifier)
        serve_bundle(bundle, data, options, channel)
    except DjdeskError as error:
        channel.failed(str(error), data)
        raise
    except Exception as error:
        log.exception("the server failed")
        channel.failed(f"{type(error).__name__}: {error}", data)
        return 1
    return 0


def serve_bundle(
    bundle: BundleInfo, data: DataFolder, options: Namespace, channel: EventChannel
) -> None:
    """Start, serve and stop. The port is taken first: if it cannot be had, nothing is touched."""
    listener = bind_loopback(options.port)
    stop = StopRequest()
    if options.watch_stdin:
        stop_at_end_of(claim_standard_input(), stop)
    enter(bundle, prepare_data(data))
    load_project(bundle, data)
    from djdesk_runtime.data.migrations import close_databases, update_databases

    # From here on a signal does not interrupt: a migration under way is finished.
    stop.obey_signals()
    update_databases(channel.progress)
    application = load_application(bundle, data)
    if stop.asked:
        return
    server = Server(application, listener)
    channel.ready(server.url, server.port)
    log.info("%s %s serves %s", bundle.name, bundle.version, server.url)
    if options.open_browser:
        open_browser(server.url)
    server.run(stop)
    close_databases()
    log.info("stopped")


def open_browser(url: str) -> None:
    """Show *url* in the user's browser; one that runs in the terminal would block."""
    import webbrowser

    threading.Thread(target=webbrowser.open, args=(url,), daemon=True).start()
