"""Client programs: a client alone, workers that share a job, one that takes over another's, and many jobs."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from functools import partial
from random import Random
from typing import Any

from tests.campaigns.clients.outcomes import JobEnd, Several
from tests.campaigns.clients.reference import Client, Settings
from tests.campaigns.clients.variants import Variant
from tests.campaigns.clients.wire import Answer, Failed, Wire

MakeWire = Callable[..., Wire]
Program = Callable[[MakeWire, str | None], Awaitable[Any]]
"""It gets a function that makes wires, and the shape of Orbit's runs, and returns what the client found."""
_JOBS = 3


def alone(kind: type[Variant], api: str, settings: Settings, rng: Random, **wire: Any) -> Program:
    """Return a program with one client."""

    async def program(make_wire: MakeWire, shape: str | None) -> Any:
        return await kind(api, make_wire(**wire), settings, shape, rng).run()

    return program


def shared(
    kind: type[Variant], api: str, settings: Settings, rng: Random, agents: tuple[str, str] = ("worker/1", "worker/2")
) -> Program:  # fmt: skip
    """Return a program with two workers that wait for the same job, one of which has started it."""

    async def program(make_wire: MakeWire, shape: str | None) -> Any:
        first, second = (kind(api, make_wire(agent=agent), settings, shape, rng) for agent in agents)
        job = await first.start()
        later = rng.uniform(0, settings.interval)

        async def wait(client: Client, pause: float) -> JobEnd:
            await client.wire.sleep(pause)
            try:
                return JobEnd(job, "returned", await client.finish(job))
            except Failed:
                return JobEnd(job, "raised")

        ends = await first.wire.together(partial(wait, first, 0), partial(wait, second, later))
        if all(end.outcome == "raised" for end in ends):
            raise Failed("Neither worker has got a result.")
        return next(end.returned for end in ends if end.outcome == "returned")

    return program


def resumed(
    kind: type[Variant], api: str, settings: Settings, rng: Random, agents: tuple[str, str] = ("worker/1", "worker/2"),
    pause: float = 0,
) -> Program:  # fmt: skip
    """Return a program whose process ends after some polls; another one goes on from the stored id."""

    async def program(make_wire: MakeWire, shape: str | None) -> Any:
        first = kind(api, _Breaking(make_wire(agent=agents[0]), rng.randint(1, 6)), settings, shape, rng)
        job = await first.start()
        try:
            return await first.finish(job)
        except _ProcessEnded:
            second = kind(api, make_wire(agent=agents[1]), settings, shape, rng)
            if pause:
                await second.wire.sleep(pause)
            return await second.finish(job)

    return program


def many(kind: type[Variant], api: str, settings: Settings, rng: Random, *, at_once: bool) -> Program:
    """Return a program with some jobs, one after another or at the same time. It returns how each has ended."""

    async def program(make_wire: MakeWire, shape: str | None) -> Any:
        clients = [kind(api, make_wire(), settings, shape, rng) for _ in range(_JOBS)]
        for number, client in enumerate(clients):
            client.name = f"chemists in district {number}"
        if at_once:
            ends = await clients[0].wire.together(*[partial(_end_of, client) for client in clients])
        else:
            ends = [await _end_of(client) for client in clients]
        return Several(end for end in ends if end.job is not None)

    return program


async def _end_of(client: Client) -> JobEnd:
    """Run a client that has a job of its own, and return how its call has ended."""
    client.deadline = client.wire.now() + client.settings.deadline
    job = None
    try:
        job = await client.start()
        return JobEnd(job, "returned", await client.finish(job))
    except Failed:
        return JobEnd(job, "raised")


def looked_up_later(kind: type[Variant], api: str, settings: Settings, rng: Random, pause: float) -> Program:
    """Return a program that reads a job that has ended once more, after a pause."""

    async def program(make_wire: MakeWire, shape: str | None) -> Any:
        wire = make_wire()
        client = kind(api, wire, settings, shape, rng)
        job = await client.start()
        found = await client.finish(job)
        await wire.sleep(pause)
        return await kind(api, wire, replace(settings, deadline=settings.deadline), shape, rng).finish(job) or found

    return program


def reported(kind: type[Variant], api: str, settings: Settings, rng: Random) -> Program:
    """Return a program with one client, whose failures it raises in its own words."""

    async def program(make_wire: MakeWire, shape: str | None) -> Any:
        try:
            return await kind(api, make_wire(), settings, shape, rng).run()
        except Failed as failed:
            raise Failed(f"Nobody was found: {failed}") from failed

    return program


def retried(
    kind: type[Variant], api: str, settings: Settings, rng: Random, *, connections: bool = False
) -> Program:  # fmt: skip
    """Return a program that starts another job if the first one fails; with `connections`, on another connection."""

    async def program(make_wire: MakeWire, shape: str | None) -> Any:
        wire = make_wire()
        for _ in range(2):
            try:
                return await kind(api, make_wire() if connections else wire, settings, shape, rng).run()
            except Failed as failed:
                error = failed
        raise error

    return program


def watched(kind: type[Variant], api: str, settings: Settings, rng: Random) -> Program:
    """Return a program with a loop of its own around each poll."""

    async def program(make_wire: MakeWire, shape: str | None) -> Any:
        client = kind(api, make_wire(), settings, shape, rng)
        job, errors = await client.start(), 0
        while True:
            answer = await client.wire.send("GET", client.job_path(job))
            if answer.status < 500 and answer.body["status"] == "completed":
                return answer.body
            errors = errors + 1 if answer.status >= 500 else 0
            await client.sleep(client.back_off(errors) if errors else client.interval(1))

    return program


def submitted(kind: type[Variant], api: str, settings: Settings, rng: Random, pause: float = 15) -> Program:
    """Return a program that starts many jobs and leaves them to another one."""

    async def program(make_wire: MakeWire, shape: str | None) -> Any:
        client = kind(api, make_wire(), settings, shape, rng)
        for number in range(40):
            client.name = f"chemists in town {number}"
            try:
                await client.start()
            except Failed:
                raise
            await client.wire.sleep(pause)
        return Several()

    return program


class _ProcessEnded(BaseException):
    """Raised where a client's process ends in the middle of its work."""


class _Breaking:
    """A wire to which only some requests are sent before the client's process ends."""

    def __init__(self, wire: Wire, requests: int) -> None:
        self._wire, self._left = wire, requests

    async def send(self, method: str, path: str, query: str = "", body: Any = None) -> Answer:
        if method == "GET":
            self._left -= 1
            if self._left < 0:
                raise _ProcessEnded
        return await self._wire.send(method, path, query, body)

    async def sleep(self, seconds: float) -> None:
        await self._wire.sleep(seconds)

    async def together(self, *calls: Callable[[], Awaitable[Any]]) -> list[Any]:
        return await self._wire.together(*calls)

    def now(self) -> float:
        return self._wire.now()
