"""What an error report may say: an allow list, so that nothing else can slip in with a new SDK.

An event has the shape of https://develop.sentry.dev/sdk/data-model/event-payloads/ . Of the
user's data it holds what the message of an exception or of a log record says, and nothing else:
no request but its method and the pattern of its address, no local variables, no names of
computer, user or home folder.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    type Clean = Callable[[str], str]
    # What may be there of an object: True for a text, number or flat list, else what of each
    # object inside. Lists of objects are filtered item by item.
    type Allowed = Mapping[str, bool | Allowed]

FRAME: Allowed = dict.fromkeys(
    (
        "filename", "function", "module", "lineno", "in_app",
        "pre_context", "context_line", "post_context",
    ),
    True,
)  # fmt: skip
EXCEPTION: Allowed = {
    "type": True,
    "value": True,
    "module": True,
    "mechanism": {"type": True, "handled": True},
    "stacktrace": {"frames": FRAME},
}
BREADCRUMB: Allowed = dict.fromkeys(("timestamp", "level", "category", "type", "message"), True)
EVENT: Allowed = {
    **dict.fromkeys(
        (
            "event_id", "timestamp", "level", "platform", "release", "environment",
            "transaction", "logger", "fingerprint",
        ),
        True,
    ),
    "sdk": {"name": True, "version": True},
    "tags": {"method": True, "target": True},
    "contexts": {"runtime": {"name": True, "version": True}, "os": {"name": True, "version": True}},
    "logentry": {"message": True, "formatted": True},
    "exception": {"values": EXCEPTION},
    "breadcrumbs": {"values": BREADCRUMB},
}  # fmt: skip


def only_allowed(
    event: Mapping[str, Any], clean: Clean, allowed: Allowed = EVENT
) -> dict[str, Any]:
    """Return what is *allowed* of *event*, every text in it passed through *clean*."""
    kept: dict[str, Any] = {}
    for key, inside in allowed.items():
        value = event.get(key)
        if isinstance(inside, bool):
            if is_plain(value):
                kept[key] = cleaned(value, clean)
        elif isinstance(value, dict):
            kept[key] = only_allowed(value, clean, inside)
        elif isinstance(value, list):
            items = [item for item in value if isinstance(item, dict)]
            kept[key] = [only_allowed(item, clean, inside) for item in items]
    return kept


def is_plain(value: object) -> bool:
    """Tell whether *value* is a text, a number, or a list of texts: nothing that hides more."""
    if isinstance(value, list):
        return all(isinstance(item, str) for item in value)
    return isinstance(value, str | int | float)


def cleaned(value: Any, clean: Clean) -> Any:  # noqa: ANN401 - a leaf of JSON
    """Return the plain *value* with its texts passed through *clean*."""
    if isinstance(value, list):
        return [clean(item) for item in value]
    return clean(value) if isinstance(value, str) else value
