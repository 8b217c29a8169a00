"""The threads that answer requests.

A few are for pages. A thread whose client is gone, or that sends a stream, does not count among
them, and another takes its place: Python cannot end a thread that waits for something, but it
need not keep others waiting.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from djdesk_runtime.serving.channels import Channel

# A browser opens up to six connections to one host; two more for a second window.
PAGES = 8

# How many threads that do not count there may be, before they count after all.
MOST_RELEASED = 1000

log = logging.getLogger(__name__)


class Workers:
    """Threads that serve channels in the order in which they come; waitress' task dispatcher."""

    def __init__(self, most: int = PAGES) -> None:
        self._most = most
        self._lock = threading.Lock()
        self._more = threading.Condition(self._lock)  # something waits, or the end has come
        self._waiting: deque[Channel] = deque()
        self._serving: dict[Channel, threading.Thread] = {}
        self._released: set[threading.Thread] = set()
        self._threads: set[threading.Thread] = set()
        self._counted = 0
        self._idle = 0
        self._ending = False

    def add_task(self, channel: Channel) -> None:
        """Have the first request of *channel* answered by the next thread that is free."""
        with self._lock:
            self._waiting.append(channel)
            self._provide()

    def release(self, channel: Channel) -> None:
        """Count the thread that serves *channel*, if there is one, no longer."""
        with self._lock:
            self._release(channel)

    def _release(self, channel: Channel) -> None:
        """Do what `release` says. The lock is held."""
        thread = self._serving.get(channel)
        if thread is None or thread in self._released:
            return
        if len(self._released) >= MOST_RELEASED:
            log.warning("%d threads serve streams, or nobody any more", MOST_RELEASED)
            return
        self._released.add(thread)
        self._counted -= 1
        self._provide()

    def at_work(self) -> list[Channel]:
        """Return the channels that are being served, also those whose client has gone."""
        with self._lock:
            return list(self._serving)

    def shutdown(self, timeout: float) -> None:
        """End the threads as they finish; wait at most *timeout* seconds for those that count.

        They have ended then, and with them what they kept, connections to databases for instance.
        """
        deadline = time.monotonic() + timeout
        with self._lock:
            self._ending = True
            self._more.notify_all()
            threads = self._threads - self._released
        for thread in threads:
            thread.join(max(0, deadline - time.monotonic()))

    def _provide(self) -> None:
        """Wake a thread for what waits, or start one. The lock is held."""
        if len(self._waiting) > self._idle and self._counted < self._most:
            thread = threading.Thread(target=self._work, name="djdesk-worker", daemon=True)
            try:
                thread.start()
            except RuntimeError:
                # The system has no more; one that is there will come to it.
                log.exception("no thread could be started")
            else:
                self._counted += 1
                self._threads.add(thread)
        self._more.notify()

    def _work(self) -> None:
        """Serve channels until there is no need for this thread."""
        thread = threading.current_thread()
        while (channel := self._next(thread)) is not None:
            try:
                channel.service()
            except BaseException:
                log.exception("a request could not be served")
            if not self._stays(thread, channel):
                return

    def _next(self, thread: threading.Thread) -> Channel | None:
        """Return the next channel, or None if this thread is to end."""
        with self._lock:
            self._idle += 1
            while not self._waiting and not self._ending:
                self._more.wait()
            self._idle -= 1
            if not self._waiting:
                self._counted -= 1
                self._threads.discard(thread)
                return None
            channel = self._waiting.popleft()
            self._serving[channel] = thread
            if channel.gone:
                # While it waited.
                self._release(channel)
            return channel

    def _stays(self, thread: threading.Thread, channel: Channel) -> bool:
        """Tell whether *thread*, which has served *channel*, is still needed."""
        with self._lock:
            # Another thread may be at this channel's next request already.
            if self._serving.get(channel) is thread:
                del self._serving[channel]
            if thread not in self._released:
                return True
            self._released.remove(thread)
            if self._counted >= self._most:
                self._threads.discard(thread)
                return False
            self._counted += 1
            return True
