"""Secrets, taken out of every text that is written for people to read.

Those of this process are known by their values (`keep_secret`), those of others by what stands
around them: the start-up line, headers, cookies, one-time links, passwords in addresses.
"""

from __future__ import annotations

import logging
import re
from copy import copy
from pathlib import Path

from djdesk_runtime.data.secret_key import read_key

MASK = "********"

# A shorter one could be a word of the language.
SHORTEST_SECRET = 16

# What stands before a secret is kept; the secret itself is the group of that name.
QUOTE = r"""\\?["']"""
ASSIGNED = rf"(?:{QUOTE})?\s*[:=]\s*(?:{QUOTE})?"
QUOTED = rf"(?P<quote>{QUOTE})(?P<secret>(?:(?!(?P=quote)).)+)(?P=quote)"
NAMES = r"\w*token|nonce|proof|password|secret\w*|api_?key|dsn"
SHAPES = tuple(
    re.compile(shape, re.IGNORECASE)
    for shape in (
        rf"x[-_]djdesk[-_]token{ASSIGNED}(?P<secret>[\w-]+)",
        r"/\.djdesk/open/(?P<secret>[\w-]+)",
        # A whole header, in quotes or to the end of the line, and single cookies in other texts.
        rf"cookies?(?:{QUOTE})?\s*[:=]\s*{QUOTED}",
        rf"cookies?(?:{QUOTE})?\s*:\s*(?P<secret>[^\s\"'\\{{\[*:=;]+=[^\"\\\n]*)",
        rf"(?:sessionid|csrftoken|_djdesk){ASSIGNED}(?P<secret>[\w.%+/=~:-]+)",
        rf"authorization{ASSIGNED}(?:(?:basic|bearer|digest|token)\s+)?(?P<secret>[^\s\"'\\]+)",
        rf"{QUOTE}(?:{NAMES}){QUOTE}\s*:\s*{QUOTED}",
        rf"[?&;](?:{NAMES})=(?P<secret>[^\s&;\"'#]+)",
        r"""://(?P<secret>[^\s/@"']+)@""",
    )
)

known: set[str] = set()


def keep_secret(*values: str) -> None:
    """Take *values* out of every text from now on; those too short to be secrets are left."""
    known.update(value for value in values if len(value) >= SHORTEST_SECRET)


def mask(text: str) -> str:
    """Return *text* with every secret in it replaced by `MASK`."""
    for secret in tuple(known):  # another thread may add one
        text = text.replace(secret, MASK)
    for shape in SHAPES:
        text = shape.sub(mask_group, text)
    return text


def mask_group(match: re.Match[str]) -> str:
    """Return what *match* found with the secret in it replaced."""
    start, end = match.span("secret")
    whole, offset = match[0], match.start()
    return f"{whole[: start - offset]}{MASK}{whole[end - offset :]}"


class SecretsFilter(logging.Filter):
    """Lets every record pass, without the secrets in its message and traceback."""

    def filter(self, record: logging.LogRecord) -> logging.LogRecord | bool:
        """Return a changed copy of *record*, True where it holds no secret.

        What watches the record itself (error reports) has to see the exception, and formatters
        like to have the parts of a message.
        """
        parts = [message_of(record), record.exc_text or "", record.stack_info or ""]
        if record.exc_info and not record.exc_text:
            parts[1] = logging.Formatter().formatException(record.exc_info)
        masked = [mask(part) for part in parts]
        if masked == parts:
            return True
        clean = copy(record)
        clean.args = ()
        clean.msg, clean.exc_text, clean.stack_info = masked
        clean.exc_info = None
        return clean


def message_of(record: logging.LogRecord) -> str:
    """Return the message; its parts where they do not fit, as logging would then print them."""
    try:
        return record.getMessage()
    except Exception:  # noqa: BLE001 - whatever the arguments do when they become text
        return f"{record.msg} {record.args!r}"


def secrets_filter(key_file: str) -> SecretsFilter:
    """Return the filter for Django's LOGGING; it knows the secret key in *key_file*."""
    keep_secret(read_key(Path(key_file)) or "")
    return SecretsFilter()
