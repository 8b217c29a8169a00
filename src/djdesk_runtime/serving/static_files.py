"""Static files: WhiteNoise's, with conditions and ranges as all other files have them."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, cast

from whitenoise.middleware import WhiteNoiseMiddleware  # type: ignore[import-untyped]

if TYPE_CHECKING:
    from django.http import FileResponse, HttpRequest


OK = 200

# What `responses` looks at: WhiteNoise has no range of one byte, and does not know the others.
CONDITIONS = frozenset({"HTTP_RANGE", "HTTP_IF_NONE_MATCH", "HTTP_IF_MODIFIED_SINCE"})


class StaticFilesMiddleware(WhiteNoiseMiddleware):  # type: ignore[misc]
    """Serves whole files."""

    @staticmethod
    def serve(static_file: object, request: HttpRequest) -> FileResponse:
        """Return the file."""
        meta = {name: value for name, value in request.META.items() if name not in CONDITIONS}
        asked = SimpleNamespace(method=request.method, META=meta)
        response = cast("FileResponse", WhiteNoiseMiddleware.serve(static_file, asked))
        if response.status_code == OK:
            response.headers["Accept-Ranges"] = "bytes"
        return response
