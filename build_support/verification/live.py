"""Use a bundle as an end user would, and print what was found as JSON lines.

Run as `python -m build_support.verification.live BUNDLE DATA` in a process of its own, because
it first gives up the network (on Linux, where it may) and runs the bundle as another
user (where it may). The bundle gets an empty environment.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from build_support.bundles.manifest import Manifest, read_manifest
from build_support.bundles.protocol import (
    TOKEN_HEADER,
    new_token,
    send_start,
    wait_until_ready,
)
from build_support.bundles.serve import launch_command
from build_support.errors import BuildError
from build_support.paths import is_inside
from build_support.tracebacks import last_lines
from build_support.verification.browse import Browser, find_upload_form
from build_support.verification.imports import IMPORT_SCRIPT, judge_imports
from build_support.verification.isolation import Isolation, isolate

_START_SECONDS = 60.0
_STOP_SECONDS = 20.0
_FAR_FUTURE = 31_536_000  # a year, in seconds
_LINE, _LINES = "Ein Anhang, größer als ASCII.\n".encode(), 4096
_UPLOAD = ("Grüße 🦄.txt", _LINE * _LINES)


class CheckError(Exception):
    """A check that found a problem; its text is the reason."""


@dataclass(frozen=True, slots=True)
class Bundle:
    """The bundle being used, and how."""

    path: Path
    data: Path
    manifest: Manifest
    isolation: Isolation

    def run(self, *words: str) -> str:
        """Run a command of the launcher and return its output. Raises CheckError."""
        finished = subprocess.run(
            [*launch_command(self.path), *words],
            cwd="/",
            env=dict(self.isolation.environment),
            user=self.isolation.user,
            group=self.isolation.user,
            extra_groups=[] if self.isolation.user is not None else None,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            timeout=_START_SECONDS,
            check=False,
        )
        if finished.returncode != 0:
            raise CheckError(f"ended with {finished.returncode}: {last_lines(finished.stderr, 12)}")
        return finished.stdout

    def manage(self, *words: str) -> str:
        """Run a management command on the data folder. Raises CheckError."""
        return self.run("manage", "--data-dir", str(self.data), *words)


def main(bundle: Path, data: Path) -> None:
    """Make every check in order; a failing one does not keep the others from being made."""
    isolation = isolate()
    used = Bundle(bundle, data, read_manifest(bundle), isolation)
    _report("cut off", detail=isolation.detail)
    _attempt("interpreter", _check_interpreter, used)
    _attempt("imports", _check_imports, used)
    _attempt("check --deploy", _check_settings, used)
    _attempt("migrate an empty database", _check_migrations, used)
    _check_serving(used)


def _report(title: str, problem: str = "", detail: str = "") -> None:
    sys.stdout.write(json.dumps({"title": title, "problem": problem, "detail": detail}) + "\n")
    sys.stdout.flush()


def _attempt(title: str, check: Any, *arguments: Any) -> None:  # noqa: ANN401 - hands them on
    try:
        _report(title, detail=check(*arguments))
    except CheckError as failure:
        _report(title, problem=str(failure))
    except (httpx.HTTPError, subprocess.TimeoutExpired, OSError, ValueError, KeyError) as error:
        _report(title, problem=f"{type(error).__name__}: {error}")


def _check_interpreter(used: Bundle) -> str:
    python = json.loads(used.run("info"))["python"]
    if python["version"] != used.manifest.python.version:
        raise CheckError(
            f"is {python['version']}, and the manifest says {used.manifest.python.version}"
        )
    for name in ("prefix", "executable"):
        if not is_inside(Path(python[name]), used.path):
            raise CheckError(f"sys.{name} is {python[name]}, outside the bundle")
    return f"CPython {python['version']}, all of it inside the bundle"


def _check_imports(used: Bundle) -> str:
    packages = str(used.path / "packages")
    code = IMPORT_SCRIPT.replace("PACKAGES", repr(packages))
    found = judge_imports(used.manage("shell", "--verbosity", "0", "--command", code))
    if found.problems or not found.names:
        raise CheckError("\n".join(found.problems) or "there is no package that could be imported")
    not_imported = f"; not importable: {'; '.join(found.notes)}" if found.notes else ""
    return ", ".join(found.names) + not_imported


def _check_settings(used: Bundle) -> str:
    used.run("check", "--data-dir", str(used.data))
    return "clean"


def _check_migrations(used: Bundle) -> str:
    used.manage("migrate", "--noinput", "--verbosity", "0")
    used.manage("migrate", "--check")
    return "and nothing is left to do"


def _check_serving(used: Bundle) -> None:
    token = new_token()
    headers = {TOKEN_HEADER: token}
    try:
        with (
            _serve(used, token) as (server, url),
            httpx.Client(headers=headers, trust_env=False, timeout=30) as client,
        ):
            browser = Browser(client, url)
            _attempt("strangers are refused", _check_refusal, url)
            _attempt("a page", _check_page, browser)
            _attempt("a static file", _check_static, used, client, url)
            _attempt("an upload and its download", _check_upload, used, browser, client)
            _attempt("clean stop", _check_stop, server)
    except (BuildError, OSError, ValueError, KeyError) as failure:
        _report("serve", problem=str(failure))


@contextmanager
def _serve(used: Bundle, token: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    user = used.isolation.user
    server = subprocess.Popen(
        [*launch_command(used.path), "serve", "--shell", "--data-dir", str(used.data)],
        cwd="/",
        env=dict(used.isolation.environment),
        user=user,
        group=user,
        extra_groups=[] if user is not None else None,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        encoding="utf-8",
    )
    try:
        send_start(server.stdin, token=token)
        yield server, str(wait_until_ready(server.stdout)["url"])
    finally:
        server.kill()
        server.wait()


def _check_refusal(url: str) -> str:
    answer = httpx.get(url, trust_env=False)
    if answer.status_code != httpx.codes.FORBIDDEN:
        raise CheckError(f"{url} answered {answer.status_code} without a token")
    return f"{url} {answer.status_code} without a token"


def _check_page(browser: Browser) -> str:
    page = browser.open(browser.home)
    if page.response.status_code != httpx.codes.OK or not page.response.content:
        raise CheckError(f"{page.url} answered {page.response.status_code}")
    return f"{page.url} {page.response.status_code}, {len(page.response.content)} bytes"


def _check_static(used: Bundle, client: httpx.Client, url: str) -> str:
    files = json.loads((used.path / "static" / "staticfiles.json").read_text(encoding="utf-8"))
    static = used.path / "static"
    compressed = sorted(
        name for name, hashed in files["paths"].items() if (static / f"{hashed}.gz").is_file()
    )
    if not compressed:
        return "the project has none that compressing makes smaller"
    code = f"from django.templatetags.static import static; print(static({compressed[0]!r}))"
    address = used.manage("shell", "--verbosity", "0", "--command", code).strip()
    response = client.get(url.rstrip("/") + address, headers={"Accept-Encoding": "gzip"})
    caching = response.headers.get("cache-control", "")
    ages = [part.removeprefix("max-age=") for part in caching.replace(" ", "").split(",")]
    if response.status_code != httpx.codes.OK:
        raise CheckError(f"{response.url} answered {response.status_code}")
    if response.headers.get("content-encoding") != "gzip":
        raise CheckError(f"{response.url} came uncompressed")
    if not any(age.isdigit() and int(age) >= _FAR_FUTURE for age in ages):
        raise CheckError(f"{response.url} came with Cache-Control {caching!r}")
    return f"{address}: gzip, {caching}"


def _check_upload(used: Bundle, browser: Browser, client: httpx.Client) -> str:
    form = find_upload_form(browser)
    if form is None:
        return _upload_by_storage(used, browser, client)
    answer = browser.send(form, _UPLOAD)
    if answer.response.status_code != httpx.codes.OK or form.action == answer.url:
        raise CheckError(f"{form.action} answered {answer.response.status_code} on {answer.url}")
    for page in (answer, *browser.walk()):
        for link in page.links:
            if browser.open(link).response.content == _UPLOAD[1]:
                return f"by the form {form.action}, back from {link}"
    raise CheckError(f"sent to {form.action}, and no link on {answer.url} gives it back")


def _upload_by_storage(used: Bundle, browser: Browser, client: httpx.Client) -> str:
    """For a project without an upload form: Django's storage in, the media address out."""
    code = (
        "from django.core.files.base import ContentFile; "
        "from django.core.files.storage import default_storage as storage; "
        f"content = ContentFile({_LINE!r} * {_LINES}); "
        "print(storage.url(storage.save('djdesk-check.txt', content)))"
    )
    address = used.manage("shell", "--verbosity", "0", "--command", code).strip()
    response = client.get(browser.home.rstrip("/") + address)
    if response.content != _UPLOAD[1]:
        raise CheckError(f"{address} answered {response.status_code} and other content")
    return f"no page has a form for files; stored, and back from {address}"


def _check_stop(server: subprocess.Popen[str]) -> str:
    """End its standard input: that is how the shell stops a server, on every system."""
    if server.stdin is not None:
        server.stdin.close()
    code = server.wait(_STOP_SECONDS)
    if code != 0:
        raise CheckError(f"ended with {code}")
    return "ended by itself"


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
