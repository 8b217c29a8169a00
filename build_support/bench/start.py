"""How long it takes from starting a server to its first page, the bundle's and a bare one's."""

from __future__ import annotations

import http.client
import subprocess
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from build_support.bench.workbench import Workbench
from build_support.bundles.manifest import read_manifest
from build_support.bundles.protocol import (
    TOKEN_HEADER,
    new_token,
    send_start,
    wait_until_ready,
)
from build_support.bundles.serve import launch_command
from build_support.errors import BuildError

_LIMIT_SECONDS = 60.0

#: Django's own WSGI handler under waitress, with the settings of the project and no more
#: than has to differ. Arguments: bundle, data folder, settings module, source roots.
BARE_SCRIPT = """\
import importlib
import json
import sys
from pathlib import Path

bundle, data, module, *roots = sys.argv[1:]
bundle, data = Path(bundle), Path(data)
sys.path += [*(str(bundle / root) for root in roots), str(bundle / "packages")]

import django
from django.conf import settings

project = importlib.import_module(module)
values = {name: value for name, value in vars(project).items() if name.isupper()}
database = {"ENGINE": "django.db.backends.sqlite3", "NAME": data / "db.sqlite3"}
settings.configure(
    **values
    | {
        "DEBUG": False,
        "SECRET_KEY": "for measuring only, and never for anything else than that",
        "ALLOWED_HOSTS": ["127.0.0.1"],
        "DATABASES": {"default": database},
        "MEDIA_ROOT": data / "media",
        "STATIC_ROOT": bundle / "static",
    }
)
django.setup()

from django.core.handlers.wsgi import WSGIHandler
from waitress.server import create_server

server = create_server(WSGIHandler(), host="127.0.0.1", port=0)
url = f"http://127.0.0.1:{server.effective_port}/"
print(json.dumps({"event": "ready", "url": url}), flush=True)
server.run()
"""


@dataclass(frozen=True, slots=True)
class Start:
    """Milliseconds from starting the process to its ready event, and to the page's last byte."""

    ready: float
    page: float


def bundle_ready(bench: Workbench) -> float:
    """Return milliseconds until the bundle's server is ready."""
    return _start_bundle(bench).ready


def bundle_page(bench: Workbench) -> float:
    """Return milliseconds until the bundle's first page is there."""
    return _start_bundle(bench).page


def bare_ready(bench: Workbench) -> float:
    """Return milliseconds until the bare server is ready."""
    return _start_bare(bench).ready


def bare_page(bench: Workbench) -> float:
    """Return milliseconds until the bare server's first page is there."""
    return _start_bare(bench).page


def _start_bundle(bench: Workbench) -> Start:
    data = _data(bench)
    return start([*launch_command(bench.bundle), "serve", "--shell", "--data-dir", str(data)])


def _start_bare(bench: Workbench) -> Start:
    script = bench.folder / "bare.py"
    script.write_text(BARE_SCRIPT, encoding="utf-8")
    manifest = read_manifest(bench.bundle)
    *python, _ = launch_command(bench.bundle)
    command = [*python, str(script), str(bench.bundle), str(_data(bench))]
    return start([*command, manifest.settings_module, *manifest.source_roots])


def _data(bench: Workbench) -> Path:
    """Return a data folder that a server has been started with once: migrated, files cached."""
    data = bench.folder / "data"
    if not data.exists():
        start([*launch_command(bench.bundle), "serve", "--shell", "--data-dir", str(data)])
    return data


def start(command: Sequence[str]) -> Start:
    """Start a server, get its first page, and end it.

    It is told how to start as the shell does; one that does not ask for it does not mind.
    Raises BuildError when it does not become ready, or answers anything but 200.
    """
    token = new_token()
    started = time.perf_counter()
    with subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        encoding="utf-8",
    ) as server:
        guard = threading.Timer(_LIMIT_SECONDS, server.kill)
        guard.start()
        try:
            send_start(server.stdin, token=token)
            url = wait_until_ready(server.stdout)["url"]
            ready = time.perf_counter()
            _get(url, token)
            page = time.perf_counter()
        finally:
            guard.cancel()
            server.kill()
    return Start(ready=(ready - started) * 1000, page=(page - started) * 1000)


def _get(url: str, token: str) -> None:
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=_LIMIT_SECONDS)
    try:
        connection.request("GET", "/", headers={TOKEN_HEADER: token})
        response = connection.getresponse()
        response.read()
    finally:
        connection.close()
    if response.status != http.HTTPStatus.OK:
        raise BuildError(f"The first page answered {response.status}.")
