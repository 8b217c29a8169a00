"""Which file names every file system that a bundle may meet can hold, and which ones are equal.

Source of the Windows rules: Microsoft, "Naming Files, Paths, and Namespaces".
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

_WORDS = re.compile(r"[^a-z0-9]+")
#: Bytes of one path component that Linux file systems can hold.
LONGEST_COMPONENT = 255

_DEVICE = r"(?:CON|PRN|AUX|NUL|CONIN\$|CONOUT\$|CLOCK\$|(?:COM|LPT)[0-9¹²³])"
_PROBLEMS = (
    (re.compile(r"[\ud800-\udfff]"), "is not UTF-8"),
    (re.compile(r"[\x00-\x1f\x7f]"), "has a control character"),
    (re.compile(r'[<>:"|?*\\/]'), "has a character that Windows does not allow"),
    (re.compile(r"[. ]\Z"), "ends in a dot or a space, which Windows drops"),
    (re.compile(rf"\A{_DEVICE} *(?:\.|\Z)", re.IGNORECASE), "is a device on Windows"),
)


@lru_cache(maxsize=4096)
def problem(component: str) -> str:
    """Return why a path component is not portable, as the end of "its name …", or nothing."""
    return next((why for pattern, why in _PROBLEMS if pattern.search(component)), "") or (
        f"is longer than {LONGEST_COMPONENT} bytes"
        if len(component.encode()) > LONGEST_COMPONENT
        else ""
    )


def folded(path: str) -> str:
    """Return the form in which equal means the same file on macOS or Windows."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", path).casefold())


def slug(name: str, identifier: str) -> str:
    """Return a name for files and commands: lower-case ASCII letters, digits and hyphens."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode("ascii")
    found = _WORDS.sub("-", plain.lower()).strip("-")
    return found or _WORDS.sub("-", identifier.lower()).strip("-")
