"""Settings for work on the source tree."""

from djdesk.settings.base import *  # noqa: F403 - development is the base plus what differs
from djdesk.settings.base import STORAGES

DEBUG = True

# Fixed, so that a reload does not lose messages; the prefix tells Django's checks what it is.
SECRET_KEY = "django-insecure-only-for-development-on-this-computer"  # noqa: S105 - see above

# Names without hashes: no collectstatic is needed before a page can be shown.
STORAGES = STORAGES | {
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
