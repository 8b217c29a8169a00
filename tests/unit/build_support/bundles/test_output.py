from __future__ import annotations

import io
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from build_support import ROOT
from build_support.bundles.output import check_output, claim_output, clean_output
from build_support.errors import UsageError
from build_support.reporter import Reporter

if TYPE_CHECKING:
    from tests.unit.build_support.conftest import Said

_HOLDER = """
import sys
from pathlib import Path
from build_support.bundles.output import claim_output
from build_support.reporter import Reporter
with claim_output(Path(sys.argv[1]), Reporter()):
    print("held", flush=True)
    sys.stdin.readline()
"""


@pytest.fixture
def output(tmp_path: Path) -> Path:
    """The folder of a bundle that was made before, beside nothing else."""
    output = tmp_path / "out" / "django-bundle"
    _make_bundle(output, "old")
    return output


def _make_bundle(folder: Path, text: str) -> None:
    (folder / "app").mkdir(parents=True)
    (folder / "app" / "file").write_text(text)
    (folder / "bundle.json").write_text("{}")


def _beside(output: Path) -> set[str]:
    """What lies beside a bundle, besides the lock."""
    return {path.name for path in output.parent.iterdir()} - {f".{output.name}.lock"}


def _make_other(output: Path, kind: str) -> Path:
    """Put something in the place of a bundle that is none; return what must not be lost."""
    output.parent.mkdir(parents=True)
    if kind == "file":
        output.write_text("dear")
        return output
    if kind == "link":
        _make_bundle(output.with_name("elsewhere"), "dear")
        output.symlink_to("elsewhere")
        return output / "app" / "file"
    if kind == "dangling link":
        output.symlink_to("nowhere")
        return output
    kept = output / "Documents" / "letter"
    kept.parent.mkdir(parents=True)
    kept.write_text("dear")
    if kind == "folder named bundle.json":
        (output / "bundle.json").mkdir()
    elif kind == "bundle below":
        _make_bundle(output / "Documents" / "bundle", "dear")
    return kept


_OTHERS = ["file", "link", "dangling link", "folder", "folder named bundle.json", "bundle below"]


@pytest.fixture(params=_OTHERS)
def other(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[Path, Path]:
    """The path of an output that is no bundle, and what must not be lost with it."""
    output = tmp_path / "out" / "django-bundle"
    return output, _make_other(output, request.param)


def test_a_bundle_an_empty_folder_or_nothing_may_be_replaced(output: Path, tmp_path: Path) -> None:
    check_output(output)
    check_output(tmp_path / "none" / "at all")
    (tmp_path / "empty").mkdir()
    check_output(tmp_path / "empty")


def test_anything_else_is_refused_and_kept(other: tuple[Path, Path], said: Said) -> None:
    output, kept = other
    linked = output.is_symlink()
    for refuse in (check_output, _claim, lambda path: clean_output(path, said.reporter)):
        with pytest.raises(UsageError) as caught:
            refuse(output)
        assert str(output) in caught.value.what
        assert caught.value.why
        assert "--output" in caught.value.hint
        assert kept.is_symlink() or kept.read_text() == "dear"
        assert output.is_symlink() == linked
        assert not output.with_name(f".{output.name}.staging").exists()


def _claim(output: Path) -> None:
    with claim_output(output, Reporter()):
        raise AssertionError(output)


def test_the_workplace_is_beside_the_output_and_goes(output: Path, said: Said) -> None:
    with claim_output(output, said.reporter) as workplace:
        assert not workplace.exists()
        assert workplace.parent == output.parent  # or else a bundle could not be renamed
        _make_bundle(workplace / "bundle", "new")
        assert (output / "app" / "file").read_text() == "old"
    assert (output / "app" / "file").read_text() == "old"
    assert _beside(output) == {output.name}


def test_the_folders_above_the_first_bundle_are_made(tmp_path: Path, said: Said) -> None:
    output = tmp_path / "deep" / "er" / "bundle"
    with claim_output(output, said.reporter) as workplace:
        workplace.mkdir()
        workplace.rename(output)
    assert _beside(output) == {output.name}


@pytest.mark.parametrize("failure", [ValueError, KeyboardInterrupt])
def test_a_failed_build_leaves_the_bundle_and_lets_go(
    output: Path, said: Said, failure: type[BaseException]
) -> None:
    def fail() -> None:
        with claim_output(output, said.reporter) as workplace:
            _make_bundle(workplace / "bundle", "half")
            raise failure

    with pytest.raises(failure):
        fail()
    assert (output / "app" / "file").read_text() == "old"
    assert _beside(output) == {output.name}
    with claim_output(output, said.reporter):
        assert said.text == ""


def test_what_a_killed_build_left_goes_first(output: Path, said: Said) -> None:
    for name in (f".{output.name}.staging", f".{output.name}.old"):
        _make_bundle(output.with_name(name), "left")
    with claim_output(output, said.reporter) as workplace:
        assert not workplace.exists()
        assert _beside(output) == {output.name}


def test_a_bundle_put_aside_by_a_killed_build_comes_back(output: Path, said: Said) -> None:
    output.rename(output.with_name(f".{output.name}.old"))
    with claim_output(output, said.reporter):
        assert (output / "app" / "file").read_text() == "old"
        assert _beside(output) == {output.name}


def test_clean_deletes_the_bundle_and_what_builds_left(output: Path, said: Said) -> None:
    for name in (f".{output.name}.staging", f".{output.name}.old"):
        (output.parent / name).mkdir()
    (output.parent / "other").mkdir()
    clean_output(output, said.reporter)
    assert _beside(output) == {"other"}


def test_clean_of_nothing_makes_nothing(tmp_path: Path, said: Said) -> None:
    clean_output(tmp_path / "none" / "bundle", said.reporter)
    assert not (tmp_path / "none").exists()


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

        stream = KillingStream()
        with claim_output(output, Reporter(stream)):
            assert "waiting for it" in stream.getvalue()


def test_builds_of_other_folders_do_not_wait(tmp_path: Path, said: Said) -> None:
    with (
        claim_output(tmp_path / "one", said.reporter),
        claim_output(tmp_path / "two", said.reporter),
    ):
        assert said.text == ""
