import os
import stat
import threading
import webbrowser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

from djdesk_runtime.data.folder import DataFolder
from djdesk_runtime.serving.browser import forget_link, open_browser, redirect_file

LINK = "http://127.0.0.1:8000/.djdesk/open/a-key"


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Addresses given to the browser; a wait for the first is in `open_for_a_test`."""
    addresses: list[str] = []
    monkeypatch.setattr(webbrowser, "open", addresses.append)
    return addresses


def open_for_a_test(data: DataFolder) -> None:
    open_browser(data, LINK)
    for thread in threading.enumerate():
        if thread.name == "djdesk-browser":
            thread.join()


def test_the_browser_is_given_a_file_and_not_the_link(tmp_path: Path, shown: list[str]) -> None:
    data = DataFolder(tmp_path / "Daten für Zoë")
    data.root.mkdir()
    open_for_a_test(data)
    [address] = shown
    assert "a-key" not in address
    assert urlsplit(address).scheme == "file"
    assert unquote(urlsplit(address).path).endswith("Daten für Zoë/open.html")
    page = redirect_file(data).read_text(encoding="utf-8")
    assert f'content="0; url={LINK}"' in page
    assert 'name="referrer" content="no-referrer"' in page


@pytest.mark.skipif(os.name != "posix", reason="modes mean little there")
def test_nobody_else_can_read_the_file(tmp_path: Path, shown: list[str]) -> None:
    data = DataFolder(tmp_path)
    redirect_file(data).write_text("old", encoding="utf-8")
    redirect_file(data).chmod(0o644)
    open_for_a_test(data)
    assert stat.S_IMODE(redirect_file(data).stat().st_mode) == 0o600


def test_the_file_goes_away(tmp_path: Path, shown: list[str]) -> None:
    data = DataFolder(tmp_path)
    open_for_a_test(data)
    forget_link(data)
    forget_link(data)
    assert not any(tmp_path.iterdir())
