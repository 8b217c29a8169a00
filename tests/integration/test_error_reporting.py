"""Errors of a real bundle with the real SDK, sent to a server of the test, and what is in them.

The project logs and raises every secret that it can get hold of; see tests/projects/reporting.
"""

from __future__ import annotations

import gzip
import json
import os
import platform
import shutil
import threading
from collections.abc import Iterator, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from queue import SimpleQueue
from typing import Any

import httpx
import pytest

from build_support.bundles.manifest import MANIFEST_FILE, read_manifest
from tests.integration.conftest import Shared
from tests.integration.running import Running, reporting_bundle, running, token_header

KEY = "0123456789abcdef0123456789abcdef"
TOKEN = "the-token-of-this-launch-and-no-other_1"
_SECONDS = 30


class Collector:
    """Receives what the SDK sends, as Sentry would, on a port of the loopback interface."""

    def __init__(self) -> None:
        self.envelopes: SimpleQueue[bytes] = SimpleQueue()
        self.headers: list[Mapping[str, str]] = []
        collector = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                compressed = self.headers.get("Content-Encoding") == "gzip"
                collector.headers.append(dict(self.headers))
                collector.envelopes.put(gzip.decompress(body) if compressed else body)
                self.send_response(200)
                self.send_header("Content-Length", "2")
                self.end_headers()
                self.wfile.write(b"{}")

            def log_message(self, *_: object) -> None:
                """Print nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.thread = threading.Thread(target=self.server.serve_forever)

    @property
    def dsn(self) -> str:
        return f"http://{KEY}@127.0.0.1:{self.server.server_port}/42"

    def event(self) -> dict[str, Any]:
        """Return the next event; whatever else is sent fails the test."""
        header, *items = self.envelopes.get(timeout=_SECONDS).splitlines()
        assert "dsn" not in json.loads(header)
        assert json.loads(items[0])["type"] == "event"
        event: dict[str, Any] = json.loads(items[1])
        assert len(items) == 2
        return event


@pytest.fixture
def collector() -> Iterator[Collector]:
    collector = Collector()
    collector.thread.start()
    yield collector
    collector.server.shutdown()
    collector.thread.join()
    collector.server.server_close()


@pytest.fixture(scope="session")
def reporting(shared: Shared) -> Path:
    """The bundle of the project that reports errors."""
    return reporting_bundle(shared)


def variant(bundle: Path, folder: Path, dsn: str | None, *, sdk: bool = True) -> Path:
    """Return the same bundle with another DSN in its manifest: the port is only known now."""
    for name in ("python", "static"):
        (folder / name).symlink_to(bundle / name)
    shutil.copytree(bundle / "app", folder / "app")
    shutil.copyfile(bundle / "run_django.py", folder / "run_django.py")
    (folder / "packages").mkdir()
    for path in (bundle / "packages").iterdir():
        if sdk or not path.name.startswith("sentry"):
            (folder / "packages" / path.name).symlink_to(path)
    manifest = json.loads((bundle / MANIFEST_FILE).read_text(encoding="utf-8"))
    manifest["desktop"]["sentry_dsn"] = dsn
    (folder / MANIFEST_FILE).write_text(json.dumps(manifest), encoding="utf-8")
    return folder


def surroundings(home: Path) -> dict[str, str]:
    """Return an environment as a user has it, with what the SDK would look at by itself."""
    (home / "home" / "somebody").mkdir(parents=True)
    return {
        "HOME": str(home / "home" / "somebody"),
        "LOGNAME": "somebody",
        "PATH": os.environ["PATH"],
        "SENTRY_RELEASE": "another",
        "SENTRY_ENVIRONMENT": "another",
    }


@pytest.fixture
def served(reporting: Path, collector: Collector, tmp_path: Path) -> Iterator[Running]:
    """The project being served from a folder in the user's home, and reported to the collector."""
    environment = surroundings(tmp_path)
    folder = Path(environment["HOME"], "Applications")
    folder.mkdir()
    changed = variant(reporting, folder, collector.dsn)
    with running(changed, tmp_path, token=TOKEN, environment=environment) as server:
        yield server


@pytest.fixture
def client(served: Running) -> Iterator[httpx.Client]:
    with httpx.Client(
        base_url=served.url, headers=token_header(TOKEN), trust_env=False, timeout=_SECONDS
    ) as client:
        client.get("")
        yield client


def secrets_of(client: httpx.Client, scratch: Path) -> dict[str, str]:
    """Return everything that must not be in a report, by what it is."""
    names = {name: value for name, value in client.cookies.items() if "csrf" in name}
    assert len(client.cookies) == 2
    assert len(names) == 1
    return {
        "token": TOKEN,
        "secret key": (scratch / "data" / "secret_key").read_text().strip(),
        **dict(client.cookies.items()),
        "computer": platform.node(),
        "home folder": str(scratch / "home" / "somebody"),
        "user": "somebody",
        "local variables": "local_cookies': ",
        "password": "a-password-of-the-project",
    }


def holds_none(text: str, secrets: Mapping[str, str]) -> None:
    for name, secret in secrets.items():
        assert secret not in text, f"the {name} is in it"


