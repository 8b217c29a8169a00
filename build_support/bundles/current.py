"""A bundle of the example for this machine, made only when what it is made from has changed."""

from __future__ import annotations

import os
from pathlib import Path

from build_support import ROOT
from build_support.bundles import bundle
from build_support.bundles.interpreter import Wish
from build_support.cache import Cache
from build_support.projects.project import load_project
from build_support.published.pins import load_pins
from build_support.reporter import Reporter
from build_support.target import host_target

#: Where the sessions that test a bundle keep theirs: the developer's own is left alone.
TEST_BUNDLE = ROOT / "build" / "test-bundle" / "django-bundle"


def prepare_test_bundle(
    cache: Cache, reporter: Reporter, *, refresh: bool = False, output: Path = TEST_BUNDLE
) -> Path:
    """Return a current bundle of the example. Raises what `make_plan` and `make_bundle` raise."""
    wish = Wish(pins=load_pins(), environment=dict(os.environ), refresh=refresh)
    project = load_project(ROOT)
    plan = bundle.make_plan(project, host_target(), wish, cache=cache, reporter=reporter)
    if not bundle.is_current(plan, output):
        bundle.make_bundle(plan, output, wish, cache=cache, reporter=reporter)
    return output
