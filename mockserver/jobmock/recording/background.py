"""Work in a background thread: one run at a time, and one more run for all requests that came in between."""

from __future__ import annotations

import threading
from collections.abc import Callable


class BackgroundWork:
    """Runs `work` in a thread soon after each `request`. Requests during a run lead to one more run after it.

    `work` must not raise, and must do everything that is pending.
    """

    def __init__(self, work: Callable[[], None]) -> None:
        self._work, self._changed = work, threading.Condition()
        self._requested = self._running = False

    def request(self) -> None:
        """Have the work done soon; return at once."""
        with self._changed:
            self._requested = True
            if not self._running:
                self._running = True
                threading.Thread(target=self._run, name="jobmock-recorder", daemon=True).start()

    def wait(self) -> None:
        """Return when no work is pending or running."""
        with self._changed:
            self._changed.wait_for(lambda: not self._running)

    def _run(self) -> None:
        while self._take_request():
            self._work()

    def _take_request(self) -> bool:
        """Take the pending request; return False if there is none, and then the thread ends."""
        with self._changed:
            self._running, self._requested = self._requested, False
            self._changed.notify_all()
            return self._running
