"""What one machine showed has a form that later changes can rely on."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]

from build_support import first_contact
from build_support.bundles.manifest import LISTING_FILE
from build_support.cache import Cache
from build_support.command_line.parser import parse
from build_support.errors import VerificationError
from build_support.first_contact import SCHEMA, Step, archive_members, plan_steps
from build_support.published.pins import load_pins
from build_support.target import TARGETS, Target, host_target
from build_support.trees.listing import list_tree, write_listing
from tests.archives import file, link, write_archive

if TYPE_CHECKING:
    from tests.unit.build_support.conftest import Said


@pytest.fixture
def schema() -> Draft202012Validator:
    document = json.loads(SCHEMA.read_text(encoding="utf-8"))
    Draft202012Validator.check_schema(document)
    return Draft202012Validator(document)


@pytest.mark.parametrize("target", TARGETS.values(), ids=str)
@pytest.mark.parametrize("rehearse", [False, True])
def test_every_step_is_a_session_with_its_options(target: Target, rehearse: bool) -> None:
    steps = plan_steps(target, Path("/x"), rehearse=rehearse)
    assert [session for session, _ in steps] == [
        "fetch-interpreter",
        "bundle",
        "verify",
        f"package-{target.system}",
        "smoke",
    ]
    for session, words in steps:
        options = parse(session, words, check_paths=False)
        assert options is not None
        if session.startswith("package-"):
            assert options.unsigned is not rehearse
            assert options.formats == ("dir",)


def test_members_of_an_archive_are_told_in_the_order_of_their_paths(tmp_path: Path) -> None:
    members = [
        file("python/bin/python3.14", b"x" * 7, 0o755),
        link("python/bin/python", "python3.14"),
    ]
    archive = write_archive(tmp_path / "a.tar.gz", members)
    found = archive_members(archive)
    assert [(each["path"], each["kind"]) for each in found] == [
        ("python/bin/python", "link"),
        ("python/bin/python3.14", "file"),
    ]
    assert found[1]["size"] == 7
    assert found[1]["mode"] == "0755"
    assert found[0]["target"] == "python3.14"


@pytest.fixture
def seen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, said: Said
) -> tuple[dict[str, Any], list[str]]:
    """What is written where the archive is published, a package is made, and one step fails."""
    cache = Cache(tmp_path / "cache")
    pins = load_pins()
    pin = pins.pin_for(host_target())
    archive = cache.archive(pin.sha256, pin.file)
    archive.parent.mkdir(parents=True)
    write_archive(archive, [file("python/kept.py", b"1"), file("python/pruned.py", b"22")])
    monkeypatch.setattr(first_contact, "open_cache", lambda: cache)
    monkeypatch.setattr(first_contact, "REPORTS", tmp_path / "reports")
    folder = tmp_path / "seen"
    ran: list[str] = []

    def run(session: str, options: tuple[str, ...], _: object) -> Step:
        ran.append(session)
        if session == "bundle":
            (folder / "django-bundle" / "python").mkdir(parents=True)
            (folder / "django-bundle" / "python" / "kept.py").write_bytes(b"1")
            text = write_listing(list_tree(folder / "django-bundle"))
            (folder / "django-bundle" / LISTING_FILE).write_text(text)
        if session.startswith("package-"):
            (folder / "dist" / "notes").mkdir(parents=True)
            (folder / "dist" / "notes" / "a").write_bytes(b"abc")
        if session == "smoke":
            (tmp_path / "reports").mkdir()
            for name in ("notes", "of an earlier run"):
                (tmp_path / "reports" / f"{name}.json").write_text('{"ok": true}')
        step = Step(session, options, 0.5, 0)
        return replace(step, code=1, said=("error  x",)) if session == "verify" else step

    monkeypatch.setattr(first_contact, "_run", run)
    with pytest.raises(VerificationError, match="verify"):
        first_contact.make_first_contact(folder, rehearse=False, reporter=said.reporter)
    document = json.loads((folder / f"{host_target()}.json").read_text(encoding="utf-8"))
    return document, ran


def test_what_was_seen_is_of_the_schemas_form(
    seen: tuple[dict[str, Any], list[str]], schema: Draft202012Validator
) -> None:
    schema.validate(seen[0])


def test_a_step_that_fails_keeps_no_other_from_being_made(
    seen: tuple[dict[str, Any], list[str]],
) -> None:
    document, ran = seen
    assert len(ran) == 5
    assert [step["code"] for step in document["steps"]] == [0, 0, 1, 0, 0]


def test_the_facts_are_those_of_this_run(seen: tuple[dict[str, Any], list[str]]) -> None:
    document, _ = seen
    assert document["interpreter"]["pruned"] == ["python/pruned.py"]
    assert document["packages"] == [{"name": "notes", "files": 1, "bytes": 3}]
    assert [each["package"] for each in document["starts"]] == ["notes"]
    assert document["bundle"] is None, "its manifest cannot be read"


def test_a_session_is_run_and_its_end_kept_only_when_it_fails(said: Said) -> None:
    wrong = first_contact._run("bundle", ("--no-such-option",), said.reporter)
    assert wrong.code != 0
    assert any("--no-such-option" in line for line in wrong.said)
    right = first_contact._run("bundle", ("--help",), said.reporter)
    assert right.code == 0
    assert right.said == ()
