from pathlib import Path

import pytest

from tests.unit.djdesk_runtime.made_bundle import Running


@pytest.fixture(scope="module")
def media(site: Running) -> Path:
    folder = site.error_file.parent / "data" / "media"
    (folder / "sub").mkdir(parents=True)
    (folder / "page.html").write_text("<script>alert(1)</script>", encoding="utf-8")
    (folder / "picture.png").write_bytes(b"\x89PNG")
    (folder / "paper.pdf").write_bytes(b"%PDF-")
    (folder / "old.tar.gz").write_bytes(b"\x1f\x8b")
    (folder / "sub" / "ü ö.txt").write_text("umlauts", encoding="utf-8")
    (folder / "private").mkdir()
    (folder / "private" / "a.txt").write_text("of the file", encoding="utf-8")
    return folder


@pytest.mark.parametrize(
    ("name", "content_type", "sandboxed"),
    [
        ("page.html", "text/html", True),
        ("picture.png", "image/png", True),
        ("paper.pdf", "application/pdf", False),
        ("old.tar.gz", "application/gzip", True),
        ("sub/%C3%BC%20%C3%B6.txt", "text/plain", True),
    ],
)
def test_file(site: Running, media: Path, name: str, content_type: str, *, sandboxed: bool) -> None:
    answer = site.get(f"/media/{name}")
    assert answer.status == 200
    assert answer.headers["Content-Type"].partition(";")[0] == content_type
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    policy = answer.headers.get("Content-Security-Policy", "")
    assert policy.startswith("sandbox; default-src 'none';") is sandboxed


@pytest.mark.parametrize(
    ("site_of_page", "readers"),
    [(None, "same-origin"), ("same-origin", "same-origin"), ("cross-site", "cross-origin")],
)
def test_a_sandboxed_frame_may_show_it(
    site: Running, media: Path, site_of_page: str | None, readers: str
) -> None:
    headers = {"Sec-Fetch-Site": site_of_page} if site_of_page else {}
    answer = site.get("/media/picture.png", headers=headers)
    assert answer.headers["Cross-Origin-Resource-Policy"] == readers
    assert answer.headers["Vary"] == "Sec-Fetch-Site"


def test_content_is_the_uploaded_one(site: Running, media: Path) -> None:
    assert site.get("/media/page.html").body == (media / "page.html").read_bytes()


def test_head_has_no_body(site: Running, media: Path) -> None:
    answer = site.get("/media/picture.png", method="HEAD")
    assert (answer.status, answer.headers["Content-Length"], answer.body) == (200, "4", b"")


def test_unchanged_file_is_not_sent_again(site: Running, media: Path) -> None:
    modified = site.get("/media/page.html").headers["Last-Modified"]
    answer = site.get("/media/page.html", headers={"If-Modified-Since": modified})
    assert (answer.status, answer.body) == (304, b"")


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
def test_files_are_only_read(site: Running, media: Path, method: str) -> None:
    answer = site.get("/media/page.html", method=method)
    assert (answer.status, answer.headers["Allow"]) == (405, "GET, HEAD")


@pytest.mark.parametrize(
    "name",
    [
        "none.txt", "", "sub", "sub/", "../secret_key", "%2e%2e/secret_key", "..%2fsecret_key",
        "sub/../../secret_key", "//etc/passwd", "page.html%00.png", "..%5csecret_key",
        "x" * 300,
    ],
)  # fmt: skip
def test_nothing_else_is_served(site: Running, media: Path, name: str) -> None:
    assert site.get(f"/media/{name}").status == 404


def test_project_keeps_the_addresses_that_it_serves_itself(site: Running, media: Path) -> None:
    assert site.get("/media/private/a.txt").text == "the project serves a.txt"
