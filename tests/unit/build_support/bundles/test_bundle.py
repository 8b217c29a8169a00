from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import pytest

from build_support.bundles import bundle as module
from build_support.bundles.bundle import Plan, is_current, make_bundle
from build_support.bundles.interpreter import Interpreter, Wish
from build_support.bundles.manifest import (
    DESCRIBING_FILES,
    LISTING_FILE,
    App,
    Files,
    Manifest,
    Python,
    Requirements,
    read_manifest,
    write_manifest,
)
from build_support.cache import Cache
from build_support.errors import ProjectError, UsageError
from build_support.projects.project import Project
from build_support.published.pins import load_pins
from build_support.reporter import Reporter
from build_support.target import TARGETS
from build_support.trees import folders as trees
from build_support.trees import listing
from tests.unit.build_support.unprivileged import unprivileged

TARGET = TARGETS["linux-x86_64"]
PINS = load_pins()
WISH = Wish(PINS, environment={})
INTERPRETER = Interpreter(
    TARGET,
    Python("3.14.10", "python-build-standalone", "x.tar.gz", "ab" * 32, redistributable=True),
    pin=PINS.pin_for(TARGET),
    resolution=None,
)


def _manifest(inputs: str) -> Manifest:
    return Manifest(
        app=App("Notes", "org.example.notes", "1.2", "unknown"),
        target=TARGET.name,
        python=INTERPRETER.python,
        settings_module="notes.settings",
        source_roots=("app/src",),
        requirements=Requirements("requirements.lock", "cd" * 32, 7),
        inputs=inputs,
        files=Files(0, 0, ""),
        built_with={},
    )


def _plan(project: Project, inputs: str = "one") -> Plan:
    return Plan(project, TARGET, (), (), (), INTERPRETER, _manifest(inputs))


def _fill(folder: Path, inputs: str) -> Manifest:
    """Make a small bundle in a folder that is there."""
    (folder / "app").mkdir()
    (folder / "app" / "made from").write_text(inputs)
    (folder / "app" / "link").symlink_to("made from")
    text = listing.write_listing(listing.list_tree(folder, exclude=DESCRIBING_FILES))
    (folder / LISTING_FILE).write_text(text, encoding="utf-8")
    write_manifest(_manifest(inputs), folder)
    return _manifest(inputs)


@pytest.fixture
def output(tmp_path: Path) -> Path:
    """The folder of a bundle that was made before, beside nothing else."""
    output = tmp_path / "out" / "django-bundle"
    output.mkdir(parents=True)
    _fill(output, "one")
    return output


@pytest.fixture
def said() -> io.StringIO:
    return io.StringIO()


Make = Callable[..., Manifest]


@pytest.fixture
def make(
    tmp_path: Path,
    project: Project,
    output: Path,
    said: io.StringIO,
    monkeypatch: pytest.MonkeyPatch,
) -> Make:
    """Make a bundle without an interpreter or packages: of one file."""
    monkeypatch.setattr(module, "_make_parts", lambda *_, **__: None)

    def assemble(
        _: object,
        manifest: Manifest,
        staging: Path,
        *,
        scratch: Path,
        previous: Path | None,
        reporter: Reporter,
    ) -> Manifest:
        assert reporter is not None
        assert not any((*staging.iterdir(), *scratch.iterdir()))
        assert staging.parent == scratch.parent
        assert previous in {None, output}
        (scratch / "passing").touch()
        return _fill(staging, manifest.inputs)

    monkeypatch.setattr(module, "assemble_bundle", assemble)
    monkeypatch.setattr(module, "check_built", lambda *_: None)

    def make(inputs: str, *, force: bool = False) -> Manifest:
        cache = Cache(tmp_path / "cache")
        plan = _plan(project, inputs)
        return make_bundle(plan, output, WISH, cache=cache, reporter=Reporter(said), force=force)

    return make


def _made_from(output: Path) -> str:
    assert not listing.quick_compare(
        output, listing.parse_listing((output / LISTING_FILE).read_text(encoding="utf-8"))
    )
    assert read_manifest(output).inputs == (output / "app" / "made from").read_text()
    return read_manifest(output).inputs


def _beside(output: Path) -> set[str]:
    """What lies beside a bundle, besides the lock."""
    return {path.name for path in output.parent.iterdir()} - {f".{output.name}.lock"}


