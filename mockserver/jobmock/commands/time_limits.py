"""Ends a client that takes too long, or that can't go on: its time limits, and what the mock finds out about it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from queue import Empty, SimpleQueue
from time import monotonic
from typing import NamedTuple

from ..clock import SECOND, Clock

TIMED_OUT = 124
"""The exit code of `timeout`, for a command that takes too much real time."""
_LONGEST_WAIT = 3_600.0


class Stop(NamedTuple):
    """Why a client was ended: a word for it, its exit code, and the reason in one sentence."""

    kind: str
    exit_code: int
    text: str


class TimeLimits:
    """Waits for the end of one client. The client may take `timeout` real seconds, and `deadline` seconds of its clock.

    The deadline counts from the reading `began`, by default the clock's start.

    `end` and `stop` may be called by any thread; the first of them counts. `on_stop` is called at once when there is a
    reason to end the client: in the thread that moves the clock if that is at the deadline, so it doesn't move on.
    `requests` returns how many the client has sent.
    """

    def __init__(
        self, clock: Clock, *, timeout: float | None, deadline: float | None, on_stop: Callable[[], object],
        requests: Callable[[], int], began: int | None = None,
    ) -> None:  # fmt: skip
        self._clock, self._timeout, self._deadline = clock, timeout, deadline
        self._on_stop, self._requests = on_stop, requests
        self._lock = threading.Lock()
        self._reason: Stop | None = None
        self._until = None if timeout is None else monotonic() + timeout
        first = clock.started if began is None else began
        self._due = None if deadline is None else first + round(deadline * SECOND)
        self._events: SimpleQueue[Stop | None] = SimpleQueue()
        self._ended = False

    def end(self) -> None:
        """Note that the client has ended by itself."""
        self._ended = True
        self._events.put(None)

    def stop(self, reason: Stop) -> None:
        """End the client for a reason."""
        with self._lock:
            if self._reason is None:
                self._on_stop()
                self._reason = reason
        self._events.put(self._reason)

    def wait(self) -> Stop | None:
        """Wait until the client has ended, or must be ended. Returns the reason for that, or None."""
        with self._watching_clock():
            while True:
                try:
                    event = self._events.get(timeout=self._seconds_left())
                except Empty:
                    event = None
                if event is not None or self._ended:
                    return event
                if reason := self._exceeded():
                    self.stop(reason)

    @contextmanager
    def _watching_clock(self) -> Iterator[None]:
        """Look at the limits again when the clock is set, or was moved to the deadline."""
        if self._due is None:
            yield
            return
        due, clock, speed = self._due, self._clock, self._clock.speed

        def changed() -> None:
            if clock.now() >= due:
                self.stop(self._late())
            elif clock.speed != speed:
                self._events.put(None)

        stop = clock.on_change(changed)
        try:
            yield
        finally:
            stop()

    def _seconds_left(self) -> float:
        """Return how many real seconds may pass until the next look. A clock that skips delays isn't moved by that."""
        left = [_LONGEST_WAIT]
        if self._until is not None:
            left.append(self._until - monotonic())
        if self._due is not None and self._clock.speed:
            left.append((self._due - self._clock.now()) / SECOND / self._clock.speed)
        return max(0.0, min(left))

    def _late(self) -> Stop:
        count = self._requests()
        sent = f"It had sent {count} request{'s' * (count != 1)}."
        text = f"The client still ran after {self._deadline:g} seconds of its clock (--deadline), and was ended. {sent}"
        return Stop("deadline", 1, text)

    def _exceeded(self) -> Stop | None:
        if self._due is not None and self._clock.now() >= self._due:
            return self._late()
        if self._until is not None and monotonic() >= self._until:
            text = f"The command still ran after {self._timeout:g} real seconds (--timeout), and was ended."
            return Stop("timeout", TIMED_OUT, text)
        return None
