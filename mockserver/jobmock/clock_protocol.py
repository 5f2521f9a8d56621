"""The interface of a clock for code that waits on it. It needs no import of the clock itself."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol


class ClockLike(Protocol):
    """A clock that reads nanoseconds since 1970-01-01 UTC, as `jobmock.clock.Clock` does."""

    speed: float
    """How many of its seconds pass in a real second; 0 for a clock that stands still."""

    @property
    def skips_delays(self) -> bool:
        """Whether a wait moves the clock forward instead of being held."""

    def now(self) -> int:
        """Return the reading."""

    def advance(self, nanoseconds: int) -> None:
        """Move it forward. Raises UsageError for a number that isn't allowed."""

    def wait(self, due: int) -> float | None:
        """Return the real seconds until it reads `due`; 0 if it does already, None if it stands still.

        A clock that skips delays is moved to `due`.
        """

    def on_change(self, listener: Callable[[], None], due: int | None = None) -> Callable[[], None]:
        """Call `listener` when it is moved, and return what ends that. The listener waits for the reading `due`."""


class Pause(Protocol):
    """A pause of the participant that moves a clock, in which the others may go on."""

    def __call__(self, seconds: float) -> bool:
        """Wait so many real seconds at most; return whether a participant can go on. With 0 it only looks."""

    def wake(self) -> None:
        """End the pause. Called in any thread."""


class Mover(Protocol):
    """Moves a clock once all participants of this process wait."""

    def next_due(self) -> int | None:
        """Return the earliest reading for which somebody else waits, or None."""

    def move(self, until: int | None, pause: Pause) -> bool:
        """Move the clock to `until`, or less far if others wait for something earlier. All participants wait.

        `until` is None if they wait without a deadline. Returns False if nothing can end their waits.
        """


class DrivenClock(ClockLike, Mover, Protocol):
    """A clock that virtual time moves once all participants of this process wait.

    The reading for which somebody else waits is that at which the server of this process sends an answer that it holds.
    """
