import json
import os

import pytest

from djdesk_runtime.errors import StartLineError
from djdesk_runtime.serving.start_line import LONGEST_LINE, StartLine, parse_start_line

TOKEN = "a-Token_of_32_letters-0123456789"
HOME = "C:\\Users\\Zoë" if os.name == "nt" else "/home/Zoë"


def line(**facts: object) -> bytes:
    return json.dumps(facts).encode()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (b"{}", StartLine()),
        (b"{}\r", StartLine()),
        (b'  {"later": [1, {"x": null}]}  ', StartLine()),
        (line(token=TOKEN), StartLine(token=TOKEN)),
        (line(token=TOKEN * 100), StartLine(token=TOKEN * 100)),
        (line(token=""), StartLine()),
        (line(nonce="grüße\n"), StartLine(nonce="grüße\n")),
        (line(data_dir=HOME), StartLine(data_dir=HOME)),
        (json.dumps({"data_dir": HOME}, ensure_ascii=False).encode(), StartLine(data_dir=HOME)),
        (line(data_dir=""), StartLine()),
        (line(port=0), StartLine()),
        (line(port=65535), StartLine(port=65535)),
        (line(socket=3), StartLine(socket=3)),
        (
            line(token=TOKEN, nonce="n", data_dir=HOME, port=8000),
            StartLine(TOKEN, "n", HOME, 8000),
        ),
    ],
)
def test_what_is_said(text: bytes, expected: StartLine) -> None:
    assert parse_start_line(text) == expected


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (b"", "not JSON"),
        (b"{", "not JSON"),
        (b"{} {}", "not JSON"),
        (b"\xff\xfe{}", "not JSON"),
        (b'{"token": "\xe4"}', "not JSON"),
        (b"[" * 60_000, "not JSON"),
        (b"[]", "not a JSON object"),
        (b"null", "not a JSON object"),
        (b'"text"', "not a JSON object"),
        (line(token=TOKEN[:31]), "token is not"),
        (line(token=TOKEN + " "), "token is not"),
        (line(token=TOKEN + "\n"), "token is not"),
        (line(token=TOKEN[:-1] + "é"), "token is not"),
        (line(token=None), "token is not"),
        (line(token=[TOKEN]), "token is not"),
        (line(nonce=1), "nonce is not"),
        (line(socket=-1), "socket is not"),
        (line(socket=1024), "socket is not"),
        (line(socket=True), "socket is not"),
        (line(socket="3"), "socket is not"),
        (line(nonce=None), "nonce is not"),
        (line(data_dir="relative"), "data_dir is not"),
        (line(data_dir="~/data"), "data_dir is not"),
        (line(data_dir=HOME + "\0"), "data_dir is not"),
        (line(data_dir=7), "data_dir is not"),
        (line(port=65536), "port is not"),
        (line(port=-1), "port is not"),
        (line(port=True), "port is not"),
        (line(port=80.0), "port is not"),
        (line(port="80"), "port is not"),
        (line(port=None), "port is not"),
        (line(nonce="x" * LONGEST_LINE), "longer than 65536 bytes"),
    ],
)
def test_malformed(text: bytes, words: str) -> None:
    with pytest.raises(StartLineError, match=words) as caught:
        parse_start_line(text)
    assert caught.value.exit_code == 2
    assert caught.value.__cause__ is None


def test_an_error_quotes_no_secret() -> None:
    secret = "the-secret-token-with-a-mistake!"
    with pytest.raises(StartLineError) as caught:
        parse_start_line(line(token=secret))
    assert secret not in str(caught.value)


def test_secrets_are_not_shown() -> None:
    assert TOKEN not in repr(StartLine(token=TOKEN))
