from __future__ import annotations

import json
import os
import socket
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import pytest

from build_support.bench import builds as bench_builds
from build_support.bench import measure as bench
from build_support.bench.figures import COLUMNS, Figure, to_document, to_row
from build_support.bench.measure import MEASUREMENTS, Measurement, measure, show, take_all
from build_support.bench.sizes import in_bytes, on_disk
from build_support.bench.start import BARE_SCRIPT, requests, start
from build_support.bench.workbench import NotMeasurableError, Workbench, copy_project, take_download
from build_support.bundles.interpreter import Wish
from build_support.bundles.manifest import (
    App,
    Files,
    Manifest,
    Python,
    Requirements,
    write_manifest,
)
from build_support.cache import Cache
from build_support.errors import BuildError, UsageError
from build_support.projects.files import list_files
from build_support.projects.project import load_project
from build_support.published.pins import load_pins
from build_support.reporter import Reporter
from build_support.target import TARGETS

if TYPE_CHECKING:
    from tests.unit.build_support.conftest import Said

FIGURE = Figure(
    key="a",
    title="a build",
    unit="s",
    samples=(0.3, 0.1, 0.2),
    compared_with="another build",
    compared_samples=(0.4, 0.5, 0.1),
    limit=0.25,
)


@pytest.fixture
def workbench(tmp_path: Path) -> Workbench:
    return Workbench(
        folder=tmp_path / "bench",
        root=tmp_path / "project",
        cache=Cache(tmp_path / "cache"),
        downloads=tmp_path / "downloads",
        wish=Wish(load_pins(), environment={}),
        target=TARGETS["linux-x86_64"],
        silent=Reporter(quiet=True),
    )


@pytest.fixture
def project(tmp_path: Path) -> Path:
    root = tmp_path / "project"
    package = root / "src" / "notes"
    package.mkdir(parents=True)
    for name in ("__init__.py", "settings.py", "urls.py"):
        (package / name).write_text("X = 1\n", encoding="utf-8")
    (root / "manage.py").write_text("X = 2\n", encoding="utf-8")
    (root / "requirements.lock").write_text("", encoding="utf-8")
    (root / ".env").write_text("SECRET=1\n", encoding="utf-8")
    (root / "pyproject.toml").write_text(
        '[project]\nname = "notes"\nversion = "1"\n[tool.djdesk]\n'
        'identifier = "org.example.notes"\n'
        'settings-module = "notes.settings"\n',
        encoding="utf-8",
    )
    return root


# Figures


def test_a_row_has_medians_ratio_and_verdict() -> None:
    row = dict(zip(COLUMNS, to_row(FIGURE), strict=True))
    assert row["median"] == "0.200"
    assert row["min"] == "0.100"
    assert row["its median"] == "0.400"
    assert row["ratio"] == "0.50"
    assert row[""] == "within"
    assert to_row(replace(FIGURE, limit=0.2))[-1] == "within"
    assert to_row(replace(FIGURE, limit=0.19))[-1] == "OVER"
    assert to_row(replace(FIGURE, limit=None))[-1] == ""


@pytest.mark.parametrize(
    "figure", [replace(FIGURE, samples=()), replace(FIGURE, compared_samples=())]
)
def test_what_was_not_measured_has_no_ratio(figure: Figure) -> None:
    assert figure.ratio is None
    assert "-" in to_row(figure)


def test_nothing_is_within_a_limit_without_samples() -> None:
    assert replace(FIGURE, samples=()).within is None
    assert to_row(replace(FIGURE, samples=()))[-1] == ""


def test_the_document_can_be_written_as_json() -> None:
    figures = [FIGURE, replace(FIGURE, key="b", samples=(), problem="no git")]
    document = json.loads(json.dumps(to_document(figures, {"cpu_count": 2}, {"version": "1"})))
    assert document["schema"] == 1
    assert document["machine"] == {"cpu_count": 2}
    first, second = document["figures"]
    assert (first["min"], first["median"], first["samples"]) == (0.1, 0.2, [0.3, 0.1, 0.2])
    assert first["compared_with"]["median"] == 0.4
    assert first["within"] is True
    assert (second["min"], second["ratio"], second["problem"]) == (None, None, "no git")


# Measuring


def _numbers(*values: float) -> bench.Take:
    left = list(values)
    return lambda _: left.pop(0)


def _measurement(key: str, take: bench.Take, baseline: bench.Take | str) -> Measurement:
    return Measurement(key, f"the {key}", "s", take, "what it is compared with", baseline)


