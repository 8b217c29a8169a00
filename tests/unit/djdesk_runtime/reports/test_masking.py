import logging
from pathlib import Path

import pytest

from djdesk_runtime.reports import masking
from djdesk_runtime.reports.masking import MASK, SecretsFilter, keep_secret, mask, secrets_filter

TOKEN = "kT0-_" * 9
OTHER = "zY9_-" * 9


@pytest.fixture(autouse=True)
def _own_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(masking, "known", set())


@pytest.mark.parametrize(
    "text", ["{}", "a {} b", "{}{}", "token={}, again '{}'", "/a/{}/b?c={}", "\n{}\n", "x{}y"]
)
def test_known_secrets_are_taken_out_wherever_they_stand(text: str) -> None:
    keep_secret(TOKEN, OTHER)
    assert mask(text.format(*[TOKEN] * 2)) == text.format(*[MASK] * 2)
    assert OTHER not in mask(text.format(*[OTHER] * 2))


def test_what_is_short_is_no_secret_but_a_word() -> None:
    keep_secret("", "secret", "x" * 15)
    assert mask("a secret of xxxxxxxxxxxxxxxx") == "a secret of xxxxxxxxxxxxxxxx"


@pytest.mark.parametrize(
    "text",
    [
        f"X-DJDesk-Token: {TOKEN}",
        f"{{'x-djdesk-token': '{TOKEN}'}}",
        f"{{'HTTP_X_DJDESK_TOKEN': '{TOKEN}', 'PATH_INFO': '/'}}",
        f"http://127.0.0.1:8000/.djdesk/open/{TOKEN}",
        f'GET "/.djdesk/open/{TOKEN}" again',
        f"Cookie: org_example_djdesk={TOKEN}; other={TOKEN}",
        f"{{'Cookie': 'a={TOKEN}; b={TOKEN}', 'Host': 'x'}}",
        f"{{'HTTP_COOKIE': \"a={TOKEN}\"}}",
        f'{{\\"Cookie\\": \\"a={TOKEN}\\"}}',
        f"Set-Cookie: sessionid={TOKEN}; HttpOnly",
        f"set-cookie: words={TOKEN} and {TOKEN}; HttpOnly",
        f"<SimpleCookie: org_example_sessionid='{TOKEN}'>",
        f"{{'org_example_csrftoken': '{TOKEN}'}}",
        f"org_example_sessionid={TOKEN}",
        f"org.example_djdesk={TOKEN}",
        f"Authorization: Bearer {TOKEN}",
        f"{{'authorization': 'Token {TOKEN}'}}",
        f'{{"token": "{TOKEN}", "nonce": "{TOKEN}", "port": 0}}',
        f"{{'csrfmiddlewaretoken': '{TOKEN}', 'title': 'x'}}",
        f'"password": "{TOKEN}"',
        f"'SECRET_KEY': '{TOKEN}'",
        f"/reset/?token={TOKEN}",
        f"/x?a=b&access_token={TOKEN}#there",
        f"postgres://notes:{TOKEN}@db.example/notes",
        f"https://{TOKEN}@sentry.example/42",
        f"Server=db;Password={TOKEN};",
    ],
)
def test_secrets_of_others_are_known_by_what_stands_around_them(text: str) -> None:
    masked = mask(text)
    assert TOKEN not in masked
    assert MASK in masked
    assert mask(masked) == masked


@pytest.mark.parametrize(
    "text",
    [
        "Forbidden (CSRF cookie not set.): /notes/new/",
        "Not Found: /notes/17/?page=2&order=name",
        "CSRF token missing.",
        '  File "app/src/notes/views.py", line 12, in sign_in\n    password = form["password"]',
        "SESSION_COOKIE_NAME: org_example_sessionid, SESSION_COOKIE_SECURE=False",
        "cookies: none",
        "DJDesk Notes 0.1.0 serves http://127.0.0.1:45001/",
        "someone@example.com wrote to http://127.0.0.1/notes/",
        '{"PASSWORD": "", "KEY_PREFIX": "", "OPTIONS": {"token": null}}',
        "2026-01-01 00:00:00,000 INFO django.request 17 authorization failed",
    ],
)
def test_what_is_no_secret_is_left(text: str) -> None:
    assert mask(text) == text


def record(message: object, *values: object, error: BaseException | None = None) -> str:
    """Log a message through a handler with the filter, and return what it wrote."""
    details = (type(error), error, error.__traceback__) if error else None
    made = logging.LogRecord("x", logging.ERROR, "x.py", 1, message, values, details)
    made.stack_info = f"the stack with {TOKEN}" if values == ("stack",) else None
    before = dict(vars(made))
    passed = SecretsFilter().filter(made)
    assert vars(made) == before, "others look at the record as well"
    return logging.Formatter().format(passed if isinstance(passed, logging.LogRecord) else made)


def test_records_are_logged_without_secrets() -> None:
    keep_secret(TOKEN)
    assert record("asked for %s by %s", "/", {"token": TOKEN}) == (
        f"asked for / by {{'token': '{MASK}'}}"
    )
    assert record(f"{TOKEN} 100%") == f"{MASK} 100%"
    assert record(ValueError(TOKEN)) == MASK
    assert record("in the %s", "stack") == f"in the stack\nthe stack with {MASK}"


def fail(text: str) -> None:
    raise ValueError(text)


def test_tracebacks_are_logged_without_secrets() -> None:
    keep_secret(TOKEN)
    with pytest.raises(ValueError, match="not") as caught:
        fail(f"not {TOKEN}")
    text = record("failed", error=caught.value)
    assert TOKEN not in text
    assert f"ValueError: not {MASK}" in text
    assert text.startswith("failed\nTraceback (most recent call last)")


def test_records_without_secrets_keep_their_parts() -> None:
    with pytest.raises(ValueError, match="whole") as caught:
        fail("whole")
    details = (caught.type, caught.value, caught.tb)
    made = logging.LogRecord("x", logging.ERROR, "x.py", 1, "a %s", ("b",), details)
    assert SecretsFilter().filter(made) is True
    assert (made.msg, made.args, made.exc_info) == ("a %s", ("b",), details)


def test_a_wrong_call_is_logged_without_secrets(capsys: pytest.CaptureFixture[str]) -> None:
    keep_secret(TOKEN)
    text = record("%d items of %s", "many", TOKEN)
    assert text == f"%d items of %s ('many', '{MASK}')"
    assert capsys.readouterr().err == ""


def test_the_filter_of_django_s_logging_knows_the_secret_key(tmp_path: Path) -> None:
    key = "secret-key-" * 6
    file = tmp_path / "secret_key"
    file.write_text(f"{key}\n", encoding="ascii")
    secrets_filter(str(file))
    assert mask(f"with {key}.") == f"with {MASK}."
    secrets_filter(str(tmp_path / "none"))
