"""What pages may not do while they are checked. In a process of its own: hooks stay for ever."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from tests.unit.djdesk_runtime.made_bundle import REPOSITORY

_TRY = """
    import json, os, shutil, socket, sqlite3, subprocess, sys, tempfile
    from pathlib import Path
    sys.path.insert(0, {source!r})
    from djdesk_runtime.checking.effects import begin_effects, was_blocked

    root, data, elsewhere = Path({root!r}), Path({data!r}), Path({elsewhere!r})
    effects = begin_effects(root, data)
    effects.strict = True
    answers = {{}}
    for action in {actions!r}:
        try:
            exec(action)
            answers[action] = "done"
        except PermissionError as error:
            answers[action] = "blocked" if was_blocked(error) else "read-only"
        except Exception as error:
            answers[action] = type(error).__name__
    print(json.dumps(answers))
"""


def _try(tmp_path: Path, actions: list[str], *, link: bool = False) -> dict[str, str]:
    for name in ("bundle", "data", "elsewhere", "temporary"):
        (tmp_path / name).mkdir()
    for name in ("bundle/file", "elsewhere/file"):
        (tmp_path / name).write_text("kept")
    root = tmp_path / "bundle"
    if link:
        root = tmp_path / "link"
        root.symlink_to(tmp_path / "bundle")
    code = textwrap.dedent(_TRY).format(
        source=str(REPOSITORY / "src"),
        root=str(root),
        data=str(tmp_path / "data"),
        elsewhere=str(tmp_path / "elsewhere"),
        actions=actions,
    )
    temporary = dict.fromkeys(("TMPDIR", "TEMP", "TMP"), str(tmp_path / "temporary"))
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, **temporary},
        capture_output=True,
        encoding="utf-8",
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    answers: dict[str, str] = json.loads(done.stdout)
    assert (tmp_path / "bundle" / "file").read_text() == "kept"
    assert (tmp_path / "elsewhere" / "file").read_text() == "kept"
    return answers


def test_what_belongs_to_the_check_is_allowed(tmp_path: Path) -> None:
    actions = [
        "(data / 'x').write_text('x')",
        "(data / 'x').rename(data / 'y')",
        "shutil.rmtree(tempfile.mkdtemp())",
        "sqlite3.connect(data / 'db.sqlite3').execute('CREATE TABLE t (x)')",
        "sqlite3.connect(':memory:').execute('CREATE TABLE t (x)')",
        "sqlite3.connect('file:m?mode=memory', uri=True)",
        "(root / 'file').read_text()",
        "(elsewhere / 'file').read_text()",
        "open(os.devnull, 'w').close()",
        "socket.socketpair()",
        "socket.getaddrinfo('127.0.0.1', 80)",
        "__import__('asyncio').run(__import__('asyncio').sleep(0))",
    ]
    answers = _try(tmp_path, actions)
    assert {action: answer for action, answer in answers.items() if answer != "done"} == {}


def test_what_reaches_out_of_it_is_blocked(tmp_path: Path) -> None:
    actions = [
        "socket.create_connection(('192.0.2.1', 80), 5)",
        "socket.create_connection(('127.0.0.1', 9), 5)",
        "socket.getaddrinfo('example.org', 80)",
        "socket.socket(type=socket.SOCK_DGRAM).sendto(b'x', ('192.0.2.1', 53))",
        "__import__('urllib.request').request.urlopen('https://example.org/')",
        "subprocess.run([sys.executable, '-c', ''])",
        "os.system('echo x')",
        "os.kill(os.getpid(), 9)",
        "(elsewhere / 'new').write_text('x')",
        "(elsewhere / 'file').open('a')",
        "(elsewhere / 'file').unlink()",
        "(data / 'x').touch(); (data / 'x').rename(elsewhere / 'file')",
        "shutil.rmtree(elsewhere)",
        "sqlite3.connect(elsewhere / 'file')",
        "os.open(elsewhere / 'file', os.O_WRONLY | os.O_TRUNC)",
    ]
    answers = _try(tmp_path, actions)
    # `urllib` gives it another name.
    allowed = {"blocked", "URLError"}
    assert {action: answer for action, answer in answers.items() if answer not in allowed} == {}


@pytest.mark.parametrize("link", [False, True])
def test_the_bundle_is_read_only(tmp_path: Path, link: bool) -> None:
    actions = [
        "(root / 'new').write_text('x')",
        "(root.resolve() / 'new').write_text('x')",
        "(root / 'file').open('a')",
        "(root / 'file').unlink()",
        "(root / 'folder').mkdir()",
        "sqlite3.connect(root / 'new.sqlite3')",
    ]
    answers = _try(tmp_path, actions, link=link)
    assert set(answers.values()) == {"read-only"}
    assert [path.name for path in (tmp_path / "bundle").iterdir()] == ["file"]
