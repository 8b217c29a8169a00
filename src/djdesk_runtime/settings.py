"""The settings module that Django is given in a bundle: the project's, overlaid.

`djdesk_runtime.project.loading.enter` says in the environment which bundle and which data it is
for, so that a process started by multiprocessing finds the same settings.
"""

from __future__ import annotations

from djdesk_runtime.project.loading import current_settings

globals().update(current_settings())
