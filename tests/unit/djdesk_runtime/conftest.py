import os
from collections.abc import Iterator
from importlib.util import cache_from_source
from pathlib import Path

import django
import pytest

from tests.unit.djdesk_runtime.made_bundle import (
    BYTECODE_VARIABLE,
    Running,
    keep_bytecode,
    listing,
    make_bundle,
    served,
)


@pytest.fixture(scope="session")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The tiny project's bundle, which no test may change."""
    scratch = tmp_path_factory.mktemp("bytecode")
    with pytest.MonkeyPatch.context() as patch:
        if not Path(cache_from_source(django.__file__)).exists():
            patch.setenv(BYTECODE_VARIABLE, str(scratch / "bytecode"))
        root = make_bundle(tmp_path_factory.mktemp("bundle with spaces and ü") / "bundle")
        if BYTECODE_VARIABLE in os.environ:
            keep_bytecode(root, scratch)
        before = listing(root)
        yield root
    assert listing(root) == before, "something was written inside the bundle"


@pytest.fixture(scope="module")
def site(bundle: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """The tiny project, being served."""
    with served(bundle, tmp_path_factory.mktemp("site")) as running:
        yield running
