"""The server's answers as Chromium takes them: media, uploads, streams and sandboxed frames."""

from __future__ import annotations

import io
import json
import textwrap
import wave
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Page, Playwright

from tests.e2e.browser import chromium
from tests.unit.djdesk_runtime.made_bundle import (
    MANIFEST,
    PROJECT,
    SHELL,
    Running,
    make_bundle,
    served,
)

_RATE = 48_000
_SECONDS = 120
_MOST = 1_000_000
_MEGABYTES = 60
_URLS = textwrap.dedent("""
    import asyncio
    import queue
    import time

    from django.core.files.storage import default_storage
    from django.http import FileResponse, HttpResponse, StreamingHttpResponse
    from django.urls import path
    from django.views.decorators.csrf import csrf_exempt

    closed = []

    def home(request):
        return HttpResponse("<!doctype html><title>home</title><p>home</p>")

    def sound(request):
        return FileResponse(default_storage.open("tone.wav"))

    @csrf_exempt
    def upload(request):
        if request.method == "POST":
            size = request.FILES["file"].size
            return HttpResponse(f"<!doctype html><p>stored {size}</p>")
        return HttpResponse(
            '<!doctype html><form method="post" enctype="multipart/form-data">'
            '<input type="file" name="file"><button>send</button></form>'
        )

    def outer(request):
        return HttpResponse('<!doctype html><iframe sandbox src="/inner/"></iframe>')

    def inner(request):
        response = HttpResponse(
            '<!doctype html><link rel="stylesheet" href="/media/style.css">'
            '<img src="/media/picture.svg"><p>inner</p>'
        )
        response.xframe_options_exempt = True
        return response

    def quiet(request):
        def pieces():
            try:
                yield "data: hello\\n\\n"
                queue.Queue().get()
            finally:
                closed.append("quiet")
        return StreamingHttpResponse(pieces(), content_type="text/event-stream")

    async def asynchronous(request):
        async def pieces():
            try:
                yield "data: hello\\n\\n"
                await asyncio.Event().wait()
            finally:
                closed.append("asynchronous")
        return StreamingHttpResponse(pieces(), content_type="text/event-stream")

    def ended(request):
        return HttpResponse(str(len(closed)))

    urlpatterns = [path("", home)] + [path(f"{view.__name__}/", view) for view in (
        sound, upload, outer, inner, quiet, asynchronous, ended)]
""")


@dataclass(frozen=True, slots=True)
class _Visited:
    page: Page
    url: str
    site: Running


def _tone() -> bytes:
    """Return two minutes of silence; too much for Chromium to load before it is asked to."""
    file = io.BytesIO()
    with wave.open(file, "wb") as sound:
        sound.setnchannels(2)
        sound.setsampwidth(2)
        sound.setframerate(_RATE)
        sound.writeframes(bytes(4 * _RATE * _SECONDS))
    return file.getvalue()


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    folder = tmp_path_factory.mktemp("site")
    root = make_bundle(folder / "bundle")
    (root / "app" / "src" / "tiny" / "urls.py").write_text(_URLS, encoding="utf-8")
    manifest = MANIFEST | {"desktop": {"max_upload": _MOST}}
    (root / "bundle.json").write_text(json.dumps(manifest), encoding="utf-8")
    with served(root, folder, start_line=SHELL) as running:
        media = folder / "data" / "media"
        media.mkdir(exist_ok=True)
        (media / "tone.wav").write_bytes(_tone())
        (media / "style.css").write_text("p { color: red }", encoding="utf-8")
        (media / "picture.svg").write_text(
            '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>', encoding="utf-8"
        )
        yield running


@pytest.fixture
def visited(site: Running, playwright: Playwright, tmp_path: Path) -> Iterator[_Visited]:
    """A browser that sends the token with every request, as the shell does for its pages."""
    assert "tiny/urls.py" in PROJECT
    with chromium(playwright, tmp_path / "profile") as context:
        context.set_extra_http_headers(site.headers)
        page = context.pages[0]
        url = f"http://127.0.0.1:{site.port}/"
        page.goto(url)
        yield _Visited(page, url, site)


