"""Opening the user's browser without showing the link to anybody else.

A command line can be read by every user of the computer, so the browser is given a file that
only its owner can read, and that file leads to the link.
"""

from __future__ import annotations

import html
import threading
from typing import TYPE_CHECKING

from djdesk_runtime.data.private_file import write_private

if TYPE_CHECKING:
    from pathlib import Path

    from djdesk_runtime.data.folder import DataFolder

PAGE = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="referrer" content="no-referrer">
<meta http-equiv="refresh" content="0; url={link}">
<title>Opening</title>
"""


def redirect_file(data: DataFolder) -> Path:
    """Return the place of the file that leads to the link."""
    return data.root / "open.html"


def open_browser(data: DataFolder, link: str) -> None:
    """Let the user's browser use *link*, in a thread: one that runs in the terminal would block.

    Raises OSError when the file cannot be written.
    """
    file = redirect_file(data)
    write_private(file, PAGE.format(link=html.escape(link)))
    threading.Thread(target=show, args=(file,), name="djdesk-browser", daemon=True).start()


def show(file: Path) -> None:
    """Open *file* in the user's browser."""
    import webbrowser

    webbrowser.open(file.as_uri())


def forget_link(data: DataFolder) -> None:
    """Delete the file that leads to the link, if there is one."""
    redirect_file(data).unlink(missing_ok=True)
