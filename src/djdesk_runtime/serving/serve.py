"""The command ``serve``: from nothing to a page, and back, in one process."""

from __future__ import annotations

import gc
import logging
import sys
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from djdesk_runtime.bundle_info import read_bundle
from djdesk_runtime.data.connections import close_databases
from djdesk_runtime.data.folder import locate_data, prepare_data
from djdesk_runtime.data.last_port import last_port, record_server
from djdesk_runtime.data.lock import lock_data
from djdesk_runtime.data.progress import progress_lines, reporting, signs_of_life
from djdesk_runtime.data.recovery import recover_data
from djdesk_runtime.data.waiting import WaitCancelledError
from djdesk_runtime.errors import DjdeskError
from djdesk_runtime.project.loading import enter, load_application, load_project
from djdesk_runtime.project.overlay import cookie_name
from djdesk_runtime.project.working_folder import prepare_working_folder
from djdesk_runtime.reports.watching import watched
from djdesk_runtime.serving.access import grant_access, proof_of
from djdesk_runtime.serving.browser import forget_link, open_browser
from djdesk_runtime.serving.events import EventChannel, claim_standard_output
from djdesk_runtime.serving.gate import Gate
from djdesk_runtime.serving.listening import listen, listen_on_given
from djdesk_runtime.serving.parsing import ChannelPolicy
from djdesk_runtime.serving.programs import keep_programs, let_programs_go
from djdesk_runtime.serving.server import Server
from djdesk_runtime.serving.shell import hear_shell
from djdesk_runtime.serving.start_line import StartLine
from djdesk_runtime.serving.stopping import StopRequest, leave_without_teardown, work_is_done
from djdesk_runtime.serving.uploads import UploadLimits, delete_unfinished

if TYPE_CHECKING:
    import socket
    from argparse import Namespace
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from _typeshed.wsgi import WSGIApplication

    from djdesk_runtime.bundle_info import BundleInfo
    from djdesk_runtime.data.folder import DataFolder
    from djdesk_runtime.data.progress import Progress
    from djdesk_runtime.serving.access import Access

COOKIE = "djdesk"

# How long what the project leaves running may take to end after the server has, in seconds.
LEFTOVERS_END = 3.0

# How long a server whose shell is gone may take to let go of the data, in seconds.
PREDECESSOR_ENDS = 3.0

# What the process has until it ends, however it ends: this is never closed.
HELD = ExitStack()

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Launch:
    """What a start is about: what is served to whom, and who is told."""

    bundle: BundleInfo
    data: DataFolder
    options: Namespace
    start_line: StartLine
    stop: StopRequest
    channel: EventChannel


def serve(root: Path, options: Namespace, environment: Mapping[str, str]) -> int:
    """Serve the bundle in *root* until asked to stop; failures are told as an event too.

    Returns 0, or 1 for an unexpected failure, which goes to the log with its traceback.
    """
    leave_without_teardown()
    channel = claim_standard_output()
    data: DataFolder | None = None
    try:
        bundle = read_bundle(root)
        stop = StopRequest()
        start_line = hear_shell(stop) if options.shell else StartLine()
        if start_line is None:
            return 0
        folder = start_line.data_dir or options.data_dir
        data = locate_data(folder, environment, bundle.identifier)
        launch(Launch(bundle, data, options, start_line, stop, channel))
    except DjdeskError as error:
        channel.failed(str(error), data, error.exit_code)
        work_is_done(error.exit_code, LEFTOVERS_END)
        raise
    except Exception as error:
        log.exception("the server failed")
        channel.failed(f"{type(error).__name__}: {error}", data, 1)
        work_is_done(1, LEFTOVERS_END)
        return 1
    work_is_done(0, LEFTOVERS_END)
    return 0


def launch(this: Launch) -> None:
    """Start, serve and stop."""
    bundle, data, start_line = this.bundle, this.data, this.start_line
    listener = take_data_and_port(this)
    port = listener.getsockname()[1]
    access = grant_access(port, cookie_name(bundle.identifier, COOKIE), start_line.token)
    secrets = (access.token, access.cookie, access.link_key, start_line.nonce)
    with watched(bundle, data, *secrets):
        record_server(data, port)
        forget_link(data)
        if this.options.shell:
            keep_programs()
        application = load(this)
        if application is not None and not this.stop.asked:
            run(this, application, listener, access)
    if this.options.shell:
        let_programs_go()


