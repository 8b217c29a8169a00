"""A committed row is never lost, whoever commits it, whatever an update does meanwhile."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.unit.djdesk_runtime.made_bundle import RUNTIME

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="forks the processes")

COUNT_VARIABLE = "DJDESK_TESTS_INTERLEAVINGS"
SEED = 20261129
SECONDS_EACH = 30


def test_every_committed_row_is_in_a_database_or_in_a_copy_that_was_named(tmp_path: Path) -> None:
    """Two writers and more, and updates that succeed, fail and are killed."""
    count = int(os.environ.get(COUNT_VARIABLE, "12"))
    script = Path(__file__).with_name("interleavings.py")
    modules = os.pathsep.join([str(RUNTIME.parent), str(RUNTIME.parents[1])])
    done = subprocess.run(
        [sys.executable, str(script), str(tmp_path / "scenes"), str(SEED), str(count)],
        capture_output=True,
        encoding="utf-8",
        env=os.environ | {"PYTHONPATH": modules},
        timeout=60 + SECONDS_EACH * count,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    results = json.loads(done.stdout)
    assert [result["unexpected"] for result in results if result["unexpected"]] == []
    assert [result["wrong"] for result in results if result["wrong"]] == []
    assert [result["lost"] for result in results if result["lost"]] == []
    assert all(result["rows"] for result in results)
    assert any(result["killed"] for result in results)
    assert all(result["updated"] for result in results)
