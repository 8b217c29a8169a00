"""The sessions of the noxfile: each reads its options and calls what does the work.

Imports are inside the functions, so that `nox -l` needs none of the build's libraries.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from build_support.errors import BuildError, from_os_error

if TYPE_CHECKING:
    import nox

    from build_support.bundles.interpreter import Wish
    from build_support.command_line.parser import Options
    from build_support.desktop.electron import ElectronWish
    from build_support.reporter import Reporter
    from build_support.target import System

_TALKATIVE = ("PIL", "py_serializable")


def run_session(session: nox.Session) -> None:
    """Do what the session of this name does, and end it with a clear error if that fails."""
    from build_support.command_line.parser import parse
    from build_support.reporter import Reporter

    # nox shows what libraries note for those who mend them.
    for name in _TALKATIVE:
        logging.getLogger(name).setLevel(logging.WARNING)
    reporter = Reporter()
    command = _COMMANDS[session.name]
    options = None
    try:
        options = parse(session.name, session.posargs)
        if options is not None:
            command(options, reporter)
    except (BuildError, OSError) as error:
        explained = _explain(error, session.name, options)
        reporter.error(explained)
        session.error(explained.what)


def _explain(error: BuildError | OSError, session: str, options: Options | None) -> BuildError:
    from build_support import disks
    from build_support.cache import open_cache

    if options is not None and disks.is_full_disk(error):
        output = options.packages if session.startswith("package-") else options.output
        return disks.full_disk_error(error, disks.written_places(open_cache().root, output))
    return error if isinstance(error, BuildError) else from_os_error(error)


def _fetch_interpreter(options: Options, reporter: Reporter) -> None:
    from build_support.bundles import interpreter
    from build_support.cache import open_cache
    from build_support.target import host_target

    cache = open_cache()
    wish = _wish(options)
    target = options.target or host_target()
    if target == host_target():
        chosen, executable = interpreter.prepare_own(
            wish, cache=cache, reporter=reporter, force=options.force
        )
        reporter.note(f"ready    {executable}")
    else:
        chosen = interpreter.choose(target, wish, cache=cache, reporter=reporter)
        archive = interpreter.download(chosen, wish, cache=cache, reporter=reporter, force=True)
        reporter.note(f"archive  {archive}")
    python = chosen.python
    reporter.note(f"from     {python.archive} ({python.provider})")
    reporter.note(f"sha256   {python.sha256}")
    reporter.success(f"CPython {python.version} for {target} is in the cache.")


def _bundle(options: Options, reporter: Reporter) -> None:
    from build_support.bundles import bundle
    from build_support.bundles.output import check_output
    from build_support.bundles.summary import announce, naming_previous, summarise
    from build_support.cache import open_cache
    from build_support.projects.project import load_project
    from build_support.target import host_target

    check_output(options.output)
    cache = open_cache()
    wish = _wish(options)
    with naming_previous(options.output, reporter):
        project = load_project(options.project)
        target = options.target or host_target()
        plan = bundle.make_plan(project, target, wish, cache=cache, reporter=reporter)
        announce(plan.manifest, options.output, reporter)
        if not options.force and bundle.is_current(plan, options.output):
            reporter.success(f"The bundle is current: {options.output}")
            return
        manifest = bundle.make_bundle(
            plan, options.output, wish, cache=cache, reporter=reporter, force=options.force
        )
    summarise(manifest, options.output, reporter)


def _verify(options: Options, reporter: Reporter) -> None:
    from build_support.verification.verify import verify_bundle

    verify_bundle(options.output, reporter)


def _run(options: Options, reporter: Reporter) -> None:
    from build_support.desktop import run

    if options.browser:
        run.run_in_browser(
            options.output,
            data_dir=options.data_dir,
            port=options.port,
            opening=options.opening,
            reporter=reporter,
        )
    else:
        run.run_in_window(
            options.output,
            data_dir=options.data_dir,
            wish=_electron_wish(options),
            reporter=reporter,
            project=options.project,
        )


def _dev(options: Options, reporter: Reporter) -> None:
    from build_support.desktop import dev
    from build_support.projects.project import load_project

    if not options.browser:
        dev.check_window()
    workplace = dev.prepare_workplace(load_project(options.project), _wish(options), reporter)
    if options.browser:
        dev.dev_in_browser(workplace, port=options.port, opening=options.opening, reporter=reporter)
    else:
        dev.dev_in_window(workplace, wish=_electron_wish(options), reporter=reporter)


def _package(system: System) -> Callable[[Options, Reporter], None]:
    def command(options: Options, reporter: Reporter) -> None:
        import os

        from build_support.doctor.tools import package_surroundings
        from build_support.packages.package import make_packages
        from build_support.packages.wish import PackageWish, target_of

        wish = PackageWish(
            target=target_of(system, options.machine),
            project=options.project,
            output=options.packages,
            formats=options.formats,
            bundle=options.bundle,
            rehearse=options.rehearse,
            release=options.release,
            unsigned=options.unsigned,
            interpreter=_wish(options),
            electron=_electron_wish(options),
            environment=dict(os.environ),
        )
        make_packages(wish, package_surroundings(wish.environment), reporter)

    return command


def _smoke(options: Options, reporter: Reporter) -> None:
    import os

    from build_support.packages.smoke import smoke_packages

    smoke_packages(
        options.packages,
        options.formats,
        install=options.install,
        environment=os.environ,
        reporter=reporter,
    )


def _check_release(options: Options, reporter: Reporter) -> None:
    from build_support.packages.release import check_packages

    check_packages(options.packages, reporter)


def _draft_release(options: Options, reporter: Reporter) -> None:
    from build_support.packages.checkout import examine_checkouts
    from build_support.packages.draft import draft_release
    from build_support.packages.release import check_packages
    from build_support.signing.commands import run_command

    check_packages(options.packages, reporter)
    checkout = examine_checkouts(options.project)
    with reporter.step("Draft the release"):
        address = draft_release(options.packages, options.project, checkout, run_command)
    reporter.success(f"Read it, and publish it: {address}")


def _doctor(_: Options, reporter: Reporter) -> None:
    from build_support.doctor.examine import examine

    examine(reporter)


def _bench(options: Options, reporter: Reporter) -> None:
    from build_support.bench.measure import measure

    measure(reporter, runs=options.runs, record=options.json)


def _first_contact(options: Options, reporter: Reporter) -> None:
    from build_support.first_contact import make_first_contact

    make_first_contact(options.facts, rehearse=options.rehearse, reporter=reporter)


def _clean(options: Options, reporter: Reporter) -> None:
    from build_support.bundles.output import clean_output
    from build_support.cache import open_cache

    clean_output(options.output, reporter)
    reporter.note(f"deleted {options.output}")
    if options.cache:
        cache = open_cache()
        cache.clear()
        reporter.note(f"deleted {cache.root}")


def _update_pins(options: Options, reporter: Reporter) -> None:
    from build_support.published.pins import PINS_FILE
    from build_support.published.update_pins import update_pins

    for line in update_pins(
        options.pins or PINS_FILE,
        version=options.python_version,
        release=options.python_release,
        reporter=reporter,
    ):
        reporter.line(line)


def _tests(options: Options, reporter: Reporter) -> None:
    from build_support.checks import run_tests

    run_tests(options.rest, reporter)


def _e2e(options: Options, reporter: Reporter) -> None:
    from build_support.checks import run_e2e

    run_e2e(options.rest, _electron_wish(options), reporter)


def _lint(_: Options, reporter: Reporter) -> None:
    from build_support.checks import run_lint

    run_lint(reporter)


def _docs(_: Options, reporter: Reporter) -> None:
    from build_support.documentation import build_documentation

    build_documentation(reporter)


def _wish(options: Options) -> Wish:
    import os

    from build_support.bundles.interpreter import Wish
    from build_support.published.pins import PINS_FILE, load_pins

    return Wish(
        pins=load_pins(options.pins or PINS_FILE),
        choice=options.interpreter,
        archive=options.interpreter_archive,
        release=options.release,
        refresh=options.refresh,
        environment=dict(os.environ),
    )


def _electron_wish(options: Options) -> ElectronWish:
    import os

    from build_support.desktop.electron import ElectronWish

    return ElectronWish(
        environment=dict(os.environ), dist=options.electron_dist, refresh=options.refresh
    )


_COMMANDS: Mapping[str, Callable[[Options, Reporter], None]] = {
    "fetch-interpreter": _fetch_interpreter,
    "bundle": _bundle,
    "verify": _verify,
    "run": _run,
    "dev": _dev,
    "package-linux": _package("linux"),
    "package-macos": _package("macos"),
    "package-windows": _package("windows"),
    "smoke": _smoke,
    "check-release": _check_release,
    "draft-release": _draft_release,
    "doctor": _doctor,
    "bench": _bench,
    "first-contact": _first_contact,
    "clean": _clean,
    "update-pins": _update_pins,
    "tests": _tests,
    "e2e": _e2e,
    "lint": _lint,
    "docs": _docs,
}
