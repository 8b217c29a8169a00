import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest
from django.core.signals import got_request_exception

from djdesk_runtime.bundle_info import BundleInfo
from djdesk_runtime.data.folder import DataFolder
from djdesk_runtime.errors import NewerDatabaseError, ProjectBrokenError
from djdesk_runtime.reports import error_reporting, masking, watching
from djdesk_runtime.reports.error_reporting import (
    release,
    report_failure,
    scrubbers,
    start_reporting,
)

SECRET = "kT0-_" * 9
DSN = "https://key@sentry.example/42"
BUNDLE = BundleInfo(
    root=Path("bundle"),
    name="Notes",
    identifier="org.example.notes",
    version="1.0",
    revision="1a2b3c4",
    target="linux-x86_64",
    python_version="3.14.10",
    python_provider="test",
    settings_module="notes.settings",
    source_roots=("app",),
    sentry_dsn=DSN,
)


class Sdk:
    """Stands in for the SDK's modules: remembers how it was started and what it was given."""

    def __init__(self) -> None:
        self.options: dict[str, Any] = {}
        self.ignored: list[str] = []
        self.captured: list[BaseException] = []
        self.fails: Exception | None = None

    def init(self, **options: object) -> None:
        if self.fails:
            raise self.fails
        self.options = options

    def modules(self) -> dict[str, ModuleType]:
        made: dict[str, dict[str, object]] = {
            "sentry_sdk": {"init": self.init, "capture_exception": self.captured.append},
            "sentry_sdk.integrations.logging": {
                "ignore_logger": self.ignored.append,
                "LoggingIntegration": SimpleNamespace,
            },
            "sentry_sdk.integrations.dedupe": {"DedupeIntegration": SimpleNamespace},
            "sentry_sdk.integrations.atexit": {"AtexitIntegration": SimpleNamespace},
        }
        modules = {name: ModuleType(name) for name in made}
        for name, module in modules.items():
            vars(module).update(made[name])
        return modules


@pytest.fixture
def sdk(monkeypatch: pytest.MonkeyPatch) -> Iterator[Sdk]:
    sdk = Sdk()
    for name, module in sdk.modules().items():
        monkeypatch.setitem(sys.modules, name, module)
    yield sdk
    got_request_exception.disconnect(dispatch_uid=error_reporting.__name__)


@pytest.fixture(autouse=True)
def _own_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(masking, "known", {SECRET})


def test_without_a_dsn_nothing_is_started(sdk: Sdk) -> None:
    assert not start_reporting(replace(BUNDLE, sentry_dsn=""))
    assert sdk.options == {}


def test_without_the_sdk_it_is_said_and_the_application_goes_on(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setitem(sys.modules, "sentry_sdk", None)
    assert not start_reporting(BUNDLE)
    assert "errors are not reported, sentry-sdk is missing" in caplog.text
    assert DSN not in caplog.text


def test_an_sdk_that_cannot_be_started_is_said(sdk: Sdk, caplog: pytest.LogCaptureFixture) -> None:
    sdk.fails = TypeError("Unknown option 'spotlight'")
    assert not start_reporting(BUNDLE)
    assert "Unknown option 'spotlight'" in caplog.text


def test_the_sdk_is_started_with_what_is_asked_for_and_no_more(sdk: Sdk) -> None:
    assert start_reporting(BUNDLE)
    options = sdk.options
    assert (options["dsn"], options["release"]) == (DSN, "org.example.notes@1.0+1a2b3c4")
    assert options["send_default_pii"] is False
    assert options["include_local_variables"] is False
    assert options["default_integrations"] is False
    assert options["auto_enabling_integrations"] is False
    assert options["auto_session_tracking"] is False
    assert options["max_request_body_size"] == "never"
    assert len(options["integrations"]) == 3
    assert "django.request" in sdk.ignored


@pytest.mark.parametrize(
    ("revision", "expected"),
    [
        ("1a2b3c4", "org.example.notes@1.0+1a2b3c4"),
        ("", "org.example.notes@1.0"),
        ("unknown", "org.example.notes@1.0"),
    ],
)
def test_release(revision: str, expected: str) -> None:
    assert release(replace(BUNDLE, revision=revision)) == expected


def test_events_and_breadcrumbs_are_scrubbed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/alice")
    before_send, before_breadcrumb = scrubbers(BUNDLE)
    text = f"{SECRET} X-DJDesk-Token: other in /home/alice/x"
    event = before_send({"logentry": {"message": text}, "server_name": "host"}, {})
    assert event["logentry"]["message"] == "******** X-DJDesk-Token: ******** in ~/x"
    assert event["tags"] == {"target": "linux-x86_64"}
    assert set(event["contexts"]) == {"runtime", "os"}
    assert "server_name" not in event
    moment = object()
    crumb = before_breadcrumb({"message": text, "data": text, "timestamp": moment}, {})
    assert crumb == {"message": event["logentry"]["message"], "timestamp": moment}


def test_only_the_project_s_failures_are_reported(sdk: Sdk) -> None:
    cause = KeyError("x")
    for kind in (ProjectBrokenError, NewerDatabaseError):
        for because in (cause, None):
            error = kind("what", why="why", next_step="next")
            error.__cause__ = because
            report_failure(error)
    report_failure(cause)
    assert sdk.captured == [cause]


@pytest.mark.parametrize("reporting", [True, False])
def test_a_run_is_reported_if_reporting_was_started(
    sdk: Sdk, monkeypatch: pytest.MonkeyPatch, *, reporting: bool
) -> None:
    crashes: list[tuple[DataFolder, str]] = []
    watch: Callable[[DataFolder, str], None] = lambda *given: crashes.append(given)  # noqa: E731 - a stand-in
    monkeypatch.setattr(watching, "watch_crashes", watch)
    sdk.fails = None if reporting else TypeError("no")
    data, error = DataFolder(Path("data")), ProjectBrokenError("a", why="b", next_step="c")
    error.__cause__ = KeyError("x")
    with pytest.raises(ProjectBrokenError), watching.watched(BUNDLE, data, "n" * 40):
        raise error
    assert crashes == [(data, "Notes 1.0")]
    assert sdk.captured == ([error.__cause__] if reporting else [])
    assert "n" * 40 in masking.known


def test_a_run_without_a_dsn_knows_nothing_of_the_sdk(
    sdk: Sdk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watching, "watch_crashes", lambda *_: None)
    monkeypatch.delitem(sys.modules, error_reporting.__name__)
    bundle = replace(BUNDLE, sentry_dsn="")
    with watching.watched(bundle, DataFolder(Path("data"))):
        assert error_reporting.__name__ not in sys.modules
    assert sdk.options == {}
