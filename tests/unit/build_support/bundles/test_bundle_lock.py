from __future__ import annotations

import io
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from build_support.bundles import bundle
from build_support.bundles.bundle import output_lock
from build_support.reporter import Reporter

ROOT = Path(bundle.__file__).resolve().parents[2]

_HOLDER = """
import sys
from pathlib import Path
from build_support.bundles.bundle import output_lock
from build_support.reporter import Reporter
with output_lock(Path(sys.argv[1]), Reporter()):
    print("held", flush=True)
    sys.stdin.readline()
"""


@contextmanager
def _held(output: Path) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        [sys.executable, "-B", "-c", _HOLDER, str(output)],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline() == "held\n"
            yield process
        finally:
            process.kill()


def test_a_second_build_says_that_it_waits_and_goes_on_when_the_first_dies(
    tmp_path: Path,
) -> None:
    output = tmp_path / "out" / "bundle"
    with _held(output) as holder:

        class KillingStream(io.StringIO):
            def write(self, text: str, /) -> int:
                holder.kill()
                return super().write(text)

        said = KillingStream()
        with output_lock(output, Reporter(said)):
            assert "waiting for it" in said.getvalue()


def test_builds_of_other_folders_do_not_wait(tmp_path: Path) -> None:
    said = io.StringIO()
    with (
        output_lock(tmp_path / "one", Reporter(said)),
        output_lock(tmp_path / "two", Reporter(said)),
    ):
        assert said.getvalue() == ""
