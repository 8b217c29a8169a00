import math
import os
import subprocess
import sys
import time

import pytest

from djdesk_runtime.serving.stopping import BACKSTOP, GRACE, StopRequest
from tests import unix
from tests.unit.djdesk_runtime.made_bundle import LIMIT_SECONDS, RUNTIME

posix_only = pytest.mark.skipif(os.name != "posix", reason="Windows has no process groups")


def test_asking_wakes_and_leaves_some_time() -> None:
    woken: list[bool] = []
    stop = StopRequest()
    assert (stop.asked, stop.deadline) == (False, math.inf)
    stop.wakes(lambda: woken.append(stop.asked))
    before = time.monotonic()
    stop.ask()
    assert woken == [True]
    assert before + GRACE <= stop.deadline <= time.monotonic() + GRACE


def test_a_later_request_can_only_shorten_the_time() -> None:
    stop = StopRequest()
    stop.ask(100)
    stop.ask(10)
    deadline = stop.deadline
    stop.ask(1000)
    assert stop.deadline == deadline
    assert deadline <= time.monotonic() + 10


def test_insisting_leaves_no_time() -> None:
    stop = StopRequest()
    stop.insist()
    assert stop.deadline > time.monotonic()
    stop.insist()
    assert stop.deadline <= time.monotonic()


# What it is doing when the time is over; with the one, no other thread can run.
ALONE = "computing alone"
BUSY = {
    "waiting": "threading.Event().wait()",
    "computing": "while True: pass",
    ALONE: "sum(range(10 ** 15))",
    "ending": "threading.Thread(target=threading.Event().wait).start()",
}


def ending(work: str, options: str = "", seconds: float = 0.1) -> subprocess.CompletedProcess[str]:
    # On a busy machine our watchdog may be later than the interpreter's, were that not far behind.
    backstop = BACKSTOP if work.endswith(BUSY[ALONE]) else LIMIT_SECONDS
    code = (
        f"import sys, threading; sys.path.insert(0, {str(RUNTIME.parent)!r})\n"
        "from djdesk_runtime.serving import stopping\n"
        "from djdesk_runtime.serving.stopping import end_within\n"
        f"stopping.BACKSTOP = {backstop}\n"
        f"end_within({seconds}{options})\n{work}\n"
    )
    return subprocess.run(
        [sys.executable, "-I", "-c", code],
        capture_output=True,
        text=True,
        timeout=LIMIT_SECONDS,
        check=False,
        start_new_session=True,
    )


@pytest.mark.parametrize("work", BUSY)
def test_the_process_ends_whatever_it_is_doing(work: str) -> None:
    expected = 1 if work == ALONE else 3
    assert ending(BUSY[work], ", code=3").returncode == expected


def test_a_process_that_ends_by_itself_is_left_alone() -> None:
    done = ending("sys.exit(7)", ", code=3")
    assert (done.returncode, done.stderr) == (7, "")


@pytest.mark.parametrize("work", BUSY)
def test_asking_again_gives_no_more_time(work: str) -> None:
    expected = 1 if work == ALONE else 3
    again = "end_within(1000, code=4)\n"
    assert ending(again + BUSY[work], ", code=3").returncode == expected


@pytest.mark.parametrize("work", BUSY)
def test_what_has_done_its_work_ends_with_the_code_of_that(work: str) -> None:
    """Also when it was to end with another one before."""
    expected = 1 if work == ALONE else 5
    done = f"stopping.LATE_BACKSTOP = {BACKSTOP if work == ALONE else LIMIT_SECONDS}\n"
    done += "stopping.work_is_done(5, 1000)\n"
    assert ending(done + BUSY[work], ", code=3").returncode == expected


def test_one_that_leaves_without_teardown_calls_what_is_registered_and_loses_no_output() -> None:
    done = ending(
        "import atexit, logging\n"
        "class Last:\n"
        "    def __del__(self): print('torn down')\n"
        "last = Last()\n"
        "stopping.leave_without_teardown()\n"
        "atexit.register(print, 'the project ends')\n"
        "stopping.work_is_done(5, 1000)\n"
        "print('not yet written')",
        seconds=1000,
    )
    assert (done.returncode, done.stdout) == (5, "not yet written\nthe project ends\n")


CHILD = "import subprocess; subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(99)'])"
GONE = "from djdesk_runtime.serving.programs import abandoned; abandoned.set()"
KEEP = "from djdesk_runtime.serving.programs import keep_programs; keep_programs()"
LEFT = "import atexit; atexit.register(print, 'the project ends', flush=True)"


@posix_only
def test_what_it_started_ends_too_when_the_shell_is_gone() -> None:
    """The pipe of the output is open as long as one of them lives."""
    done = ending(f"{CHILD}; {GONE}; threading.Event().wait()")
    assert done.returncode == -unix.SIGKILL


@posix_only
def test_what_it_started_ends_with_one_that_ends_by_itself() -> None:
    done = ending(f"{KEEP}; {LEFT}; {CHILD}; {GONE}", seconds=1000)
    assert done.returncode == -unix.SIGKILL
    assert done.stdout == "the project ends\n"


@posix_only
def test_a_process_that_has_its_shell_ends_as_it_likes() -> None:
    assert ending(f"{KEEP}; sys.exit(7)").returncode == 7
