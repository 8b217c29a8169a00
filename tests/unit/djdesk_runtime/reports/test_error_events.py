from typing import Any

import pytest

from djdesk_runtime.reports.error_events import BREADCRUMB, only_allowed

# What the SDK makes of an exception in a request, with everything that it can be asked for.
EVENT: dict[str, Any] = {
    "event_id": "0123456789abcdef0123456789abcdef",
    "timestamp": "2026-01-01T00:00:00.000000Z",
    "level": "error",
    "platform": "python",
    "release": "org.example.notes@1.2",
    "environment": "production",
    "server_name": "secret-host",
    "transaction": "/notes/<int:pk>/",
    "modules": {"secret": "1.0"},
    "extra": {"sys.argv": ["secret"]},
    "user": {"ip_address": "secret", "id": 7},
    "request": {
        "url": "http://127.0.0.1/secret",
        "cookies": {"a": "secret"},
        "headers": {"X-DJDesk-Token": "secret"},
        "data": "secret",
        "env": {"SERVER_NAME": "secret"},
    },
    "tags": {"method": "POST", "target": "linux-x86_64", "other": "secret"},
    "contexts": {
        "runtime": {"name": "CPython", "version": "3.14.10", "build": "secret"},
        "trace": {"trace_id": "secret"},
        "device": {"name": "secret"},
    },
    "logentry": {"message": "saving %s", "formatted": "saving x", "params": ["secret"]},
    "exception": {
        "values": [
            {
                "type": "ValueError",
                "value": "not a number",
                "module": None,
                "thread_id": "secret",
                "mechanism": {"type": "logging", "handled": True, "data": {"a": "secret"}},
                "stacktrace": {
                    "registers": "secret",
                    "frames": [
                        {
                            "filename": "notes/views.py",
                            "abs_path": "/home/secret/notes/views.py",
                            "function": "save",
                            "module": "notes.views",
                            "lineno": 12,
                            "in_app": True,
                            "pre_context": ["def save():"],
                            "context_line": "    int(text)",
                            "post_context": [],
                            "vars": {"text": "secret"},
                        },
                        "secret",
                    ],
                },
            }
        ]
    },
    "breadcrumbs": {
        "values": [
            {
                "timestamp": 1.5,
                "level": "warning",
                "category": "notes",
                "type": "log",
                "message": "slow",
                "data": {"text": "secret"},
            }
        ]
    },
    "threads": {"values": [{"name": "secret"}]},
    "sdk": {"name": "sentry.python", "version": "2.0", "packages": [{"name": "secret"}]},
    "attachments": "secret",
    "_meta": {"": {"rem": "secret"}},
}


def test_everything_else_is_left_out() -> None:
    event = only_allowed(EVENT, str)
    assert "secret" not in str(event)
    assert event["release"] == EVENT["release"]
    assert event["transaction"] == "/notes/<int:pk>/"
    assert event["tags"] == {"method": "POST", "target": "linux-x86_64"}
    assert event["logentry"] == {"message": "saving %s", "formatted": "saving x"}
    assert event["sdk"] == {"name": "sentry.python", "version": "2.0"}
    assert event["breadcrumbs"]["values"][0]["message"] == "slow"
    (exception,) = event["exception"]["values"]
    assert (exception["type"], exception["value"]) == ("ValueError", "not a number")
    assert exception["mechanism"] == {"type": "logging", "handled": True}
    (frame,) = exception["stacktrace"]["frames"]
    assert frame == {
        "filename": "notes/views.py",
        "function": "save",
        "module": "notes.views",
        "lineno": 12,
        "in_app": True,
        "pre_context": ["def save():"],
        "context_line": "    int(text)",
        "post_context": [],
    }


def test_every_text_is_cleaned() -> None:
    event = only_allowed(EVENT, lambda text: f"<{text}>")

    def texts(value: object) -> list[str]:
        if isinstance(value, dict):
            return [text for item in value.values() for text in texts(item)]
        if isinstance(value, list):
            return [text for item in value for text in texts(item)]
        return [value] if isinstance(value, str) else []

    assert len(texts(event)) > 20
    assert all(text.startswith("<") and text.endswith(">") for text in texts(event))


@pytest.mark.parametrize(
    "event",
    [
        {},
        {"exception": None, "level": None},
        {"level": {"secret": 1}, "exception": "secret", "fingerprint": ["a", {"secret": 1}]},
        {"breadcrumbs": [{"secret": 1}], "tags": [["secret", "x"]]},
    ],
)
def test_other_shapes_are_left_out(event: dict[str, Any]) -> None:
    assert "secret" not in str(only_allowed(event, str))


def test_a_breadcrumb_is_its_message() -> None:
    crumb = {"message": "a", "category": "b", "data": {"x": "secret"}, "origin": "secret"}
    assert only_allowed(crumb, str, BREADCRUMB) == {"message": "a", "category": "b"}
