"""Views that write, and say where."""

import logging
import subprocess
import sys
import tempfile
from pathlib import Path

from django.conf import settings
from django.core.cache import caches
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage, storages
from django.core.files.uploadedfile import TemporaryUploadedFile
from django.core.mail import EmailMessage
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.templatetags.static import static
from django.urls import path


def home(_request: HttpRequest) -> HttpResponse:
    """Return a page."""
    return HttpResponse("<h1>Garden</h1>")


def upload(request: HttpRequest) -> JsonResponse:
    """Keep an uploaded file."""
    file = request.FILES["file"]
    assert isinstance(file, TemporaryUploadedFile)
    name = default_storage.save("upload.bin", file)
    return JsonResponse({
        "held": file.temporary_file_path(),
        "kept": default_storage.path(name),
        "url": default_storage.url(name),
    })  # fmt: skip


def write(request: HttpRequest) -> JsonResponse:
    """Write wherever there is something to write to."""
    request.session["seen"] = True
    for cache in caches.all():
        cache.set("key", "value")
    EmailMessage("Hello", "Text", "a@example.com", ["b@example.com"]).send()
    logging.getLogger("garden").info("written")
    thumbnail = storages["thumbnails"].save("small.png", ContentFile(b"small"))
    # The stubs know the settings of another project.
    export = Path(getattr(settings, "EXPORT_DIR"), "all.csv")  # noqa: B009
    export.parent.mkdir(parents=True, exist_ok=True)
    export.write_text("1,2\n", encoding="utf-8")
    with tempfile.NamedTemporaryFile() as temporary:
        pass
    child = subprocess.run(
        [sys.executable, "manage.py", "diffsettings"], capture_output=True, check=False
    )
    return JsonResponse({
        "cached": [cache.get("key") for cache in caches.all()],
        "thumbnail": storages["thumbnails"].path(thumbnail),
        "export": str(export),
        "temporary": temporary.name,
        "words": Path("words.txt").read_text(encoding="utf-8"),
        "child": child.returncode,
        "static": [static("garden/garden.css"), static("garden/built-0123abcd.js")],
    })  # fmt: skip


urlpatterns = [path("", home), path("upload/", upload), path("write/", write)]
