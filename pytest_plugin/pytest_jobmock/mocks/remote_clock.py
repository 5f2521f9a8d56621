"""The clock of the mocks on a running server, read and moved through its control API."""

from __future__ import annotations

from collections.abc import Callable
from time import time_ns

from jobmock.clock import SECOND, written
from jobmock.preloads.control_client import ControlClient
from jobmock.preloads.shared_clock import SharedClock
from jobmock.virtual.in_flight import InFlight, Traffic


class RemoteClock:
    """The clock of a test's keys on a running server. A `manual` one is shared with other processes.

    Other clocks run on their own, and each reading is a control call.
    """

    def __init__(self, mode: str, speed: float, start: int | None = None) -> None:
        self._start, self._is_manual = start, mode == "manual"
        self._setting = {"mode": mode, **({"speed": speed} if mode == "scaled" else {})}
        self._controls: list[ControlClient] = []
        self._listeners: set[Callable[[], None]] = set()
        self._base = self.started = time_ns() if start is None else start
        self._shared: SharedClock | None = None
        self._connections: InFlight | None = None
        self._sources: list[Callable[[], Traffic]] = []

    def watch(self, connections: InFlight) -> None:
        """Report the connections of the test's participants to the server."""
        self._connections = connections

    def add_source(self, traffic: Callable[[], Traffic]) -> None:
        """Report more connections, such as those of a relay."""
        self._sources.append(traffic)
        if self._shared is not None:
            self._shared.add_source(traffic)

    def add(self, control: ControlClient) -> None:
        """Let the clock of one more key be this one."""
        control.call("PUT", "clock", self._setting)
        self.reset_namespace(control)
        self._controls.append(control)
        if self._shared is not None:
            self._shared.share([control.key])
        elif self._is_manual:
            self._shared = self._share(control)
        if len(self._controls) == 1:
            self.restart()

    def reset_namespace(self, control: ControlClient, start: int | None = None) -> None:
        """Reset the namespace of a key, with its clock at `start`, or else where the test's clock started."""
        start = self._start if start is None else start
        control.call("POST", "reset", {} if start is None else {"start": written(start)})

    def restart(self) -> None:
        """Read the server's clock again, after a reset."""
        if self._shared is None:
            self._base = self.started = self._read_now()
        else:
            self._shared.restart()
            self.started = self._shared.started
        self._notify()

    def now(self) -> int:
        """Return the reading in nanoseconds."""
        if self._shared is not None:
            return self._shared.now()
        return self._base if self._is_manual else self._read_now()

    @property
    def elapsed(self) -> int:
        """Nanoseconds since the start."""
        return self.now() - self.started

    def advance(self, nanoseconds: int) -> None:
        """Move the clock of every key forward. A client that gets an answer by it reads the new time already."""
        if self._shared is not None:
            self._shared.advance(nanoseconds)
            return
        for control in self._controls:
            control.call("POST", "clock/advance", {"seconds": nanoseconds / SECOND})
        self._base += nanoseconds
        self._notify()

    def move(self, until: int | None, pause: Callable[[float], bool]) -> bool:
        """Move the clock once all processes that share it wait; see `DrivenClock`."""
        if self._shared is not None:
            return self._shared.move(until, pause)
        if until is not None:
            self.advance(until - self.now())
        return until is not None

    def next_due(self) -> int | None:
        """Return None: the server itself stops at the reading at which it sends an answer that it holds."""
        return None

    def others(self) -> list[int | None]:
        """Return the numbers of the other processes that share the clock; None where a number isn't known."""
        return [] if self._shared is None else self._shared.others()

    def on_change(self, listener: Callable[[], None]) -> Callable[[], None]:
        """Call `listener` after each move of the clock; the returned function removes it."""
        self._listeners.add(listener)
        return lambda: self._listeners.discard(listener)

    def _share(self, control: ControlClient) -> SharedClock:
        shared = SharedClock(control)
        shared.on_change(self._notify)
        if self._connections is not None:
            shared.watch(self._connections)
        for source in self._sources:
            shared.add_source(source)
        return shared

    def _read_now(self) -> int:
        seconds: float = self._controls[0].call("GET", "clock")["now"]
        return round(seconds * SECOND)

    def _notify(self) -> None:
        for listener in tuple(self._listeners):
            listener()
