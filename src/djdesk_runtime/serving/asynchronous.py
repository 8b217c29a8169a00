"""Asynchronous streams, sent piece by piece by a thread that belongs to them.

Django, asked for such a stream by a synchronous server, collects all of it first: one without
an end would never be sent at all.
"""

from __future__ import annotations

import asyncio
import threading
from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Generator, Iterator

    type OnGone = Callable[[Callable[[], None]], None]


class AsyncPieces:
    """The pieces of *source*, in an event loop of their own; they end when the client goes.

    *on_gone* takes a function that is called then, from any thread; None where nobody tells.
    """

    def __init__(self, source: AsyncIterator[bytes], on_gone: OnGone | None) -> None:
        self._pieces = run_source(source, on_gone)

    def __iter__(self) -> Iterator[bytes]:
        """Return the pieces, to be taken once."""
        return self._pieces

    def close(self) -> None:
        """Take no more pieces."""
        self._pieces.close()


def run_source(source: AsyncIterator[bytes], on_gone: OnGone | None) -> Generator[bytes]:
    """Yield the pieces of *source* in an event loop of their own."""
    # Not before: whoever never asks for the first piece leaves no loop behind.
    with asyncio.Runner() as runner:
        loop = runner.get_loop()
        waiting: set[asyncio.Task[bytes]] = set()
        gone = threading.Event()

        def cancel() -> None:
            for task in waiting:
                task.cancel()

        def leave() -> None:
            gone.set()
            with suppress(RuntimeError):  # the loop has ended already
                loop.call_soon_threadsafe(cancel)

        async def next_piece() -> bytes:
            task = asyncio.ensure_future(anext(source))
            waiting.add(task)
            if gone.is_set():
                # Between two pieces there was nothing to cancel.
                task.cancel()
            try:
                return await task
            finally:
                waiting.discard(task)

        if on_gone is not None:
            on_gone(leave)
        try:
            while True:
                try:
                    piece = runner.run(next_piece())
                except (StopAsyncIteration, asyncio.CancelledError):
                    return
                yield piece
        finally:
            runner.run(close_source(source))


async def close_source(source: AsyncIterator[bytes]) -> None:
    """Let *source* tidy up, if it has a way to."""
    aclose = getattr(source, "aclose", None)
    if aclose is not None:
        await aclose()
