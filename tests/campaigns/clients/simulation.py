"""Clients in simulated real time: coroutines that wait without sleeping, against a service without a socket.

The mock's clock can be any clock: it reads the simulated time as its real time. Nothing depends on the machine's speed.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass, field
from functools import partial
from heapq import heappop, heappush
from itertools import count
from typing import Any

from tests.campaigns.clients.trampoline import Ended, Resume, Suspend, trampoline
from tests.campaigns.clients.wire import Answer, Lost, Stopped, parsed

from jobmock.clock import EPOCH, SECOND
from jobmock.models import Reply, Request
from jobmock.service.service import Service

Routine = Coroutine[Any, Any, Any]
FINE_STEP = SECOND // 20
"""How often a client that waits for a held answer looks for it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """The requests and the seconds after which clients are stopped."""

    requests: int = 30_000
    seconds: float = 200_000


@dataclass(kw_only=True)
class Simulation:
    """Simulated real time, and the coroutines that live in it."""

    limits: Limits = field(default_factory=Limits)
    real: int = EPOCH
    sent: int = 0

    def __post_init__(self) -> None:
        self._events: list[tuple[int, int, Callable[[], None]]] = []
        self._numbers = count()

    def run(self, routine: Routine) -> Any:
        """Run a coroutine to its end, with all that it starts; return its result or raise its exception."""
        ended: list[tuple[Any, BaseException | None]] = []
        self.start(routine, lambda result, error: ended.append((result, error)))
        while not ended:
            if not self._events:
                raise Stopped("All coroutines wait for something that never comes.")
            self.real, _, act = heappop(self._events)
            act()
        result, error = ended[0]
        if error is not None:
            raise error
        return result

    def start(self, routine: Routine, ended: Ended) -> None:
        """Run a coroutine in the background."""
        self.at(self.real, lambda: trampoline(routine, ended))

    def at(self, real: int, act: Callable[[], None]) -> None:
        """Call a function at a time."""
        heappush(self._events, (max(real, self.real), next(self._numbers), act))

    async def until(self, real: int) -> None:
        """Wait for a time. Raises Stopped when that is too far."""
        if real - EPOCH > self.limits.seconds * SECOND:
            raise Stopped(f"The client was still running after {self.limits.seconds:g} s.")
        await Suspend(lambda resume: self.at(real, lambda: resume(None, None)))

    async def together(self, *calls: Callable[[], Awaitable[Any]]) -> list[Any]:
        """Run some coroutines at the same time, and return their results; raise the first exception."""
        results: list[Any] = [None] * len(calls)
        errors: list[BaseException] = []
        left = len(calls)

        def arrange(resume: Resume) -> None:
            def ended(index: int, result: Any, error: BaseException | None) -> None:
                nonlocal left
                results[index], left = result, left - 1
                errors.extend([error] if error else [])
                if not left:
                    resume(results, errors[0] if errors else None)

            for index, call in enumerate(calls):
                self.start(_awaited(call), partial(ended, index))

        found: list[Any] = await Suspend(arrange) if calls else []
        return found


async def _awaited(call: Callable[[], Awaitable[Any]]) -> Any:
    return await call()


@dataclass(kw_only=True)
class SimulatedWire:
    """Sends to a service, with a little latency. `agent` is the client's User-Agent; `timeout` is in seconds.

    With `advance`, a test has replaced the client's sleep: it advances the mock's clock and takes no real time.
    """

    simulation: Simulation
    service: Service
    key: str
    agent: str = "client/1"
    timeout: float = 20
    strict: bool = True
    latency: int = SECOND // 500
    advance: Callable[[int], None] | None = None
    connection: int = field(default_factory=count(1).__next__)
    shift: int = 0
    """How many nanoseconds the replaced sleeps have added to the client's own time."""

    async def send(self, method: str, path: str, query: str = "", body: Any = None) -> Answer:
        """Send a request and return its answer. Raises Lost, Stopped."""
        simulation = self.simulation
        simulation.sent += 1
        if simulation.sent > simulation.limits.requests:
            raise Stopped(f"The client sent more than {simulation.limits.requests} requests.")
        raw = b"" if body is None else json.dumps(body).encode()
        headers = ((b"authorization", f"Bearer {self.key}".encode()), (b"user-agent", self.agent.encode()))
        await simulation.until(simulation.real + self.latency // 2)
        reply = self.service.handle(Request(method, path.encode(), query.encode(), headers, raw, self.connection))
        await self._held(reply)
        await simulation.until(simulation.real + self.latency // 2)
        fault = reply.fault
        if fault and fault.drip:
            await simulation.until(simulation.real + len(reply.body) // fault.drip.size * fault.drip.every)
        elif fault and (fault.disconnect or fault.corrupt in ("short_body", "garbage")):
            raise Lost(fault.label)
        decoded = {name.decode().lower(): value.decode() for name, value in reply.headers}
        return parsed(reply.status, decoded, reply.body, strict=self.strict)

    async def _held(self, reply: Reply) -> None:
        """Wait until the clock reads when the answer is due. Raises Lost at the client's own timeout."""
        simulation = self.simulation
        end = simulation.real + round(self.timeout * SECOND)
        hangs = reply.fault is not None and reply.fault.hang
        while hangs or reply.clock.now() < reply.due:
            if simulation.real >= end:
                reply.lost()
                raise Lost("timeout")
            wait = None if hangs else reply.clock.wait(reply.due)
            step = FINE_STEP if wait is None else max(1, round(wait * SECOND))
            await simulation.until(end if hangs else min(simulation.real + step, end))

    async def sleep(self, seconds: float) -> None:
        """Sleep, or advance the mock's clock where a test has replaced the client's sleep."""
        if seconds < 0:
            raise ValueError("The length of a sleep isn't negative.")
        length = round(seconds * SECOND)
        if self.advance is not None:
            self.advance(length)
            self.shift += length
            length = 0
        await self.simulation.until(self.simulation.real + length)

    async def together(self, *calls: Callable[[], Awaitable[Any]]) -> list[Any]:
        """Run some coroutines at the same time."""
        return await self.simulation.together(*calls)

    def now(self) -> float:
        """Return the client's own time in seconds."""
        return (self.simulation.real + self.shift - EPOCH) / SECOND
