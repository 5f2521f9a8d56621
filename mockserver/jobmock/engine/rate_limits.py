"""Rate limits: a token bucket where a limit has a burst, else a fixed window.

Times are integer nanoseconds, so limits are exact: a request after the wait is served, a nanosecond earlier it isn't.
"""

from __future__ import annotations

from ..models import Limit


class Bucket:
    """The state of one rate limit. It is full at its first request."""

    __slots__ = ("_full", "_level", "_period", "_requests", "_since", "limit")

    def __init__(self, limit: Limit) -> None:
        self.limit = limit
        self._requests, self._period, burst = limit
        self._full = None if burst is None else burst * self._period
        self._since: int | None = None
        self._level = 0

    def take(self, now: int) -> int:
        """Count a request at `now`. Returns 0 if it is allowed, else the nanoseconds until one is."""
        return self._window(now) if self._full is None else self._tokens(now, self._full)

    def _window(self, now: int) -> int:
        """Count requests in a window that opens with its first one."""
        if self._since is None or now >= self._since + self._period:
            self._since, self._level = now, 0
        if self._level < self._requests:
            self._level += 1
            return 0
        return self._since + self._period - now

    def _tokens(self, now: int, full: int) -> int:
        """Hold tokens times `period`, so that they grow by `requests` a nanosecond and stay whole."""
        price, level = self._period, full
        if self._since is not None:
            level = self._level + self._requests * (now - self._since)
            level = full if level > full else level
        self._since = now
        if level >= price:
            self._level = level - price
            return 0
        self._level = level
        return -((level - price) // self._requests)
