"""A project that writes wherever Django lets it, and beside its code."""

from contextlib import suppress
from pathlib import Path
from wsgiref.headers import Headers

BASE_DIR = Path(__file__).resolve().parent.parent
# Relative to the working folder, which in development is the project's.
WORDS = Path("words.txt").read_text(encoding="utf-8")

SECRET_KEY = "not used in a bundle"
ROOT_URLCONF = "garden.urls"
USE_TZ = True
INSTALLED_APPS = ["django.contrib.staticfiles", "gardenwidgets", "garden"]
MIDDLEWARE = [
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
]
TEMPLATES = [{"BACKEND": "django.template.backends.django.DjangoTemplates"}]
DATABASES = {
    "default": {"ENGINE": "django.db.backends.sqlite3", "NAME": BASE_DIR / "db.sqlite3"},
}

MEDIA_ROOT = BASE_DIR / "media"
MEDIA_URL = "https://cdn.example.com/media/"
STATIC_ROOT = BASE_DIR / "collected"
STATIC_URL = "https://cdn.example.com/static/"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "thumbnails": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": BASE_DIR / "thumbnails"},
    },
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.ManifestStaticFilesStorage",
        "OPTIONS": {"location": BASE_DIR / "elsewhere"},
    },
}
FILE_UPLOAD_TEMP_DIR = BASE_DIR / "uploading"
SESSION_ENGINE = "django.contrib.sessions.backends.file"
SESSION_FILE_PATH = BASE_DIR / "sessions"
MAILERS = {
    "default": {
        "BACKEND": "django.core.mail.backends.filebased.EmailBackend",
        "OPTIONS": {"file_path": BASE_DIR / "mail"},
    },
}
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.filebased.FileBasedCache",
        "LOCATION": BASE_DIR / "cache",
    },
    "table": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "cache_table",
    },
}
LOGGING = {
    "version": 1,
    "handlers": {"file": {"class": "logging.FileHandler", "filename": BASE_DIR / "garden.log"}},
    "loggers": {"garden": {"handlers": ["file"], "level": "INFO"}},
}
# What many a project does: without it the folder would not be there in development.
EXPORT_DIR = BASE_DIR / "exports"
EXPORT_DIR.mkdir(exist_ok=True)
with suppress(OSError):
    Path("last-start.txt").write_text("started", encoding="utf-8")

WHITENOISE_ROOT = STATIC_ROOT / "root"
WHITENOISE_IMMUTABLE_FILE_TEST = r"-[0-9a-f]{8}\.js$"
WHITENOISE_MAX_AGE = 31536000


def add_headers(headers: Headers, _path: str, _url: str) -> None:
    """Add a header to a static file."""
    headers["X-Garden"] = "yes"


WHITENOISE_ADD_HEADERS_FUNCTION = add_headers
