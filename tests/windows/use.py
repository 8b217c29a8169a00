"""Use a Windows bundle under Wine as its user would, and note down what happens.

The Windows that it runs in takes long to make, so all of it is done once, in one go; what was
seen is kept as JSON for as many tests as there are things to say about it.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path, PureWindowsPath
from typing import IO, Any

import httpx

from build_support.bundles.manifest import read_manifest
from build_support.bundles.protocol import TOKEN_HEADER, new_token
from build_support.verification.browse import Browser, Page, find_upload_form
from build_support.verification.files import check_files
from tests.windows.wine import Wine, windows_path

#: As `build_support.bundles.serve.launch_command` gives them; that a test compares.
FLAGS = ("-I", "-B", "-X", "utf8", "-X", "disable-remote-debug")
UPLOAD = ("Grüße.bin", bytes(range(256)) * 512)
_SECONDS = 120


def use_bundle(wine: Wine, bundle: Path, data: Path) -> dict[str, Any]:
    """Run every command of a bundle; return what they said and what they left on the disk."""
    facts: dict[str, Any] = {"bundle": str(windows_path(bundle)), "data": str(windows_path(data))}
    facts["info"] = json.loads(_run(wine, bundle, "info", "--data-dir", windows_path(data)))
    facts["check"] = _run(wine, bundle, "check").decode()
    facts["manage"] = _run(wine, bundle, "manage", "check").decode()
    facts |= _use_server(wine, bundle, data)
    facts["data files"] = sorted(
        path.relative_to(data).as_posix() for path in data.rglob("*") if path.is_file()
    )
    facts["log"] = (data / "logs" / "app.log").read_text(encoding="utf-8")
    facts["problems"] = dict(check_files(bundle, read_manifest(bundle)))
    return facts


def _command(bundle: Path, words: Sequence[str | PureWindowsPath]) -> list[object]:
    python = windows_path(bundle / "python" / "python.exe")
    return [python, *FLAGS, windows_path(bundle / "run_django.py"), *words]


def _run(wine: Wine, bundle: Path, *words: str | PureWindowsPath) -> bytes:
    with wine.start(_command(bundle, words), bundle.parent) as program:
        output, errors = program.communicate(timeout=_SECONDS)
    if program.returncode != 0:
        raise RuntimeError(f"{words} ended with {program.returncode}: {errors.decode()}")
    return output


def _use_server(wine: Wine, bundle: Path, data: Path) -> dict[str, Any]:
    words = _command(bundle, ("serve", "--shell"))
    token = new_token()
    start_line = {"token": token, "data_dir": str(windows_path(data))}
    with _started(wine, words, bundle.parent) as server:
        _stream(server.stdin).write(json.dumps(start_line).encode() + b"\n")
        _stream(server.stdin).flush()
        events = _events_until_ready(_stream(server.stdout))
        url = events[-1]["url"]
        headers = {TOKEN_HEADER: token}
        with httpx.Client(headers=headers, trust_env=False, timeout=_SECONDS) as client:
            seen = _browse(client, url)
        seen["stranger"] = httpx.get(url, trust_env=False, timeout=_SECONDS).status_code
        _stream(server.stdin).close()
        server.stdin = None  # communicate() must not flush what is closed
        rest, errors = server.communicate(timeout=_SECONDS)
    later = {"exit code": server.returncode, "after ready": rest.decode()}
    return {"events": events, "stderr": errors.decode(), **seen, **later}


@contextmanager
def _started(
    wine: Wine, words: Sequence[object], folder: Path
) -> Iterator[subprocess.Popen[bytes]]:
    with wine.start(words, folder) as server:
        try:
            yield server
        finally:
            server.kill()


def _stream(stream: IO[bytes] | None) -> IO[bytes]:
    if stream is None:
        raise ValueError(stream)
    return stream


def _events_until_ready(lines: IO[bytes]) -> list[dict[str, Any]]:
    events: list[dict[str, Any]] = []
    for line in lines:
        events.append(json.loads(line))
        if events[-1]["event"] == "ready":
            return events
    raise RuntimeError(f"The server ended before it was ready: {events}")


def _browse(client: httpx.Client, url: str) -> dict[str, Any]:
    browser = Browser(client, url)
    home = browser.open(url)
    style = _style_sheet(home)
    answer = client.get(style, headers={"Accept-Encoding": "gzip"})
    form = find_upload_form(browser)
    if form is None:
        raise RuntimeError("No page has a form for files.")
    note = browser.send(form, UPLOAD)
    back = [link for link in note.links if browser.open(link).response.content == UPLOAD[1]]
    return {
        "home": _seen(home.response),
        "style": {"url": style, **_seen(answer)},
        "note": {"url": note.url, **_seen(note.response)},
        "downloads": back,
        "about": browser.open(f"{url}about/").response.text,
    }


def _style_sheet(page: Page) -> str:
    start = page.response.text.index('rel="stylesheet" href="') + len('rel="stylesheet" href="')
    address = page.response.text[start : page.response.text.index('"', start)]
    return str(page.response.url.join(address))


def _seen(response: httpx.Response) -> Mapping[str, Any]:
    return {
        "status": response.status_code,
        "headers": dict(response.headers),
        "text": response.text,
    }
