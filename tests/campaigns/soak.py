"""200,000 polls of 100 jobs, in process and some over TCP: memory doesn't grow, and the journal says what it dropped.

Memory is the resident set of this process, in which the service runs, read after the first half of the polls (journals
are full by then) and after the last.
"""

from __future__ import annotations

import asyncio
import gc
import os
from pathlib import Path
from random import Random

from tests.campaigns.reporting import Report, bar, share
from tests.campaigns.sockets import Connection
from tests.support import EPOCH, JOBS, Mock

from jobmock.catalogue import Catalogue
from jobmock.clock import SECOND, Clock
from jobmock.engine.namespace import Namespaces
from jobmock.server.app import create_app
from jobmock.server.serving import running
from jobmock.service.service import Service

POLLS = 200_000
OVER_TCP = 20_000
JOBS_IN_ALL = 100
MOST_GROWTH = 5_000_000
_CONNECTIONS = 10
_KEYS = (
    ("clado", "lk_soak--growing"), ("clado", "lk_soak--full-page"), ("clado", "lk_soak--stuck"),
    ("orbit", "sk_orb_soak"), ("orbit", "sk_orb_soak--found-late"),
)  # fmt: skip
_QUERIES = ("", "page=1", "page=2&page_size=20", "legacy=false")


def resident() -> int:
    """Return the bytes of memory that this process has in use."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGESIZE")


class Jobs:
    """The jobs of a few keys, and how many requests each key has sent."""

    def __init__(self, mock: Mock, rng: Random) -> None:
        self.mock, self.rng = mock, rng
        self.asked = dict.fromkeys((key for _, key in _KEYS), JOBS_IN_ALL // len(_KEYS))
        self.all = [(api, key, mock.start(api, key)) for api, key in _KEYS for _ in range(JOBS_IN_ALL // len(_KEYS))]

    def next(self, number: int) -> tuple[str, str, str]:
        """Return the API, the key and the path of one poll; its key's clock goes on a little."""
        api, key, job = self.all[number % len(self.all)]
        self.asked[key] += 1
        self.mock.namespace(api, key).clock.advance(SECOND // 20)
        query = self.rng.choice(_QUERIES) if api == "clado" else ""
        return api, key, f"{JOBS[api]}/{job}?{query}"

    def check_journals(self, report: Report) -> int:
        """Each journal must account for every request; return how many exchanges were dropped in all."""
        dropped = 0
        for api, key in _KEYS:
            journal = self.mock.namespace(api, key).journal
            seen = f"{self.asked[key]} asked, {len(journal)} kept, {journal.dropped} dropped"
            report.check(len(journal) + journal.dropped == self.asked[key] == journal.count, "lost count", seen)
            newest = list(journal)[-1].number
            report.check(newest == self.asked[key], "the newest exchange isn't the last one", f"{newest}: {seen}")
            dropped += journal.dropped
        return dropped


def run(fraction: float = 1.0, seed: int = 0) -> int:
    report = Report("soak")
    limits = {"clado": {"start": None}, "orbit": {"start": None, "status": None}}
    mock = Mock(Service(Catalogue(), Namespaces(clock=lambda: Clock("manual", start=EPOCH)), limits=limits))
    jobs = Jobs(mock, Random(seed))
    polls, over_tcp = share(POLLS, fraction, 1_000), share(OVER_TCP, fraction, 100)
    half = _in_process(jobs, polls, report)
    growth = resident() - half
    report.check(growth < MOST_GROWTH, "memory grows", f"{growth} bytes")
    dropped = jobs.check_journals(report)
    if fraction == 1:
        report.check(dropped > 0, "nothing was dropped", dropped)
    with running(create_app(mock.service)) as url:
        asyncio.run(_over_tcp(url, jobs, over_tcp // 2, report))
        before = resident()
        asyncio.run(_over_tcp(url, jobs, over_tcp // 2, report))
    grown = resident() - before
    report.check(grown < MOST_GROWTH, "memory grows over TCP", f"{grown} bytes")
    dropped = jobs.check_journals(report)
    return report.end(
        f"{polls} polls of {JOBS_IN_ALL} jobs in process, {growth / 1e6:.2f} MB over the last half; "
        f"{over_tcp} over TCP, "
        f"{grown / 1e6:.2f} MB over the last half; {dropped} exchanges dropped"
    )


def _in_process(jobs: Jobs, polls: int, report: Report) -> int:
    """Poll; return the memory in use at half time."""
    half = 0
    for number in bar(range(polls), "Polls"):
        if number == polls // 2:
            gc.collect()
            half = resident()
        _, key, target = jobs.next(number)
        path, _, query = target.partition("?")
        reply = jobs.mock.send("GET", path, key=key, query=query)
        report.check(reply.status in (200, 404), f"a poll answered {reply.status}", target)
    gc.collect()
    return half


async def _over_tcp(url: str, jobs: Jobs, polls: int, report: Report) -> None:
    """Poll on a few connections, one request on each at a time."""

    async def client(share_of_polls: range) -> None:
        async with Connection(url) as connection:
            for number in share_of_polls:
                _, key, target = jobs.next(number)
                outcome = await connection.ask("GET", target, key)
                report.check(outcome.whole and outcome.status in (200, 404), f"TCP: {outcome.status}", target)

    await asyncio.gather(*(client(range(first, polls, _CONNECTIONS)) for first in range(_CONNECTIONS)))
