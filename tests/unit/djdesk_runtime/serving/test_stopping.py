import os
import threading

from djdesk_runtime.serving.stopping import StopRequest, stop_at_end_of


def test_asking_wakes_and_asking_again_is_urgent() -> None:
    woken: list[bool] = []
    stop = StopRequest()
    stop.ask()
    assert (stop.asked, stop.urgent) == (True, False)
    stop.wakes(lambda: woken.append(stop.asked))
    stop.ask()
    assert (stop.urgent, woken) == (True, [True])


def test_end_of_a_pipe_asks() -> None:
    reader, writer = os.pipe()
    woken = threading.Event()
    stop = StopRequest()
    stop.wakes(woken.set)
    stop_at_end_of(reader, stop)
    os.write(writer, b"not the end")
    before = stop.asked
    os.close(writer)
    assert woken.wait(30)
    assert (before, stop.asked) == (False, True)
    os.close(reader)


def test_no_standard_input_is_its_end() -> None:
    stop = StopRequest()
    stop_at_end_of(None, stop)
    assert stop.asked
