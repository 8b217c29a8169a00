"""Use a Windows bundle under Wine as its user would, and note down what happens.

The Windows that it runs in takes long to make, so all of it is done once, in one go; what was
seen is kept as JSON for as many tests as there are things to say about it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import httpx

from build_support.bundles.manifest import read_manifest
from build_support.bundles.protocol import TOKEN_HEADER, new_token
from build_support.verification.browse import Browser, Page, find_upload_form
from build_support.verification.files import check_files
from tests.windows.access import expected_proof, knock
from tests.windows.leftovers import leave_programs
from tests.windows.programs import SECONDS, Installation, Server, start_and_end, starting
from tests.windows.updates import update
from tests.windows.wine import Wine, windows_path

#: What a process of the project, and its children, import modules from.
_CHILDREN = """
import json, subprocess, sys
code = "import django, djdesk, waitress, sys; print(django.__path__[0], sys.dont_write_bytecode)"
ways = [[], ["-I"], ["-E"]]
said = [
    subprocess.run([sys.executable, *way, "-c", code], capture_output=True, encoding="utf-8")
    for way in ways
]
import django
print(json.dumps([
    f"{django.__path__[0]} True\\n", *(run.stdout + run.stderr for run in said)
]))
"""
UPLOAD = ("Grüße.bin", bytes(range(256)) * 512)


def use_bundle(wine: Wine, bundle: Path, folder: Path) -> dict[str, Any]:
    """Run every command of a bundle, with data in a folder that a user may well have.

    Return what they said and what they left on the disk.
    """
    data = folder / "Daten für Zoë"
    place = Installation(wine, bundle, data)
    facts: dict[str, Any] = {"bundle": str(windows_path(bundle)), "data": str(windows_path(data))}
    facts["info"] = json.loads(place.use_data("info"))
    facts["check"] = place.run("check")
    facts["manage"] = place.run("manage", "check")
    facts["children"] = json.loads(place.run("manage", "shell", "-v0", "--command", _CHILDREN))
    facts["served"] = _serve(place)
    facts["log"] = (data / "logs" / "app.log").read_text(encoding="utf-8")
    facts["key characters"] = len((data / "secret_key").read_text(encoding="ascii").strip())
    versions = folder / "Spätere Fassungen"
    versions.mkdir()
    facts |= update(place, versions)
    facts["leftovers"] = leave_programs(place, versions)
    files = {path for path in data.rglob("*") if path.is_file()}
    facts["data files"] = sorted(path.relative_to(data).as_posix() for path in files)
    facts["problems"] = dict(check_files(bundle, read_manifest(bundle)))
    return facts


def _serve(place: Installation) -> dict[str, Any]:
    token, nonce = new_token(), new_token()
    with starting(place, token=token, nonce=nonce) as server:
        server.wait_until_ready()
        seen = _browse(server)
        seen["refused"] = knock(server, seen["style"]["url"], seen["downloads"][0])
        seen["second"] = start_and_end(place)
        seen["backup"] = place.use_data("backup")
        seen["proof"] = expected_proof(token, nonce, server.url)
        seconds = server.leave()
        seen |= {"seconds": seconds, **server.rest()}
    secrets = (token.encode(), (place.data / "secret_key").read_bytes().strip())
    texts = {path.name: path.read_bytes() for path in (place.data / "logs").iterdir()}
    seen["logs with secrets"] = [
        name for name, text in texts.items() if any(secret in text for secret in secrets)
    ]
    return seen


def _browse(server: Server) -> dict[str, Any]:
    headers = {TOKEN_HEADER: server.token}
    with httpx.Client(headers=headers, trust_env=False, timeout=SECONDS) as client:
        browser = Browser(client, server.url)
        home = browser.open(server.url)
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
            "about": browser.open(f"{server.url}about/").response.text,
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
