import asyncio
import threading
from collections.abc import AsyncIterator, Callable

from djdesk_runtime.serving.asynchronous import AsyncPieces
from tests.unit.djdesk_runtime.made_bundle import LIMIT_SECONDS


class Source:
    """Two pieces and a wait, and what became of it."""

    def __init__(self) -> None:
        self.waiting = threading.Event()
        self.closed = threading.Event()

    async def pieces(self) -> AsyncIterator[bytes]:
        try:
            yield b"one"
            await asyncio.sleep(0)
            yield b"two"
            self.waiting.set()
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(0)
            self.closed.set()


def test_pieces_come_one_by_one() -> None:
    source = Source()
    pieces = iter(AsyncPieces(source.pieces(), None))
    assert [next(pieces), next(pieces)] == [b"one", b"two"]
    assert not source.closed.is_set()


def test_what_waits_ends_when_the_client_goes() -> None:
    source, calls = Source(), list[Callable[[], None]]()
    got: list[bytes] = []

    def send() -> None:
        got.extend(AsyncPieces(source.pieces(), calls.append))

    sender = threading.Thread(target=send)
    sender.start()
    assert source.waiting.wait(LIMIT_SECONDS)
    for call in calls:
        call()
    sender.join(LIMIT_SECONDS)
    assert got == [b"one", b"two"]
    assert source.closed.is_set()
    for call in calls:
        call()


def test_what_waits_next_ends_when_the_client_has_gone_before() -> None:
    source, calls = Source(), list[Callable[[], None]]()
    pieces = iter(AsyncPieces(source.pieces(), calls.append))
    assert [next(pieces), next(pieces)] == [b"one", b"two"]
    for call in calls:
        call()
    assert [*pieces] == []
    assert source.closed.is_set()


def test_what_is_not_read_to_its_end_is_closed() -> None:
    source = Source()
    pieces = AsyncPieces(source.pieces(), None)
    next(iter(pieces))
    pieces.close()
    assert source.closed.is_set()
    assert [*pieces] == []


def test_a_failure_is_passed_on() -> None:
    async def broken() -> AsyncIterator[bytes]:
        yield b"one"
        raise LookupError

    pieces = iter(AsyncPieces(broken(), None))
    assert next(pieces) == b"one"
    try:
        next(pieces)
    except LookupError:
        return
    raise AssertionError
