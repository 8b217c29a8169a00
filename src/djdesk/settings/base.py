"""Settings that are true wherever the project runs.

Importing this module changes nothing on disk. A desktop runtime imports it and then replaces
``SECRET_KEY``, ``DATABASES``, ``MEDIA_ROOT`` and ``STATIC_ROOT`` with the user's own places.
"""

import os
import secrets
from pathlib import Path

from django.utils.csp import CSP

from djdesk.local_time import system_zone_name

BASE_DIR = Path(__file__).resolve().parents[3]
DATA_DIR = BASE_DIR / "data"

# A desktop runtime supplies a key of its own for every installation. Without one a random key
# per process is safe: all it signs is the cookie that carries a message to the next page.
SECRET_KEY = os.environ.get("DJANGO_SECRET_KEY") or secrets.token_urlsafe(50)

DEBUG = False

# Loopback only: the one user sits at this computer.
ALLOWED_HOSTS = ["127.0.0.1", "localhost", "[::1]"]

# No accounts and no sessions: whoever can open the window owns the notes.
INSTALLED_APPS = [
    "django.contrib.humanize",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "djdesk.notes",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.middleware.csp.ContentSecurityPolicyMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "djdesk.local_time.local_time_middleware",
]

ROOT_URLCONF = "djdesk.urls"
WSGI_APPLICATION = "djdesk.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.messages.context_processors.messages",
                "djdesk.notes.about.application",
            ],
        },
    },
]

DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": DATA_DIR / "db.sqlite3",
    },
}

MEDIA_ROOT = DATA_DIR / "media"
STATIC_URL = "static/"
STATIC_ROOT = BASE_DIR / "build" / "static"
STORAGES = {
    "default": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        # Attachments are private. FILE_UPLOAD_PERMISSIONS would do the same to static files,
        # and another user of the computer must be able to read those.
        "OPTIONS": {"file_permissions_mode": 0o600, "directory_permissions_mode": 0o700},
    },
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.ManifestStaticFilesStorage",
    },
}

# A long note may be larger than Django's default of 2.5 MB for everything but files.
DATA_UPLOAD_MAX_MEMORY_SIZE = 16 * 1024 * 1024

MESSAGE_STORAGE = "django.contrib.messages.storage.cookie.CookieStorage"
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = "Strict"

# The pages have one style sheet and a few pictures; nothing else may be loaded. The form alone has
# a script: see views.py.
SECURE_CSP = {
    "default-src": [CSP.NONE],
    "style-src": [CSP.SELF],
    "img-src": [CSP.SELF],
    "form-action": [CSP.SELF],
    "base-uri": [CSP.NONE],
    "frame-ancestors": [CSP.NONE],
}

LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English")]
TIME_ZONE = system_zone_name()
USE_TZ = True
