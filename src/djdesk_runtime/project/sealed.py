"""Settings that make folders beside the code, as many do for development, in a sealed bundle."""

from __future__ import annotations

import os
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def no_new_folders(bundle: Path) -> Iterator[None]:
    """Let folders be made in *bundle* without effect: `places` moves the settings that name them.

    Otherwise the project would not start where the bundle is read-only, and leave them where it is
    not.
    """
    make = os.mkdir
    roots = {bundle.absolute(), bundle.resolve()}

    def mkdir(path: Any, *arguments: Any, **options: Any) -> None:  # noqa: ANN401 - as os.mkdir
        # A folder is made relative to another's descriptor only by those who know what is there.
        if "dir_fd" not in options and not isinstance(path, int):
            place = Path(os.path.abspath(os.fsdecode(path)))  # noqa: PTH100 - without links
            if any(place.is_relative_to(root) for root in roots) and not place.exists():
                return
        make(path, *arguments, **options)

    os.mkdir = mkdir
    try:
        yield
    finally:
        os.mkdir = make