def test_samples_and_baselines_are_taken_in_turn(workbench: Workbench, said: Said) -> None:
    order: list[str] = []

    def take(_: Workbench) -> float:
        order.append("take")
        return 1.0

    def compare(_: Workbench) -> float:
        order.append("compare")
        return 2.0

    [figure] = take_all([_measurement("a", take, compare)], workbench, 3, said.reporter)
    assert order == ["take", "compare"] * 3
    assert figure.ratio == 0.5
    assert "the a" in said.text


def test_another_measurements_samples_can_be_the_baseline(workbench: Workbench) -> None:
    rows = [
        _measurement("a", _numbers(4, 6), _numbers(1, 1)),
        _measurement("b", _numbers(1, 1), "a"),
    ]
    _, second = take_all(rows, workbench, 2, workbench.silent)
    assert second.compared_samples == (4, 6)


def test_the_number_of_runs_can_be_bounded(workbench: Workbench) -> None:
    row = replace(_measurement("a", lambda _: 1.0, lambda _: 1.0), most_runs=2)
    assert [len(f.samples) for f in take_all([row], workbench, 5, workbench.silent)] == [2]
    assert [len(f.samples) for f in take_all([row], workbench, 1, workbench.silent)] == [1]


def test_one_failure_does_not_end_the_others(workbench: Workbench) -> None:
    def fail(_: Workbench) -> float:
        raise NotMeasurableError("There is no git.")

    rows = [
        _measurement("a", fail, lambda _: 1.0),
        _measurement("b", lambda _: 1.0, fail),
        _measurement("c", lambda _: 1.0, "a"),
    ]
    first, second, third = take_all(rows, workbench, 2, workbench.silent)
    assert (first.samples, first.problem) == ((), "There is no git.")
    assert (second.samples, second.compared_samples) == ((1.0,), ())
    assert (third.samples, third.ratio, third.problem) == ((1.0, 1.0), None, "")


def test_the_table_of_measurements_is_sound() -> None:
    keys = [row.key for row in MEASUREMENTS]
    assert len(set(keys)) == len(keys)
    for place, row in enumerate(MEASUREMENTS):
        assert not isinstance(row.baseline, str) or row.baseline in keys[:place]


def test_what_is_over_its_limit_is_said(said: Said) -> None:
    slow = replace(FIGURE, title="a slow build", limit=0.1)
    show([FIGURE, slow, replace(FIGURE, samples=(), problem="There is no git.")], said.reporter)
    assert "OVER" in said.text
    assert "Over the limit: a slow build.\n" in said.text
    assert "There is no git." in said.text


def test_nothing_over_the_limit_is_no_warning(said: Said) -> None:
    show([FIGURE], said.reporter)
    assert "warning" not in said.text


def _write_bundle(folder: Path) -> None:
    folder.mkdir(parents=True)
    write_manifest(
        Manifest(
            app=App("Notes", "org.example.notes", "1.0", "abc1234"),
            target="linux-x86_64",
            python=Python("3.14.10", "debian", "python3.14", "0" * 64, redistributable=False),
            settings_module="notes.settings",
            source_roots=("app/src",),
            requirements=Requirements("requirements.lock", "0" * 64, 1),
            inputs="",
            files=Files(1, 1, ""),
            built_with={},
        ),
        folder,
    )


