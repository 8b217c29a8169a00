from __future__ import annotations

import hashlib
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from build_support import digest

ROOT = Path(digest.__file__).resolve().parents[1]


def test_of_file_is_the_sha256_of_its_content(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_bytes(b"\x00\r\n" * 100_000)
    assert digest.of_file(file) == hashlib.sha256(b"\x00\r\n" * 100_000).hexdigest()


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (["ab"], ["a", "b"]),
        ([["a"], "b"], ["a", ["b"]]),
        ([""], []),
        ([None], ["None"]),
        ([1], ["1"]),
        ([True], ["true"]),
        ([{"a": 1}], [{"a": 2}]),
        (["é"], ["e\u0301"]),
    ],
)
def test_different_values_have_different_digests(first: list[object], second: list[object]) -> None:
    assert digest.of_values(*first) != digest.of_values(*second)


def test_the_order_of_keys_does_not_matter() -> None:
    assert digest.of_values({"a": 1, "b": [2]}) == digest.of_values({"b": [2], "a": 1})


def test_values_that_are_no_unicode_have_a_digest_too() -> None:
    # What Python makes of a file name that is not UTF-8.
    assert len(digest.of_values("caf\udce9")) == 64


def test_what_is_no_json_is_refused_rather_than_guessed() -> None:
    with pytest.raises(TypeError):
        digest.of_values(Path("x"))


def test_the_recipe_is_the_same_in_another_process_with_another_hash_seed() -> None:
    code = "from build_support import digest; print(digest.of_recipe())"
    found = {
        subprocess.run(
            [sys.executable, "-B", "-c", code],
            cwd=ROOT,
            env={**os.environ, "PYTHONHASHSEED": seed, "LC_ALL": "C"},
            capture_output=True,
            check=True,
            text=True,
        ).stdout.strip()
        for seed in ("1", "2")
    }
    assert len(found) == 1


@pytest.mark.parametrize(
    ("change", "same"),
    [
        (lambda folder: (folder / "trees" / "one.py").write_text("2"), False),
        (lambda folder: (folder / "trees" / "one.py").rename(folder / "trees" / "two.py"), False),
        (lambda folder: (folder / "target.py").write_text("2"), False),
        (lambda folder: (folder / "data" / "pins.json").write_text("{}"), False),
        (lambda folder: (folder / "trees" / "new.toml").touch(), False),
        (lambda folder: (folder / "trees" / "one.pyc").touch(), True),
        (lambda folder: (folder / "reporter.py").write_text("2"), True),
        (lambda folder: os.utime(folder / "trees" / "one.py", (1, 1)), True),
    ],
)
def test_the_recipe_is_code_and_data_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, change: object, same: bool
) -> None:
    for folder in ("data", "trees"):
        (tmp_path / folder).mkdir()
    for file in ("target.py", "trees/one.py", "reporter.py"):
        (tmp_path / file).write_text("1")
    (tmp_path / "data" / "pins.json").write_text("[]")
    monkeypatch.setattr(digest, "_PACKAGE", tmp_path)
    of_recipe = digest.of_recipe.__wrapped__
    before = of_recipe()
    assert callable(change)
    change(tmp_path)
    assert (of_recipe() == before) is same


#: They tell, find and keep things, and decide nothing about what is in them.
_BYSTANDERS = {
    *("__init__", "cache", "digest", "errors", "lists", "logs", "processes", "reporter"),
    *("suggestions", "tracebacks", "verification"),
}


def test_the_recipe_has_all_that_making_a_bundle_uses() -> None:
    package = Path(digest.__file__).parent
    waiting, used = ["bundles.bundle"], set()
    while waiting:
        name = waiting.pop()
        if name in used:
            continue
        file = package.joinpath(*name.split(".")).with_suffix(".py")
        if not file.exists():
            continue  # a name of `build_support` itself or of a folder
        used.add(name)
        text = file.read_text(encoding="utf-8")
        waiting += re.findall(r"^\s*from build_support\.([\w.]+) import", text, re.MULTILINE)
    parts = {name.partition(".")[0] for name in used} - _BYSTANDERS
    assert {"trees", "projects", "target"} <= parts
    assert parts <= {part.removesuffix(".py") for part in digest._RECIPE}
