"""No secret in what others can read: processes, logs, crash logs, diagnostics, standard streams.

Real bundles are used with a token and through the one-time link, fail in every way there is,
and are killed by a fatal signal. Then everything that they wrote is searched.
"""

from __future__ import annotations

import os
import re
import signal
import sqlite3
import zipfile
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from pathlib import Path

import httpx
import pytest

from build_support.bundles.protocol import new_token
from build_support.verification.browse import Browser, find_upload_form
from tests.integration.conftest import Shared
from tests.integration.running import (
    Running,
    reporting_bundle,
    run_command,
    running,
    token_header,
)

pytestmark = pytest.mark.skipif(not Path("/proc").is_dir(), reason="there is no /proc to look into")

_UPLOAD = ("a private name.txt", b"a private text" * 100)
_SECONDS = 30


@dataclass(slots=True)
class Traces:
    """The secrets of one life of an application, and every text in which none may be."""

    secrets: set[tuple[str, str]] = field(default_factory=set)
    texts: dict[str, str] = field(default_factory=dict)

    def leaks(self) -> set[tuple[str, str]]:
        """Return (secret, text) by their names, for each secret that is in a text."""
        return {
            (name, place)
            for name, secret in self.secrets
            for place, text in self.texts.items()
            if secret in text
        }

    def learn(self, name: str, secret: str) -> None:
        """Add a secret; one that is no secret would be found in everything, or in nothing."""
        assert len(secret) >= 16, f"{name} is {secret!r}"
        self.secrets.add((name, secret))


def look_at_processes(traces: Traces, when: str) -> None:
    """Read the command lines and environments of all processes, as `ps` would show them."""
    for process in Path("/proc").glob("[0-9]*"):
        for name in ("cmdline", "environ"):
            try:
                content = (process / name).read_bytes()
            except OSError:
                continue  # it has ended, or is another user's
            traces.texts[f"{name} of {process.name}, {when}"] = content.decode("latin-1")


def use(server: Running, client: httpx.Client, data: Path, traces: Traces) -> None:
    """Browse, upload, ask for what is not there, make it fail; learn the cookies that are set."""
    browser = Browser(client, server.url)
    assert browser.open(server.url).response.status_code == 200
    form = find_upload_form(browser)
    assert form is not None
    assert browser.send(form, _UPLOAD).response.status_code == 200
    assert client.get("no/such/page/").status_code == 404
    assert client.get("tell/").status_code in {200, 404}
    assert client.post("", data={"csrfmiddlewaretoken": "wrong" * 8}).status_code == 403
    statuses = {client.get(path).status_code for path in ("fail/7/", "fail-elsewhere/")}
    if 500 not in statuses:
        with closing(sqlite3.connect(data / "db.sqlite3")) as database:
            database.execute("ALTER TABLE notes_note RENAME TO lost")
            assert client.get("").status_code == 500
            database.execute("ALTER TABLE lost RENAME TO notes_note")
    for cookie in client.cookies.jar:
        if cookie.value and "message" not in cookie.name:
            traces.learn(cookie.name, cookie.value)


def by_token(server: Running, token: str, _: Traces) -> httpx.Client:
    return httpx.Client(
        base_url=server.url, headers=token_header(token), trust_env=False, timeout=_SECONDS
    )


def by_link(server: Running, _: str, traces: Traces) -> httpx.Client:
    """Log in as a browser does; the link is good for one."""
    link = str(server.ready["link"])
    traces.learn("link key", link.rpartition("/")[2])
    client = httpx.Client(base_url=server.url, trust_env=False, timeout=_SECONDS)
    answer = client.get(link)
    assert answer.status_code == 200, answer.text
    (morsel,) = SimpleCookie(answer.headers["set-cookie"]).values()
    traces.learn("cookie of the gate", morsel.value)
    assert httpx.get(link, trust_env=False).status_code == 403
    return client


Enter = Callable[[Running, str, Traces], httpx.Client]


def live(bundle: Path, folder: Path, enter: Enter) -> Traces:
    """Let an application be used, killed, used again and asked for diagnostics."""
    traces = Traces()
    data, token = folder / "data", new_token() if enter is by_token else ""
    environment = {"HOME": str(folder), "PATH": os.environ["PATH"], "SECRET_WORD": "nothing"}
    if token:
        traces.learn("token", token)
    for end in (kill, stop):
        with running(bundle, folder, token=token, environment=environment) as server:
            with closing(enter(server, token, traces)) as client:
                use(server, client, data, traces)
            look_at_processes(traces, f"before {end.__name__}")
            end(server)
            rest = server.process.stdout.read() if server.process.stdout else ""
        # The link is for whoever started the server: it is in that one event and nowhere else.
        events = [{**event, "link": None} for event in server.events]
        traces.texts[f"standard output, {end.__name__}"] = f"{events}{rest}"
    traces.learn("secret key", (data / "secret_key").read_text().strip())
    traces.texts["standard error"] = (folder / "stderr").read_text()
    for file in (data / "logs").iterdir():
        traces.texts[f"log {file.name}"] = file.read_text()
    archive = folder / "diagnostics.zip"
    words = ("diagnostics", "--data-dir", data, "--output", archive)
    run_command(bundle, *words, environment=environment)
    with zipfile.ZipFile(archive) as opened:
        for name in opened.namelist():
            traces.texts[f"diagnostics {name}"] = opened.read(name).decode()
    return traces


def kill(server: Running) -> None:
    """Let it die as of a bug in compiled code."""
    server.process.send_signal(signal.SIGABRT)
    assert server.process.wait(_SECONDS) == -signal.SIGABRT


def stop(server: Running) -> None:
    assert server.end() == 0


@pytest.fixture(params=["example", "careless"])
def application(request: pytest.FixtureRequest, shared: Shared) -> tuple[str, Path]:
    """The example's bundle, and that of a project which logs and raises all that it gets."""
    if request.param == "careless":
        return "careless", reporting_bundle(shared)
    bundle: Path = request.getfixturevalue("bundle")
    return "example", bundle


@pytest.fixture(params=[by_token, by_link], ids=["token", "link"])
def traces(request: pytest.FixtureRequest, application: tuple[str, Path], tmp_path: Path) -> Traces:
    enter: Enter = request.param
    return live(application[1], tmp_path, enter)


def test_no_secret_is_anywhere(traces: Traces, application: tuple[str, Path]) -> None:
    names = {name for name, _ in traces.secrets}
    assert "secret key" in names
    assert names & {"token", "link key"}
    assert any("csrftoken" in name for name in names)
    assert (application[0] == "careless") == any("sessionid" in name for name in names)
    assert traces.leaks() == set()
    texts = traces.texts
    # What was searched is what it should be.
    assert {"log app.log", "log crash.log", "diagnostics logs/crash.log"} <= set(texts)
    assert any("run_django.py" in text for name, text in texts.items() if "cmdline" in name)
    assert any("SECRET_WORD" in text for name, text in texts.items() if "environ" in name)
    assert "Internal Server Error: " in texts["log app.log"]
    assert "Not Found: /no/such/page/" in texts["diagnostics logs/app.log"]
    for name in ("log crash.log", "diagnostics logs/crash.log"):
        assert "Fatal Python error: Aborted" in texts[name]
        assert re.search(r'File ".*waitress.*", line \d+ in', texts[name])
    everything = "".join(texts.values())
    assert _UPLOAD[0] not in everything
    assert _UPLOAD[1].decode() not in everything
