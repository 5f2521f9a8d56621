"""Orbit's polling limit over TCP: 200 connections poll at once, and exactly 150 + 25·t (± 1) polls are served.

The time t is exact: the server runs in this process, and `at` of an exchange in its journal is the reading of the
namespace's clock, in nanoseconds, at which the bucket was charged. So t is the last `at` minus the first, without any
time of the client or the network. The same readings also go through a second bucket, written here with fractions, which
must serve and refuse the same polls, one by one. Tokens that don't fit into a full bucket, as after a pause of the
machine, aren't counted. A second burst is on a manual clock: exactly 150 polls are served, and 25 more for each second
by which the clock is advanced.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from fractions import Fraction
from random import Random

from tests.campaigns.http_connection import Connection
from tests.campaigns.reporting import Report, progress_bar, scaled
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
    """Open all connections, then poll on all of them at once; return the counts of HTTP statuses."""
    connections = [await Connection(url).__aenter__() for _ in range(CONNECTIONS)]

    async def several(connection: Connection) -> list[int]:
        return [(await connection.request("GET", path, key)).status for _ in range(polls // CONNECTIONS)]

    try:
        answered = await asyncio.gather(*map(several, connections))
    finally:
        for connection in connections:
            await connection.__aexit__(None, None, None)
    return Counter(status for statuses in answered for status in statuses)


def reference_bucket(moments: list[int]) -> tuple[list[bool], list[Fraction]]:
    """Return for each moment whether a bucket of fractions serves a poll, and how many tokens were lost by then."""
    level, last, served, lost = Fraction(BURST), moments[0], list[bool](), [Fraction(0)]
    for moment in moments:
        level, last = level + Fraction(RATE * (moment - last), SECOND), moment
        lost.append(lost[-1] + max(Fraction(0), level - BURST))
        level = min(Fraction(BURST), level)
        served.append(level >= 1)
        level -= served[-1]
    return served, lost[1:]


def polls_of(namespace: Namespace) -> list[Exchange]:
    return [exchange for exchange in namespace.journal if exchange.operation == "status"]


def _burst_on_real_clock(url: str, mock: Mock, key: str, report: Report) -> tuple[int, float]:
    """Send a burst on a real clock; return how many polls were served, and in how many seconds."""
    path = f"{JOBS['orbit']}/{mock.start('orbit', key)}"
    statuses = asyncio.run(burst(url, path, key, POLLS))
    polls = polls_of(mock.namespace("orbit", key))
    served = [poll.status != 429 for poll in polls]
    moments = [poll.at for poll in polls]
    refused = max(index for index, kept in enumerate(served) if not kept)
    passed = moments[refused] - moments[0]
    wanted, lost = reference_bucket(moments)
    most = Fraction(BURST) + Fraction(RATE * passed, SECOND) - lost[refused]
    seen = f"{sum(served[:refused])} served in {passed / SECOND:.3f} s: {dict(statuses)}"
    report.check(len(polls) == POLLS == statuses.total(), "polls are missing", seen)
    report.check(statuses[200] == sum(served), "the wire and the journal differ", seen)
    report.check(abs(sum(served[:refused]) - most) <= 1, "not 150 + 25·t served until the last refusal", seen)
    report.check(served == wanted, "the reference bucket serves other polls", seen)
    return sum(served), passed / SECOND


def _burst_on_manual_clock(url: str, mock: Mock, key: str, report: Report, rng: Random) -> None:
    """Send a burst on a manual clock, before and after it is advanced."""
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
        for number in progress_bar(range(scaled(ROUNDS, fraction)), "Rounds"):
            figures.append(_burst_on_real_clock(url, mock, f"sk_orb_flowing{number}", report))
            _burst_on_manual_clock(url, mock, f"sk_orb_standing{number}", report, rng)
    shown = ", ".join(f"{served} in {seconds:.3f} s" for served, seconds in figures)
    return report.end(f"{len(figures)} rounds of {POLLS} polls on {CONNECTIONS} connections; served: {shown}")