def take_data_and_port(this: Launch) -> socket.socket:
    """Lock the data and return a socket that listens.

    A port that was asked for is taken first: if it cannot be had, nothing is touched. The one of
    last time is taken afterwards: a server that is just ending may still have it.
    """
    wanted = this.options.port
    listener = None if wanted is None else listen(wanted, ())
    HELD.enter_context(lock_data(prepare_data(this.data), PREDECESSOR_ENDS))
    delete_unfinished(this.data.incoming)
    if listener is not None:
        return listener
    given = listen_on_given(this.start_line.socket)
    return given or listen(None, (this.start_line.port, last_port(this.data)))


def load(this: Launch) -> WSGIApplication | None:
    """Return the project's application with its databases up to date.

    None if asked to stop before they were changed.
    """
    try:
        return prepare(this)
    except WaitCancelledError:
        return None


def prepare(this: Launch) -> WSGIApplication | None:
    """Do that. Raises `WaitCancelledError` when asked to stop while others are waited for."""
    with progress_told(this):
        recover_data(
            this.bundle, this.data, this.channel.updating, cancelled=lambda: this.stop.asked
        )
    prepare_working_folder(this.bundle, this.data)
    enter(this.bundle, this.data)
    load_project(this.bundle, this.data)
    from djdesk_runtime.data.migrations import update_databases
    from djdesk_runtime.project.cache_tables import make_cache_tables

    # From here on a signal does not interrupt: a migration under way is finished.
    this.stop.obey_signals()
    if this.stop.asked:
        return None
    with progress_told(this):
        update_databases(
            this.bundle, this.data, this.channel.updating, cancelled=lambda: this.stop.asked
        )
        make_cache_tables()
    this.channel.starting("Starting…")
    return load_application(this.bundle, this.data)


@contextmanager
def progress_told(this: Launch) -> Iterator[None]:
    """Tell the shell, or who reads the terminal, how far work with the data is in the block."""
    lines = progress_lines(lambda line: log.info("%s", line))

    def listen(progress: Progress | None) -> None:
        this.channel.details(progress)
        if progress is not None:
            lines(progress)

    with reporting(listen), signs_of_life(this.data, listen):
        yield


def run(
    this: Launch, application: WSGIApplication, listener: socket.socket, access: Access
) -> None:
    """Serve *application* behind the gate until asked to stop."""
    gate = Gate(access, opened=lambda: forget_link(this.data))
    policy = ChannelPolicy(gate.refuses, UploadLimits(this.data.incoming, this.bundle.max_upload))
    server = Server(gate.guard(application), listener, policy)
    announce(this, access)
    try:
        answered = server.run(this.stop, this.channel.end)
    finally:
        forget_link(this.data)
    # A request that goes on may be in a transaction; SQLite tidies up when it is next opened.
    if answered:
        # The connections of threads that have ended; the last one that closes a database leaves
        # one file. Nothing else collects them: this process ends without teardown.
        gc.collect()
        close_databases()
    log.info("stopped")


def announce(this: Launch, access: Access) -> None:
    """Say that the server answers, to the shell, the log, the terminal and the browser."""
    token, nonce = this.start_line.token, this.start_line.nonce
    proof = proof_of(token, nonce, access.url) if token and nonce else ""
    this.channel.ready(access.url, access.port, this.data, proof=proof, link=access.link)
    log.info("%s %s serves %s", this.bundle.name, this.bundle.version, access.url)
    if not access.link:
        return
    if not this.options.shell and sys.stderr.isatty():
        sys.stderr.write(
            f"{this.bundle.name} is ready. This link lets one browser in, once:\n"
            f"{access.link}\nCtrl-C stops the server.\n"
        )
    if this.options.open_browser:
        show_page(this.data, access.link)


def show_page(data: DataFolder, link: str) -> None:
    """Open the browser. The server is ready all the same if that cannot be done."""
    try:
        open_browser(data, link)
    except OSError as error:
        log.warning("the browser cannot be opened: %s", error)
