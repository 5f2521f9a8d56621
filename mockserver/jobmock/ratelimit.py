"""Rate limits in integer nanoseconds: a token bucket where a limit has a burst, else a fixed window.

Exact by construction: a request at the true wait is served, one a nanosecond earlier is not.
"""

from __future__ import annotations

from .clock import SECOND
from .models import Limit


class Bucket:
    """The state of one limit. It begins full, at its first request."""

    __slots__ = ("_level", "_since", "limit")

    def __init__(self, limit: Limit) -> None:
        self.limit = limit
        self._since: int | None = None
        self._level = 0

    def take(self, now: int) -> int:
        """Take one request at `now`: 0 if it is served, else the nanoseconds until one would be."""
        return self._window(now) if self.limit.burst is None else self._tokens(now, self.limit.burst)

    def _window(self, now: int) -> int:
        """Count requests in a window that opens with its first one."""
        if self._since is None or now >= self._since + self.limit.period:
            self._since, self._level = now, 0
        if self._level < self.limit.requests:
            self._level += 1
            return 0
        return self._since + self.limit.period - now

    def _tokens(self, now: int, burst: int) -> int:
        """Hold tokens times `period`, so that they grow by `requests` a nanosecond and stay whole."""
        rate, price = self.limit.requests, self.limit.period
        full = burst * price
        level = full if self._since is None else min(full, self._level + rate * (now - self._since))
        self._since = now
        self._level = level - price if level >= price else level
        return 0 if level >= price else -((level - price) // rate)


def retry_after(wait: int) -> int:
    """Return the whole seconds to tell a client that must wait so many nanoseconds: rounded up, at least 1."""
    return max(1, -(-wait // SECOND))
