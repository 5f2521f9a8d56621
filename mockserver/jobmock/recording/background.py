"""Work that nobody waits for: done in a thread of its own, at most once at a time, for whatever has come meanwhile."""

from __future__ import annotations

import threading
from collections.abc import Callable


class Behind:
    """Does `work` soon after each `wake`. While it is under way further calls are one: it is done once more after it.

    `work` must not raise, and do whatever is due.
    """

    def __init__(self, work: Callable[[], None]) -> None:
        self._work, self._changed = work, threading.Condition()
        self._due = self._busy = False

    def wake(self) -> None:
        """Have the work done soon; returns at once."""
        with self._changed:
            self._due = True
            if not self._busy:
                self._busy = True
                threading.Thread(target=self._run, name="jobmock-recorder", daemon=True).start()

    def settle(self) -> None:
        """Return when nothing is due or under way."""
        with self._changed:
            self._changed.wait_for(lambda: not self._busy)

    def _run(self) -> None:
        while self._next():
            self._work()

    def _next(self) -> bool:
        """Take what is due; False where that is nothing, and then the thread ends."""
        with self._changed:
            self._busy, self._due = self._due, False
            self._changed.notify_all()
            return self._busy