def test_the_session_records_and_ends_well(
    workbench: Workbench, said: Said, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    @contextmanager
    def opened(*_: object) -> Iterator[Workbench]:
        yield workbench

    _write_bundle(workbench.bundle)
    monkeypatch.setattr(bench, "open_workbench", opened)
    slow = replace(_measurement("a", lambda _: 9.0, lambda _: 1.0), limit=1.0)
    monkeypatch.setattr(bench, "MEASUREMENTS", (slow,))
    record = tmp_path / "build" / "bench.json"
    measure(said.reporter, runs=2, record=record)
    text = record.read_text(encoding="utf-8")
    document = json.loads(text)
    assert document["figures"][0]["samples"] == [9.0, 9.0]
    assert document["bundle"]["provider"] == "debian"
    assert set(document["machine"]) == {"system", "machine", "target", "cpu_count", "python"}
    assert socket.gethostname() not in text
    assert str(tmp_path) not in text
    assert "OVER" in said.text


def test_no_runs_are_a_wrong_option(said: Said) -> None:
    with pytest.raises(UsageError):
        measure(said.reporter, runs=0, record=None)


# The workbench


def test_the_copy_of_a_project_is_the_same_project(project: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    copy_project(load_project(project), copy)
    listed = [[file.path for file in list_files(load_project(root))] for root in (project, copy)]
    assert listed[0] == listed[1]
    assert listed[0]
    assert not (copy / ".env").exists()


def test_a_changed_file_is_one_that_is_bundled(project: Path) -> None:
    def contents() -> dict[Path, bytes]:
        return {file.origin: file.origin.read_bytes() for file in list_files(load_project(project))}

    before = contents()
    changed = bench_builds.change_a_file(project)
    after = contents()
    assert [path for path in before if before[path] != after[path]] == [changed]
    assert changed == project / "src" / "notes" / "settings.py"
    compile(changed.read_text(encoding="utf-8"), "changed", "exec")


def test_downloads_are_copied_with_what_is_known_about_them(tmp_path: Path) -> None:
    origin, own = Cache(tmp_path / "shared"), Cache(tmp_path / "own")
    packages = origin.root / "debian" / "packages" / "0123"
    packages.mkdir(parents=True)
    (packages / "libc6.deb").write_bytes(b"deb")
    for name in ("linux-x86_64.json", "linux-x86_64.lock", "unreachable-0"):
        (origin.root / "debian" / name).write_text(name, encoding="utf-8")
    os.utime(origin.root / "debian" / "unreachable-0", (1000, 1000))
    place = take_download(packages, origin, own)
    assert (place / "libc6.deb").read_bytes() == b"deb"
    assert place == own.root / "debian" / "packages" / "0123"
    assert {path.name for path in (own.root / "debian").iterdir() if path.is_file()} == {
        "linux-x86_64.json",
        "unreachable-0",
    }
    assert (own.root / "debian" / "unreachable-0").stat().st_mtime == 1000


def test_an_archive_is_copied_alone(tmp_path: Path) -> None:
    origin, own = Cache(tmp_path / "shared"), Cache(tmp_path / "own")
    archive = origin.archive("0" * 64, "cpython.tar.gz")
    archive.parent.mkdir(parents=True)
    archive.write_bytes(b"tar")
    assert take_download(archive, origin, own).read_bytes() == b"tar"
    assert own.archive("0" * 64, "cpython.tar.gz").is_file()


def test_git_status_needs_a_checkout(workbench: Workbench, project: Path) -> None:
    assert workbench.root == project
    with pytest.raises(NotMeasurableError):
        bench_builds.git_status(workbench)


def test_silent_sources_let_the_caller_wait() -> None:
    with bench_builds._silent_sources(2) as sources:
        assert len(set(sources)) == 2
        with (
            httpx.Client(trust_env=False, timeout=0.2) as client,
            pytest.raises(httpx.TimeoutException),
        ):
            client.get(sources[0])


# Sizes


def test_bytes_are_those_of_files_and_not_of_links(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "a").write_bytes(bytes(1000))
    (tmp_path / "folder" / "b").write_bytes(bytes(500))
    (tmp_path / "link").symlink_to("a")
    (tmp_path / "to-folder").symlink_to("folder")
    assert in_bytes(tmp_path) == 1500


def test_on_disk_counts_blocks_and_each_file_once(tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    empty = on_disk(folder)
    (folder / "a").write_bytes(os.urandom(10_000))
    alone = on_disk(folder)
    assert alone - empty >= 10_000
    (folder / "same").hardlink_to(folder / "a")
    assert on_disk(folder) == alone
    (folder / "other").write_bytes(os.urandom(10_000))
    assert on_disk(folder) > alone


# Starting

SERVER = """
import http.server, json, sys

class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        self.send_response(STATUS)
        self.send_header("Content-Length", "0")
        self.end_headers()

server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
print(json.dumps({"event": "progress", "message": "wait"}), flush=True)
url = f"http://127.0.0.1:{server.server_port}/"
print(json.dumps({"event": "ready", "url": url}), flush=True)
server.serve_forever()
"""


def test_a_start_ends_with_its_first_page() -> None:
    times = start([sys.executable, "-I", "-c", SERVER.replace("STATUS", "200")])
    assert 0 < times.ready <= times.page


def test_later_pages_come_by_one_connection() -> None:
    once = SERVER.replace("STATUS", "200").replace("serve_forever()", "handle_request()")
    assert requests([sys.executable, "-I", "-c", once]) > 0


@pytest.mark.parametrize("measure", [start, requests])
@pytest.mark.parametrize(
    ("script", "words"),
    [
        (SERVER.replace("STATUS", "500"), "500"),
        ("raise SystemExit(3)", "ended before"),
        ("""print('{"event": "failed", "message": "no database"}', flush=True)""", "did not start"),
    ],
)
def test_a_server_that_does_not_serve_is_no_figure(
    measure: Callable[[Sequence[str]], object], script: str, words: str
) -> None:
    with pytest.raises(BuildError, match=words):
        measure([sys.executable, "-I", "-c", script])


def test_the_bare_script_is_python() -> None:
    compile(BARE_SCRIPT, "bare.py", "exec")
