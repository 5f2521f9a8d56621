"""Locks that a participant makes: whoever waits for one waits in virtual time, so its owner may sleep.

They are locks for everybody: threads that take no part, and conditions, use them as they would the real ones.
"""

from __future__ import annotations

import threading
from collections import deque
from contextlib import suppress
from typing import Any

from .participant import Participant, Signal
from .presence import here
from .readings import StandIn
from .threads import due_in


class VirtualLock:
    """A lock, and the signals of those who wait for it in virtual time."""

    def __init__(self, real: Any) -> None:
        self._real = real
        self._signals: deque[Signal] = deque()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)

    def acquire(self, blocking: bool = True, timeout: float = -1) -> bool:
        """Take the lock, as threading.Lock.acquire does."""
        me = here()
        if me is None or not blocking:
            return bool(self._real.acquire(blocking, timeout))
        return bool(self._real.acquire(False)) or self._wait(me, timeout)

    def release(self) -> None:
        """Give the lock back, and tell whoever has waited longest."""
        self._real.release()
        self._tell()

    def __enter__(self) -> bool:
        return self.acquire()

    def __exit__(self, *args: object) -> None:
        self.release()

    def _wait(self, me: Participant, timeout: float) -> bool:
        due = due_in(me, None if timeout < 0 else timeout)
        while True:
            signal = Signal()
            self._signals.append(signal)
            try:
                if self._real.acquire(False):
                    return True
                if not me.world.wait(me, due=due, signal=signal):
                    return bool(self._real.acquire(not me.world.active))
            finally:
                self._forget(signal)

    def _forget(self, signal: Signal) -> None:
        """Wait no longer. What was told to one who may not have needed it is told to the next."""
        try:
            self._signals.remove(signal)
        except ValueError:
            if not self._real_locked():
                self._tell()

    def _real_locked(self) -> bool:
        free = bool(self._real.acquire(False))
        if free:
            self._real.release()
        return not free

    def _tell(self) -> None:
        with suppress(IndexError):
            self._signals.popleft().release()


class VirtualRLock(VirtualLock):
    """The same for a lock that its owner can take several times; conditions give it up altogether, and take it back."""

    def _release_save(self) -> int:
        times = 0
        while self._real._is_owned():
            self._real.release()
            times += 1
        self._tell()
        return times

    def _acquire_restore(self, times: int) -> None:
        for _ in range(times):
            self.acquire()


def _stand_in(real: Any, kind: type[VirtualLock]) -> StandIn:
    return StandIn(real, lambda me: kind(real()), "trio")  # which asserts that its own are real


STAND_INS = {
    threading.Lock: _stand_in(threading.Lock, VirtualLock),
    threading.RLock: _stand_in(threading.RLock, VirtualRLock),
}
