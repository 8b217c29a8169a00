import logging
import os
import sys
import threading
import time
import warnings
from pathlib import Path

BASE_DIR = Path(__file__).resolve().parents[2]

# All that settings should not do, and do.
print('{"databases": "not the ones that are asked for"}')  # noqa: T201 - on purpose
os.write(1, b"written to standard output\n")
sys.stderr.write("written to standard error\n")
warnings.warn("a warning while settings are imported", stacklevel=1)
try:
    int("not a number")
except ValueError:
    logging.getLogger(__name__).exception("an exception that was survived")
threading.Thread(target=time.sleep, args=(3600,), daemon=True).start()

SECRET_KEY = "only for tests, on this machine: " + "0123456789 abcdefghijklmnop"
DEBUG = False
ALLOWED_HOSTS = ["127.0.0.1"]
INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "strict",
]
MIDDLEWARE = [
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
X_FRAME_OPTIONS = "SAMEORIGIN"  # security.W019
ROOT_URLCONF = "strict.urls"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]
DATABASES = {
    "default": {"ENGINE": "django.db.backends.sqlite3", "NAME": BASE_DIR / "db.sqlite3"},
}
LOGIN_URL = "/enter/"
STATIC_URL = "static/"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