def test_a_failing_view_is_reported_without_anything_secret(
    client: httpx.Client, collector: Collector, reporting: Path, tmp_path: Path
) -> None:
    answer = client.post("fail/7/?text=private-words", headers={"X-Own": "private-header"})
    assert answer.status_code == 403, "CSRF: no event"
    assert client.get("fail/7/?text=private-words").status_code == 500
    event = collector.event()
    app = read_manifest(reporting).app
    assert event["release"] == f"org.example.reporting@2.5+{app.revision}"
    assert event["environment"] == "production"
    assert event["transaction"] == "/fail/<int:number>/"
    assert event["tags"] == {"method": "GET", "target": read_manifest(reporting).target}
    exception = event["exception"]["values"][-1]
    assert exception["type"] == "RuntimeError"
    assert exception["value"].startswith("failure 7 of ~/Applications/app: ********")
    frame = exception["stacktrace"]["frames"][-1]
    assert (frame["filename"], frame["function"]) == ("reporting/urls.py", "fail")
    assert frame["in_app"] is True
    assert "raise RuntimeError(" in "\n".join([frame["context_line"], *frame["pre_context"]])
    assert not {"server_name", "request", "user", "extra", "modules"} & set(event)
    assert "vars" not in json.dumps(event)
    crumbs = [crumb["message"] for crumb in event["breadcrumbs"]["values"]]
    assert any(crumb.startswith("about to fail with ") for crumb in crumbs)
    text = json.dumps(event) + json.dumps(collector.headers)
    holds_none(text, secrets_of(client, tmp_path))
    assert "private-words" not in text


def test_threads_and_logged_errors_are_reported_once_each(
    client: httpx.Client, collector: Collector, served: Running, tmp_path: Path
) -> None:
    client.get("fail-elsewhere/")
    client.get("tell/")
    client.get("fail/1/")
    client.get("nothing/here/")
    assert served.end() == 0
    events = []
    while not collector.envelopes.empty():
        events.append(collector.event())
    kinds = [
        event["exception"]["values"][-1]["value"] if "exception" in event else event["logentry"]
        for event in events
    ]
    assert len(kinds) == 3, kinds
    assert kinds[0] == "failure in a thread: ********"
    assert kinds[1]["message"] == "the key is %s"
    assert str(kinds[2]).startswith("failure 1 of ")
    holds_none(json.dumps(events), secrets_of(client, tmp_path))
    assert "Sentry is attempting" not in served.errors.read_text()


@pytest.mark.parametrize("broken", ["settings", "applications"])
def test_a_project_that_cannot_be_loaded_is_reported(
    reporting: Path, collector: Collector, tmp_path: Path, broken: str
) -> None:
    folder = tmp_path / "bundle"
    folder.mkdir()
    variant(reporting, folder, collector.dsn)
    package = folder / "app" / "src" / "reporting"
    app = "['no_such_application']" if broken == "applications" else "1 / 0"
    shutil.rmtree(package / "__pycache__")
    (package / "settings.py").write_text(f"INSTALLED_APPS = {app}\n")
    environment = surroundings(tmp_path)
    with (
        pytest.raises(AssertionError, match="cannot be loaded"),
        running(folder, tmp_path, token=TOKEN, environment=environment),
    ):
        raise NotImplementedError
    event = collector.event()
    kind = event["exception"]["values"][-1]["type"]
    assert kind == {"settings": "ZeroDivisionError", "applications": "ModuleNotFoundError"}[broken]


@pytest.mark.parametrize("dsn", [None, ""])
def test_without_a_dsn_nothing_connects(
    reporting: Path, collector: Collector, tmp_path: Path, dsn: str | None
) -> None:
    """Not even to the address in an environment variable that the SDK knows."""
    folder = tmp_path / "bundle"
    folder.mkdir()
    environment = {**surroundings(tmp_path), "SENTRY_DSN": collector.dsn}
    changed = variant(reporting, folder, dsn)
    with (
        running(changed, tmp_path, token=TOKEN, environment=environment) as server,
        httpx.Client(base_url=server.url, headers=token_header(TOKEN), trust_env=False) as client,
    ):
        assert client.get("fail/1/").status_code == 500
        client.get("tell/")
        client.get("fail-elsewhere/")
        assert server.end() == 0
    assert collector.envelopes.empty()
    assert "sentry" not in server.errors.read_text()


def test_without_the_sdk_the_application_runs_and_says_so(
    reporting: Path, collector: Collector, tmp_path: Path
) -> None:
    folder = tmp_path / "bundle"
    folder.mkdir()
    changed = variant(reporting, folder, collector.dsn, sdk=False)
    environment = surroundings(tmp_path)
    with (
        running(changed, tmp_path, token=TOKEN, environment=environment) as server,
        httpx.Client(base_url=server.url, headers=token_header(TOKEN), trust_env=False) as client,
    ):
        assert client.get("").status_code == 200
        assert client.get("fail/1/").status_code == 500
        assert server.end() == 0
    assert collector.envelopes.empty()
    log = (tmp_path / "data" / "logs" / "app.log").read_text(encoding="utf-8")
    assert "errors are not reported, sentry-sdk is missing" in log
    assert KEY not in log


def test_the_bundle_says_where_errors_go(reporting: Path) -> None:
    assert read_manifest(reporting).desktop.sentry_dsn == f"http://{KEY}@127.0.0.1:9/42"


def test_a_dsn_without_the_sdk_in_the_lock_is_refused(shared: Shared, project: Path) -> None:
    file = project / "pyproject.toml"
    text = file.read_text(encoding="utf-8")
    place = "[tool.djdesk]\n"
    file.write_text(text.replace(place, f'{place}sentry-dsn = "https://{KEY}@s.example/1"\n'))
    output = project.parent / "django-bundle"
    finished = shared.run("bundle", "--project", project, "--output", output)
    assert finished.code != 0
    assert "has no sentry-sdk" in finished.output
    assert "write the lock again" in finished.output
    assert KEY not in finished.output
    assert "Traceback" not in finished.output
    assert not output.exists()
