from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from build_support import logs, processes
from build_support.errors import ToolError
from build_support.processes import run

ROOT = Path(processes.__file__).resolve().parents[1]


@pytest.fixture(autouse=True)
def _logs_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logs, "LOGS", tmp_path / "logs")


def _python(code: str) -> list[str | Path]:
    return [sys.executable, "-c", code]


def test_returns_standard_output_and_not_the_other() -> None:
    code = "import sys; print('öut'); print('err', file=sys.stderr)"
    environment = {**os.environ, "PYTHONUTF8": "1"}
    assert run(_python(code), doing="Talking", environment=environment).strip() == "öut"


def test_bytes_that_are_no_utf8_do_no_harm() -> None:
    code = "import sys; sys.stdout.buffer.write(b'a\\xffb')"
    assert run(_python(code), doing="Talking") == "a\ufffdb"


def test_folder_and_environment_are_handed_on(tmp_path: Path) -> None:
    code = "import os; print(os.getcwd(), os.environ.get('ONLY'))"
    environment = {**os.environ, "ONLY": "this"}
    found = run(_python(code), doing="Looking", folder=tmp_path, environment=environment)
    assert found.split() == [str(tmp_path.resolve()), "this"]


def test_nothing_can_be_read_from_the_terminal() -> None:
    read = "import sys; print(len(sys.stdin.read()))"
    code = f"import sys; print(run([sys.executable, '-c', {read!r}], doing='Reading'))"
    finished = subprocess.run(
        [sys.executable, "-B", "-c", f"from build_support.processes import run; {code}"],
        cwd=ROOT,
        input="typed",
        capture_output=True,
        check=True,
        text=True,
    )
    assert finished.stdout.strip() == "0"


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("import sys; print('out'); sys.exit('the reason')", "the reason"),
        ("import sys; print('only out'); sys.exit(3)", "only out"),
    ],
)
def test_a_failure_tells_what_was_being_done_and_what_the_program_said(
    code: str, said: str
) -> None:
    with pytest.raises(ToolError) as caught:
        run(_python(code), doing="Trying", hint="Try harder.")
    assert caught.value.what == "Trying failed."
    assert said in caught.value.why
    assert Path(sys.executable).name in caught.value.why
    assert caught.value.hint == "Try harder."


def test_a_failure_tells_only_the_end_of_many_words() -> None:
    with pytest.raises(ToolError) as caught:
        run(_python("for n in range(1000): print('line', n)\nraise SystemExit(1)"), doing="X")
    assert "line 999" in caught.value.why
    assert len(caught.value.why.splitlines()) < 40


def test_a_missing_program_is_named() -> None:
    with pytest.raises(ToolError, match="failed") as caught:
        run(["no-such-program-here", "x"], doing="Trying", hint="Install it.")
    assert caught.value.why == "There is no program no-such-program-here."
    assert caught.value.hint == "Install it."


def test_a_missing_folder_is_not_taken_for_a_missing_program(tmp_path: Path) -> None:
    with pytest.raises(ToolError) as caught:
        run(_python("pass"), doing="Trying", folder=tmp_path / "none")
    assert "none" in caught.value.why
    assert "no program" not in caught.value.why


@pytest.mark.parametrize("content", ["", "\x7fELF of another processor"])
def test_a_file_that_cannot_be_run_is_a_tool_error(tmp_path: Path, content: str) -> None:
    program = tmp_path / "program"
    program.write_text(content)
    program.chmod(0o755 if content else 0o644)
    with pytest.raises(ToolError) as caught:
        run([program], doing="Trying")
    assert str(program) in caught.value.why


def test_a_program_that_hangs_is_stopped() -> None:
    code = "import signal; signal.pause()" if os.name == "posix" else "input()"
    with pytest.raises(ToolError) as caught:
        run(_python(code), doing="Waiting", timeout=0.1)
    assert "no result in 0 s" in caught.value.why


def test_what_a_program_said_before_it_hung_is_told() -> None:
    wait = "signal.pause()" if os.name == "posix" else "input()"
    code = f"import signal; print('nearly there', flush=True); {wait}"
    with pytest.raises(ToolError) as caught:
        run(_python(code), doing="Waiting", timeout=5)
    assert "nearly there" in caught.value.why


def test_both_streams_are_told_and_all_of_them_is_in_the_log() -> None:
    code = """
import sys
for n in range(1000):
    print("line", n)
print("the reason")
print("Warning: something old", file=sys.stderr)
sys.exit(2)
"""
    with pytest.raises(ToolError) as caught:
        run(_python(code), doing="Building")
    error = caught.value
    assert "the reason" in error.why
    assert "something old" in error.why
    assert error.log is not None
    assert str(error.log) in str(error)
    assert "line 0\n" in error.log.read_text(encoding="utf-8")
    assert "line 0\n" in error.output


@pytest.mark.skipif(os.name != "posix", reason="modes are POSIX's")
def test_a_log_is_its_owners() -> None:
    with pytest.raises(ToolError) as caught:
        run(_python("raise SystemExit('x')"), doing="Building")
    assert caught.value.log is not None
    assert caught.value.log.stat().st_mode & 0o077 == 0


def test_secrets_are_neither_told_nor_logged() -> None:
    code = "import sys; print('out hunter2'); sys.exit('err hunter2')"
    with pytest.raises(ToolError) as caught:
        run([*_python(code), "hunter2"], doing="Signing", secrets=["hunter2", ""])
    error = caught.value
    assert error.log is not None
    for text in (error.why, error.output, error.log.read_text(encoding="utf-8")):
        assert "hunter2" not in text
        assert "***" in text


def test_a_failure_that_is_an_answer_is_not_logged() -> None:
    with pytest.raises(ToolError) as caught:
        run(_python("raise SystemExit('no')"), doing="Asking", logged=False)
    assert caught.value.log is None


def test_a_log_that_cannot_be_written_does_not_hide_the_failure(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setattr(logs, "LOGS", tmp_path / "file" / "logs")
    with pytest.raises(ToolError) as caught:
        run(_python("raise SystemExit('the reason')"), doing="Building")
    assert caught.value.log is None
    assert "the reason" in caught.value.why


def test_a_logged_exception_does_not_hide_the_fatal_one() -> None:
    code = """
import logging
try:
    1/0
except ZeroDivisionError:
    logging.exception("survived")
raise KeyError("fatal")
"""
    with pytest.raises(ToolError) as caught:
        run(_python(code), doing="Building")
    assert "KeyError: 'fatal'" in caught.value.why
    assert "line 7" in caught.value.why


@pytest.mark.skipif(os.name != "posix", reason="signals are POSIX's")
def test_a_program_that_is_killed_is_told_to_have_been() -> None:
    with pytest.raises(ToolError) as caught:
        run(_python("import os; os.kill(os.getpid(), 9)"), doing="Building")
    assert "SIGKILL" in caught.value.why
