"""The command ``check-pages``: does the application of a new user work, page by page.

Everything happens with data of its own that is deleted afterwards, without a network and without
other programs. The findings go to standard output, as `findings` says.
"""

from __future__ import annotations

import logging
import os
import sys
import threading
from contextlib import suppress
from typing import TYPE_CHECKING

from djdesk_runtime.bundle_info import read_bundle
from djdesk_runtime.checking.effects import begin_effects, block_servers, shown_effects, was_blocked
from djdesk_runtime.checking.findings import (
    FAILED,
    SKIPPED,
    WARNING,
    Finding,
    Findings,
    of_exception,
)
from djdesk_runtime.checking.pages import Limits
from djdesk_runtime.checking.workers import Worker
from djdesk_runtime.data.folder import throw_away_data
from djdesk_runtime.errors import ProjectBrokenError
from djdesk_runtime.project.cache_tables import make_cache_tables
from djdesk_runtime.project.loading import enter, load_application, load_project
from djdesk_runtime.project.working_folder import prepare_working_folder
from djdesk_runtime.serving.events import claim_standard_output

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Mapping
    from pathlib import Path

    from djdesk_runtime.bundle_info import BundleInfo
    from djdesk_runtime.checking.effects import Effects

# A project can have hundreds of migrations, and a machine can be slow.
MIGRATE_SECONDS = 900.0
ACCOUNT_SECONDS = 60.0

STANDARD_INPUT = 0
UNATTENDED = 1

# Larger than what Django keeps in memory by default (FILE_UPLOAD_MAX_MEMORY_SIZE, 2.5 MB).
UPLOAD_BYTES = 3_000_000


def check_pages(root: Path, options: Namespace, environment: Mapping[str, str]) -> int:  # noqa: ARG001 - as all
    """Check the pages of the bundle in *root*. Raises `ProjectBrokenError`.

    Returns 0 whatever was found; the process ends at once, with what pages have left running.
    """
    findings = Findings(claim_standard_output().descriptor)
    if options.attended:
        threading.Thread(target=end_with, args=(claim_standard_input(),), daemon=True).start()
    bundle = read_bundle(root)
    limits = Limits(options.page_seconds, options.pages_seconds)
    with throw_away_data() as data:
        effects = begin_effects(root, data.root)
        prepare_working_folder(bundle, data)
        enter(bundle, data)
        tell_template_lines()
        try:
            load_project(bundle, data)
            effects.strict = True
            load_application(bundle, data)
        except ProjectBrokenError as error:
            blocked = effects.take_blocked()
            if not blocked and not was_blocked(error):
                raise
            wanted = shown_effects(blocked)
            reason = f"nothing was asked for: while it starts, the project wants {wanted}"
            findings.add(Finding("page", "all pages", WARNING, reason))
        else:
            check_loaded(bundle, effects, findings, limits)
        findings.add(Finding("end", ""))
        logging.shutdown()
    sys.stderr.flush()
    os._exit(0)


def claim_standard_input() -> int:
    """Keep standard input for ourselves: a project that reads it finds its end."""
    private = os.dup(STANDARD_INPUT)
    null = os.open(os.devnull, os.O_RDONLY)
    os.dup2(null, STANDARD_INPUT)
    os.close(null)
    return private


def end_with(descriptor: int) -> None:
    """End this process, whatever it is doing, when the one that started it is gone."""
    with suppress(OSError):
        while os.read(descriptor, 1024):
            pass
    os._exit(UNATTENDED)


def check_loaded(bundle: BundleInfo, effects: Effects, findings: Findings, limits: Limits) -> None:
    """Check the pages of the project, which is loaded."""
    from django.conf import settings
    from django.utils import translation

    from djdesk_runtime.checking.accounts import NoAccountError, make_superuser
    from djdesk_runtime.checking.pages import Visitor
    from djdesk_runtime.checking.references import find_missing

    # What a password is hashed with takes its time on purpose.
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    block_servers()
    worker = Worker()
    if not migrate(bundle, worker, effects, findings):
        return
    check_upload(bundle.root, findings)
    visitor = Visitor(bundle.root, worker, effects, findings, limits)
    visitor.visit_first_page()
    try:
        visitor.user = worker.run(make_superuser, ACCOUNT_SECONDS)
    except NoAccountError as error:
        if error.args:
            findings.add(Finding("account", "superuser", SKIPPED, str(error)))
    except Exception as error:  # noqa: BLE001 - too late, or any code of the project's
        findings.add(of_exception(Finding("account", "superuser", SKIPPED), error, bundle.root))
    try:
        with translation.override(settings.LANGUAGE_CODE):
            from djdesk_runtime.checking.addresses import list_addresses

            addresses = list_addresses()
    except Exception as error:  # noqa: BLE001 - a URLconf that cannot be imported; pages say so too
        findings.add(of_exception(Finding("page", "URLconf", WARNING), error, bundle.root))
        addresses = []
    for finding in find_missing(bundle.root):
        findings.add(finding)
    visitor.visit_all(addresses)


def migrate(bundle: BundleInfo, worker: Worker, effects: Effects, findings: Findings) -> bool:
    """Make the databases of a new user; return whether that worked."""
    from django.core.management import call_command

    from djdesk_runtime.data.connections import user_files

    def run() -> None:
        for alias in user_files():
            call_command("migrate", database=alias, verbosity=0, interactive=False)
        make_cache_tables()

    try:
        worker.run(run, MIGRATE_SECONDS)
    except BaseException as error:  # noqa: BLE001 - a migration may raise anything
        blocked = effects.take_blocked()
        outcome = SKIPPED if blocked or was_blocked(error) else FAILED
        findings.add(
            of_exception(Finding("migrate", "a new database", outcome), error, bundle.root)
        )
        return False
    findings.add(Finding("migrate", "a new database"))
    return True


def check_upload(root: Path, findings: Findings) -> None:
    """Let Django receive a file that it does not keep in memory, by the project's handlers."""
    from django.core.files.uploadedfile import SimpleUploadedFile
    from django.test import RequestFactory

    content = b"DJDesk\r\n\0\xff" * (UPLOAD_BYTES // 10)
    try:
        request = RequestFactory().post("/", {"file": SimpleUploadedFile("ü.bin", content)})
        received = request.FILES.getlist("file")[0].read()
    except Exception as error:  # noqa: BLE001 - any handler of the project's
        findings.add(of_exception(Finding("upload", "a large file", WARNING), error, root))
        return
    outcome, reason = ("passed", "") if received == content else (WARNING, "other bytes arrived")
    findings.add(Finding("upload", "a large file", outcome, reason))


def tell_template_lines() -> None:
    """Let exceptions of templates say file and line, as they do with DEBUG."""
    from django.template.engine import Engine

    original = Engine.__init__

    def init(self: Engine, *args: object, **kwargs: object) -> None:
        original(self, *args, **kwargs)  # type: ignore[arg-type]
        self.debug = True

    Engine.__init__ = init  # type: ignore[method-assign]
