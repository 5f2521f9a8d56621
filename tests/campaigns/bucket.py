"""Orbit's polling limit on the wire: 200 connections poll at once, and exactly 150 + 25·t (± 1) polls are served.

How t is exact: the server runs in this process, so its journal can be read without a float or a message between. An
exchange's `at` is the very reading of the namespace's clock, in nanoseconds, that the bucket was charged at, so t is
the last `at` less the first, and no time on the client's side or on the wire is part of it. The same readings also go
through a second bucket, written here in fractions: it must serve and refuse the very same polls, one by one. What
grows while the bucket is full still, as after a pause of the machine, doesn't fit into it and isn't counted. A second
burst meets a clock that stands still: exactly 150 are served, and 25 more for each second that it is advanced by.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from fractions import Fraction
from random import Random

from tests.campaigns.reporting import Report, bar, share
from tests.campaigns.sockets import Connection
from tests.support import EPOCH, JOBS, Mock

from jobmock.catalogue import Catalogue
from jobmock.clock import SECOND, Clock
from jobmock.engine.namespace import Namespace, Namespaces
from jobmock.models import Exchange
from jobmock.server.app import create_app
from jobmock.server.serving import running
from jobmock.service.service import Service

ROUNDS = 10
CONNECTIONS = 200
POLLS = 1_000
RATE, BURST = 25, 150


async def burst(url: str, path: str, key: str, polls: int) -> Counter[int]:
    """Open every connection, then poll on all of them at once; return the statuses that came back."""
    connections = [await Connection(url).__aenter__() for _ in range(CONNECTIONS)]

    async def several(connection: Connection) -> list[int]:
        return [(await connection.ask("GET", path, key)).status for _ in range(polls // CONNECTIONS)]

    try:
        answered = await asyncio.gather(*map(several, connections))
    finally:
        for connection in connections:
            await connection.__aexit__(None, None, None)
    return Counter(status for statuses in answered for status in statuses)


def second_opinion(moments: list[int]) -> tuple[list[bool], list[Fraction]]:
    """Say for each moment whether a bucket of fractions serves a poll, and how much hadn't fitted into it by then."""
    level, last, served, spilt = Fraction(BURST), moments[0], list[bool](), [Fraction(0)]
    for moment in moments:
        level, last = level + Fraction(RATE * (moment - last), SECOND), moment
        spilt.append(spilt[-1] + max(Fraction(0), level - BURST))
        level = min(Fraction(BURST), level)
        served.append(level >= 1)
        level -= served[-1]
    return served, spilt[1:]


def polls_of(namespace: Namespace) -> list[Exchange]:
    return [exchange for exchange in namespace.journal if exchange.operation == "status"]


def _flowing(url: str, mock: Mock, key: str, report: Report) -> tuple[int, float]:
    """Burst against a clock that runs; return how many were served, and in how many seconds."""
    path = f"{JOBS['orbit']}/{mock.start('orbit', key)}"
    statuses = asyncio.run(burst(url, path, key, POLLS))
    polls = polls_of(mock.namespace("orbit", key))
    served = [poll.status != 429 for poll in polls]
    moments = [poll.at for poll in polls]
    refused = max(index for index, kept in enumerate(served) if not kept)
    passed = moments[refused] - moments[0]
    wanted, spilt = second_opinion(moments)
    most = Fraction(BURST) + Fraction(RATE * passed, SECOND) - spilt[refused]
    seen = f"{sum(served[:refused])} served in {passed / SECOND:.3f} s: {dict(statuses)}"
    report.check(len(polls) == POLLS == statuses.total(), "polls are missing", seen)
    report.check(statuses[200] == sum(served), "the wire and the journal differ", seen)
    report.check(abs(sum(served[:refused]) - most) <= 1, "not 150 + 25·t when the last one was refused", seen)
    report.check(served == wanted, "other polls than the second bucket's are served", seen)
    return sum(served), passed / SECOND


def _standing(url: str, mock: Mock, key: str, report: Report, rng: Random) -> None:
    """Burst against a clock that stands still, before and after it is advanced."""
    clock = mock.namespace("orbit", key).clock
    clock.set("manual")
    path = f"{JOBS['orbit']}/{mock.start('orbit', key)}"
    first = asyncio.run(burst(url, path, key, POLLS))
    report.check(first == {200: BURST, 429: POLLS - BURST}, "not 150 on a clock that stands still", dict(first))
    seconds = rng.randrange(1, 7)
    clock.advance(seconds * SECOND)
    then = asyncio.run(burst(url, path, key, POLLS))
    due = min(BURST, RATE * seconds)
    report.check(then == {200: due, 429: POLLS - due}, "not 25 for each second", f"{seconds} s: {dict(then)}")


def run(fraction: float = 1.0, seed: int = 0) -> int:
    report, rng = Report("bucket"), Random(seed)
    mock = Mock(Service(Catalogue(), Namespaces(clock=lambda: Clock(start=EPOCH))))
    figures = []
    with running(create_app(mock.service)) as url:
        for number in bar(range(share(ROUNDS, fraction)), "Rounds"):
            figures.append(_flowing(url, mock, f"sk_orb_flowing{number}", report))
            _standing(url, mock, f"sk_orb_standing{number}", report, rng)
    shown = ", ".join(f"{served} in {seconds:.3f} s" for served, seconds in figures)
    return report.end(f"{len(figures)} rounds of {POLLS} polls on {CONNECTIONS} connections; served: {shown}")
