"""What is taken from the process that checks a bundle: never so much that it cannot be checked."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from build_support.verification import isolation
from build_support.verification.isolation import isolate


@pytest.fixture(autouse=True)
def _as_root_with_a_network(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(isolation, "is_root", lambda: True)
    monkeypatch.setattr(isolation, "_leave_network", lambda *, root: root)


@pytest.mark.skipif(os.name == "nt", reason="there are no modes on Windows")
def test_root_runs_as_nobody_only_what_nobody_can_reach(tmp_path: Path) -> None:
    assert isolate().user is not None
    private = tmp_path / "private"
    (private / "django-bundle").mkdir(parents=True)
    private.chmod(0o700)
    assert isolate(private / "django-bundle").user is None
    assert isolate(Path("/django-bundle")).user is not None


def test_an_ordinary_user_stays_that(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(isolation, "is_root", lambda: False)
    found = isolate(Path("/django-bundle"))
    assert found.user is None
    assert found.network
