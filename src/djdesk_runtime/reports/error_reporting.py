"""Reports of errors to the project's developers by Sentry, only if the project configured it.

Without a DSN in the manifest the SDK is not even imported. It is started before the project's
settings are loaded, so that an error in them is reported as well. Nothing that goes wrong here
is a reason for the application not to start.
"""

from __future__ import annotations

import logging
import platform
from importlib import import_module
from typing import TYPE_CHECKING, Any

from djdesk_runtime.errors import DatabaseUpdateError, ProjectBrokenError
from djdesk_runtime.reports.error_events import BREADCRUMB, only_allowed
from djdesk_runtime.reports.masking import mask
from djdesk_runtime.reports.privacy import this_person

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest

    from djdesk_runtime.bundle_info import BundleInfo

# How long the end of the process waits for reports under way, in seconds.
SHUTDOWN_SECONDS = 1
BREADCRUMBS = 20

# These say in a log what was reported already, or is no error of the project.
UNREPORTED_LOGGERS = ("django.request", "django.security.DisallowedHost")

log = logging.getLogger(__name__)


def start_reporting(bundle: BundleInfo) -> bool:
    """Start the SDK if *bundle* has a DSN; tell whether errors are reported from now on."""
    if not bundle.sentry_dsn:
        return False
    try:
        start_sdk(bundle)
    except ImportError as error:
        log.warning("errors are not reported, sentry-sdk is missing: %s", error)
    except Exception:
        log.warning("errors are not reported, sentry-sdk cannot be started", exc_info=True)
    else:
        return True
    return False


def start_sdk(bundle: BundleInfo) -> None:
    """Start it with what we ask for and nothing that it would find by itself."""
    sdk = import_module("sentry_sdk")
    records = import_module("sentry_sdk.integrations.logging")
    duplicates = import_module("sentry_sdk.integrations.dedupe")
    at_exit = import_module("sentry_sdk.integrations.atexit")
    for name in UNREPORTED_LOGGERS:
        records.ignore_logger(name)
    sdk.init(
        **sdk_options(bundle),
        integrations=[
            # Our own hooks log what nobody catches; see `crashes`.
            records.LoggingIntegration(level=logging.WARNING, event_level=logging.ERROR),
            duplicates.DedupeIntegration(),
            at_exit.AtexitIntegration(callback=lambda _pending, _timeout: None),
        ],
    )
    from django.core.signals import got_request_exception

    got_request_exception.connect(report_request, weak=False, dispatch_uid=__name__)


def sdk_options(bundle: BundleInfo) -> dict[str, Any]:
    """Return the options of the SDK but its integrations."""
    before_send, before_breadcrumb = scrubbers(bundle)
    return {
        "dsn": bundle.sentry_dsn,
        "release": release(bundle),
        "environment": "production",
        "before_send": before_send,
        "before_breadcrumb": before_breadcrumb,
        "max_breadcrumbs": BREADCRUMBS,
        "shutdown_timeout": SHUTDOWN_SECONDS,
        "project_root": str(bundle.root / "app"),
        "send_default_pii": False,
        "include_local_variables": False,
        "max_request_body_size": "never",
        # Empty would make some versions look up the computer's name; it is not sent at all.
        "server_name": "unnamed",
        "default_integrations": False,
        "auto_enabling_integrations": False,
        "auto_session_tracking": False,
        "send_client_reports": False,
        "propagate_traces": False,
        "spotlight": False,
    }


def release(bundle: BundleInfo) -> str:
    """Return ``identifier@version+revision``, less the revision where it is not known."""
    name = f"{bundle.identifier}@{bundle.version}"
    known = bundle.revision not in {"", "unknown"}
    return f"{name}+{bundle.revision}" if known else name


def scrubbers(bundle: BundleInfo) -> tuple[Callable[..., Any], Callable[..., Any]]:
    """Return what changes every event, and every breadcrumb, before it can leave the process."""
    person = this_person()
    about = {
        "contexts": {
            "runtime": {
                "name": platform.python_implementation(),
                "version": platform.python_version(),
            },
            "os": {"name": platform.system(), "version": platform.release()},
        },
    }

    def clean(text: str) -> str:
        return person.hide(mask(text))

    def before_send(event: dict[str, Any], _hint: object) -> dict[str, Any]:
        tags = {**dict(event.get("tags") or {}), "target": bundle.target}
        return only_allowed({**event, **about, "tags": tags}, clean)

    def before_breadcrumb(breadcrumb: dict[str, Any], _hint: object) -> dict[str, Any]:
        kept = only_allowed({**breadcrumb, "timestamp": None}, clean, BREADCRUMB)
        # A datetime, which the SDK itself turns into text.
        return kept | {"timestamp": breadcrumb.get("timestamp")}

    return before_send, before_breadcrumb


def report_request(request: HttpRequest | None = None, **_more: object) -> None:
    """Report the exception that a view let go, called by Django while it is being handled."""
    sdk = import_module("sentry_sdk")
    with sdk.new_scope() as scope:
        if request is not None:
            scope.set_tag("method", request.method)
            if request.resolver_match is not None:
                scope.set_transaction_name(f"/{request.resolver_match.route}")
        scope.capture_exception()


def report_failure(error: Exception) -> None:
    """Report why the application cannot start, if that is the project's fault."""
    if isinstance(error, ProjectBrokenError | DatabaseUpdateError) and error.__cause__:
        import_module("sentry_sdk").capture_exception(error.__cause__)