_PLAY = """async path => {
  const sound = document.createElement('audio');
  const happened = name => new Promise((done, failed) => {
    sound.addEventListener(name, done, {once: true});
    sound.addEventListener('error', () => failed(sound.error.message), {once: true});
  });
  sound.preload = 'metadata';
  sound.src = path;
  await happened('loadedmetadata');
  const reached = [];
  for (const place of [100, 10, 115]) {
    sound.currentTime = place;
    await happened('seeked');
    reached.push(sound.currentTime);
  }
  return {seekable: sound.seekable.end(0), reached};
}"""


@pytest.mark.parametrize("path", ["media/tone.wav", "sound/"])
def test_sound_can_be_seeked(visited: _Visited, path: str) -> None:
    codes: list[int] = []
    visited.page.on("response", lambda answer: codes.append(answer.status))
    played: Mapping[str, object] = visited.page.evaluate(_PLAY, visited.url + path)
    assert played == {"seekable": _SECONDS, "reached": [100, 10, 115]}
    assert set(codes) == {206}
    assert len(codes) > 1, "it was loaded as a whole"


@pytest.mark.parametrize("path", ["media/tone.wav", "sound/"])
def test_parts_are_fetched(visited: _Visited, path: str) -> None:
    fetched = visited.page.evaluate(
        """async address => {
          const answers = [];
          for (const range of ['bytes=0-3', 'bytes=-4', 'bytes=99999999-', 'bytes=0-3,9-11']) {
            const answer = await fetch(address, {headers: {Range: range}});
            answers.push([answer.status, (await answer.arrayBuffer()).byteLength]);
          }
          return answers;
        }""",
        visited.url + path,
    )
    assert fetched == [[206, 4], [206, 4], [416, 0], [200, len(_tone())]]


@pytest.mark.parametrize(("size", "shown"), [(1000, "stored 1000"), (_MEGABYTES << 20, "1 MB")])
def test_uploads(visited: _Visited, tmp_path: Path, size: int, shown: str) -> None:
    file = tmp_path / "upload.bin"
    with file.open("wb") as opened:
        opened.truncate(size)
    page = visited.page
    page.goto(f"{visited.url}upload/")
    page.set_input_files("input", file)
    page.click("button")
    page.get_by_text(shown).wait_for()
    assert page.goto(visited.url).status == 200  # type: ignore[union-attr]


def test_a_sandboxed_frame_has_its_pictures_and_styles(visited: _Visited) -> None:
    codes: dict[str, int] = {}
    visited.page.on(
        "response", lambda answer: codes.update({answer.url.rpartition("/")[2]: answer.status})
    )
    visited.page.goto(f"{visited.url}outer/", wait_until="networkidle")
    assert codes == {"": 200, "style.css": 200, "picture.svg": 200}


_LISTEN = """async address => {
  const source = new EventSource(address);
  const said = await new Promise(done => { source.onmessage = event => done(event.data); });
  source.close();
  return said;
}"""


@pytest.mark.parametrize("path", ["quiet/", "asynchronous/"])
def test_streams_that_were_left_keep_no_thread(visited: _Visited, path: str) -> None:
    for _ in range(20):
        assert visited.page.evaluate(_LISTEN, visited.url + path) == "hello"
    assert visited.page.goto(visited.url).status == 200  # type: ignore[union-attr]


def test_an_asynchronous_stream_ends_with_its_client(visited: _Visited) -> None:
    before = int(visited.site.get("/ended/").text)
    visited.page.evaluate(_LISTEN, f"{visited.url}asynchronous/")
    visited.page.wait_for_function(
        "async before => Number(await (await fetch('/ended/')).text()) > before", arg=before
    )