class TestIsCurrent:
    def test_of_the_same_inputs(self, project: Project, output: Path) -> None:
        assert is_current(_plan(project, "one"), output)
        assert not is_current(_plan(project, "two"), output)

    @pytest.mark.parametrize("name", ["app/made from", "app/link", "bundle.json", LISTING_FILE])
    def test_not_without_a_file(self, project: Project, output: Path, name: str) -> None:
        (output / name).unlink()
        assert not is_current(_plan(project), output)

    @pytest.mark.parametrize(
        ("name", "content"),
        [
            ("app/made from", "longer"),
            ("bundle.json", "{"),
            (LISTING_FILE, "nonsense\n"),
            (LISTING_FILE, "\udcff"),
        ],
    )
    def test_not_with_a_damaged_file(
        self, project: Project, output: Path, name: str, content: str
    ) -> None:
        (output / name).write_text(content, encoding="utf-8", errors="surrogateescape")
        assert not is_current(_plan(project), output)

    def test_not_with_another_link(self, project: Project, output: Path) -> None:
        (output / "app" / "link").unlink()
        (output / "app" / "link").symlink_to("elsewhere")
        assert not is_current(_plan(project), output)

    @pytest.mark.parametrize("text", [None, "", "Notes 1.1\n", "\udcff"])
    def test_not_without_its_version(
        self, project: Project, output: Path, text: str | None
    ) -> None:
        (output / "VERSION").unlink()
        if text is not None:
            (output / "VERSION").write_text(text, encoding="utf-8", errors="surrogateescape")
        assert not is_current(_plan(project), output)

    @pytest.mark.parametrize("name", ["app", "bundle.json", "VERSION", LISTING_FILE, "."])
    def test_not_when_it_cannot_be_read(self, project: Project, name: str) -> None:
        with unprivileged() as output:
            _fill(output, "one")
            assert is_current(_plan(project), output)
            (output / name).chmod(0o000)
            assert not is_current(_plan(project), output)
            output.chmod(0o700)

    @pytest.mark.parametrize("kind", ["none", "empty", "file"])
    def test_not_where_there_is_none(self, project: Project, tmp_path: Path, kind: str) -> None:
        output = tmp_path / "other"
        if kind == "empty":
            output.mkdir()
        elif kind == "file":
            output.touch()
        assert not is_current(_plan(project), output)


class TestMakeBundle:
    @pytest.mark.parametrize("links", [True, False])
    def test_replaces_the_bundle_as_a_whole(
        self, make: Make, output: Path, monkeypatch: pytest.MonkeyPatch, links: bool
    ) -> None:
        if not links:
            monkeypatch.setattr(trees, "_EXCHANGES", {})
        (output / "only old").touch()
        assert make("two").inputs == "two"
        assert _made_from(output) == "two"
        assert not (output / "only old").exists()
        assert _beside(output) == {output.name}

    def test_makes_the_first_one(self, make: Make, output: Path) -> None:
        trees.remove_tree(output.parent)
        make("two")
        assert _made_from(output) == "two"

    def test_does_nothing_when_another_build_has_made_it_meanwhile(
        self, make: Make, output: Path
    ) -> None:
        before = output.stat().st_ino
        assert make("one") == _manifest("one")
        assert output.stat().st_ino == before
        make("one", force=True)
        assert output.stat().st_ino != before

    @pytest.mark.parametrize("failure", [ProjectError("A syntax error."), KeyboardInterrupt()])
    @pytest.mark.parametrize("place", ["_make_parts", "assemble_bundle"])
    def test_a_failure_leaves_the_bundle_and_nothing_else(
        self,
        make: Make,
        output: Path,
        monkeypatch: pytest.MonkeyPatch,
        failure: BaseException,
        place: str,
    ) -> None:
        def fail(*arguments: object, **_: object) -> None:
            for folder in arguments:
                if place == "assemble_bundle" and isinstance(folder, Path):
                    _fill(folder, "half")
            raise failure

        monkeypatch.setattr(module, place, fail)
        with pytest.raises(type(failure)):
            make("two")
        assert _made_from(output) == "one"
        assert _beside(output) == {output.name}

    def test_what_a_killed_build_left_is_removed(self, make: Make, output: Path) -> None:
        staging = output.with_name(f".{output.name}.staging")
        (staging / "app").mkdir(parents=True)
        (staging / "app").chmod(0o555)
        aside = output.with_name(f".{output.name}.old")
        aside.mkdir()
        make("two")
        assert _made_from(output) == "two"
        assert _beside(output) == {output.name}

    def test_a_bundle_put_aside_by_a_killed_build_comes_back(
        self, make: Make, output: Path
    ) -> None:
        output.rename(output.with_name(f".{output.name}.old"))
        assert make("one") == _manifest("one")
        assert _made_from(output) == "one"
        assert _beside(output) == {output.name}

    def test_a_folder_that_is_no_bundle_is_not_replaced(
        self, make: Make, output: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        trees.remove_tree(output)
        (output / "Documents").mkdir(parents=True)
        (output / "Documents" / "letter").write_text("dear")
        work: list[object] = []
        monkeypatch.setattr(module, "_make_parts", lambda *_, **__: work.append(_))
        for force in (False, True):
            with pytest.raises(UsageError, match="not a bundle"):
                make("two", force=force)
        assert (output / "Documents" / "letter").read_text() == "dear"
        assert _beside(output) == {output.name}
        assert work == []


def test_a_bundle_that_cannot_show_its_first_page_does_not_take_the_place(
    make: Make, output: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def check(_: Project, staging: Path, *__: object) -> None:
        assert (staging / "app" / "made from").read_text() == "two"
        raise ProjectError("The first page is a server error.")

    monkeypatch.setattr(module, "check_built", check)
    with pytest.raises(ProjectError):
        make("two")
    assert _made_from(output) == "one"
    assert [path.name for path in output.parent.iterdir() if path.is_dir()] == [output.name]
