"""A project that is as careless with secrets as can be: it logs and raises all it gets hold of."""

import logging
import threading
from typing import Never

from django.conf import settings
from django.core.files.storage import default_storage
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import get_token
from django.urls import path

log = logging.getLogger("reporting")

FORM = """<form method="post" action="/upload/" enctype="multipart/form-data">
<input type="hidden" name="csrfmiddlewaretoken" value="{token}">
<input type="file" name="upload"></form>"""


def home(request: HttpRequest) -> HttpResponse:
    """Set both cookies and show a form."""
    request.session["visits"] = request.session.get("visits", 0) + 1
    return HttpResponse(FORM.format(token=get_token(request)))


def upload(request: HttpRequest) -> HttpResponse:
    """Keep a file."""
    file = request.FILES["upload"]
    return HttpResponse(default_storage.save(file.name, file))


def tell(request: HttpRequest) -> HttpResponse:
    """Log everything that is known of a request, and the secret key."""
    log.warning("headers: %s", request.headers)
    log.warning("environment: %s", request.META)
    log.warning("cookies: %r, session: %r", request.COOKIES, dict(request.session))
    log.error("the key is %s", settings.SECRET_KEY)
    return HttpResponse("told")


def fail(request: HttpRequest, number: int) -> HttpResponse:
    """Raise it, with more of it in local variables."""
    local_key = settings.SECRET_KEY
    local_cookies = dict(request.COOKIES)
    log.warning("about to fail with %s", request.headers)
    raise RuntimeError(
        f"failure {number} of {settings.BASE_DIR}: {local_key} {request.headers} {local_cookies}"
    )


def fail_elsewhere(request: HttpRequest) -> HttpResponse:
    """Let a thread fail."""

    def work(local_key: str) -> Never:
        raise RuntimeError(f"failure in a thread: {local_key}")

    thread = threading.Thread(target=work, args=[settings.SECRET_KEY])
    thread.start()
    thread.join()
    return HttpResponse("failed elsewhere")


urlpatterns = [
    path("", home),
    path("upload/", upload),
    path("tell/", tell),
    path("fail/<int:number>/", fail),
    path("fail-elsewhere/", fail_elsewhere),
]
