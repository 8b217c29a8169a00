"""How packages are called."""

from __future__ import annotations

from build_support.projects.publication import Publication
from build_support.target import Target

REHEARSAL = "rehearsal"


def stem(publication: Publication, target: Target, *, rehearsal: bool) -> str:
    """Return what the names of all files of a package begin with.

    For example `notes-1.2.0-linux-x86_64`, and with `-rehearsal` at its end.
    """
    mark = f"-{REHEARSAL}" if rehearsal else ""
    return f"{publication.slug}-{publication.version}-{target}{mark}"
