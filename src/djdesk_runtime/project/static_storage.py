"""The storage of static files in a bundle: the project's own, with hashed names and compressed.

A reference to a file that is not there stays as it is, and is remembered: whether that matters
depends on whose file it is, which the build knows.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.contrib.staticfiles.storage import (
    HashedFilesMixin,
    ManifestFilesMixin,
    StaticFilesStorage,
)
from django.core.exceptions import SuspiciousOperation
from django.utils.module_loading import import_string
from whitenoise.storage import (  # type: ignore[import-untyped]
    CompressedManifestStaticFilesStorage,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from django.core.files.storage import Storage

    type Paths = Mapping[str, tuple[Storage, str]]
    type Processed = tuple[str, str | None, bool | Exception]

# Where files and manifest are is decided by the bundle.
PLACES = ("location", "base_url", "manifest_storage")

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Defect:
    """What is wrong in the static file *name*, in *line*, which is 0 for the file as a whole.

    *file* is where it comes from; empty where its finder does not keep it on this disk.
    """

    name: str
    file: str
    line: int
    what: str


class BundledFiles:
    """What a bundle adds to the class of a storage. Mixed in by `bundled`.

    *own_is_hashed* tells whether the project's own storage hashes names, and so refuses what is
    missing.
    """

    manifest_name = ManifestFilesMixin.manifest_name
    own_is_hashed = False

    def __init__(self, *args: Any, **options: Any) -> None:  # noqa: ANN401 - hands them on
        self.defects: dict[Defect, None] = {}
        self._paths: Paths = {}
        self._missing: set[str] = set()
        super().__init__(*args, **options)

    # The project may want files under their plain names where its own storage has no others.
    @property
    def keep_only_hashed_files(self) -> bool:
        """Tell whether files without a hash in their names are deleted."""
        return self.own_is_hashed and bool(super().keep_only_hashed_files)  # type: ignore[misc]

    def post_process(self, paths: Paths, **options: Any) -> Iterator[Processed]:  # noqa: ANN401
        """Hash and compress; what goes wrong is remembered, and does not end it."""
        self._paths = paths
        processed: Iterator[Processed] = super().post_process(paths, **options)  # type: ignore[misc]
        for name, hashed_name, result in processed:
            if isinstance(result, Exception):
                # References in a circle, whose names depend on each other.
                for circular in name.split(", "):
                    self._remember(circular, 0, str(result).partition("\n")[0])
            else:
                yield name, hashed_name, result

    def _post_process(
        self, paths: Paths, adjustable_paths: list[str], hashed_files: dict[str, str]
    ) -> Iterator[tuple[str, str | None, bool | Exception, bool]]:
        """Hash files; one that is not UTF-8 is hashed without a look at its references."""
        adjustable = [name for name in adjustable_paths if self._is_text(name)]
        processed = super()._post_process(paths, adjustable, hashed_files)  # type: ignore[misc]
        for name, hashed, result, changed in processed:
            yield name, hashed, result, changed and name in adjustable

    def _is_text(self, name: str) -> bool:
        storage, path = self._paths[name]
        with storage.open(path) as file:
            try:
                file.read().decode("utf-8")
            except UnicodeDecodeError:
                self._remember(name, 0, "it is not UTF-8, so its references are not looked at")
                return False
        return True

    def url_converter(self, name: str, *args: Any, **options: Any) -> Callable[[Any], str]:  # noqa: ANN401
        """Return what replaces the references in the file *name*."""
        convert = super().url_converter(name, *args, **options)  # type: ignore[misc]

        def converter(match: Any) -> str:  # noqa: ANN401 - re.Match of either kind
            try:
                return str(convert(match))
            except (ValueError, SuspiciousOperation):
                line = match.string.count("\n", 0, match.start()) + 1
                self._remember(name, line, f"{match['url']} does not exist")
                return str(match[0])

        return converter

    def _remember(self, name: str, line: int, what: str) -> None:
        try:
            storage, path = self._paths[name]
            file = str(storage.path(path))
        except (KeyError, NotImplementedError):
            file = ""
        self.defects[Defect(name, file, line, what)] = None

    def stored_name(self, name: str) -> str:
        """Return the hashed name of *name*.

        Of a file that is not there it is *name*, where the project's own storage does not mind.
        ValueError where it does.
        """
        try:
            return str(super().stored_name(name))  # type: ignore[misc]
        except ValueError:
            if self.own_is_hashed:
                raise
            if name not in self._missing:
                self._missing.add(name)
                log.warning("there is no static file %s", name)
            return name


def static_storage(own: str = "", options: Mapping[str, Any] | None = None) -> StaticFilesStorage:
    """Return the storage of a bundle for a project that has named the class *own*, or none.

    A class that keeps files anywhere but on the disk is not used: its files are in the bundle.
    """
    theirs: Any = import_string(own) if own else StaticFilesStorage
    if not (isinstance(theirs, type) and issubclass(theirs, StaticFilesStorage)):
        hashed = isinstance(theirs, type) and issubclass(theirs, HashedFilesMixin)
        return bundled(StaticFilesStorage, hashed=hashed)()
    kept = {name: value for name, value in (options or {}).items() if name not in PLACES}
    return bundled(theirs, hashed=issubclass(theirs, HashedFilesMixin))(**kept)


def bundled(own: type[StaticFilesStorage], *, hashed: bool) -> type[StaticFilesStorage]:
    """Return the class of the storage of a bundle for a project whose own class is *own*.

    It hashes and compresses, and what *own* overrides stays overridden, as far as that goes.
    """
    compressed = CompressedManifestStaticFilesStorage
    bases: list[type] = [own] if issubclass(own, compressed) else [compressed, own]
    if own is StaticFilesStorage:
        bases.remove(own)
    return type("BundledStaticFiles", (BundledFiles, *bases), {"own_is_hashed": hashed})
