"""200,000 polls of 100 jobs, in process and some over TCP: memory doesn't grow, and journals count what they dropped.

The service runs in this process. Its resident memory is read after the first half of the polls, when the journals are
full, and after the last.
"""

from __future__ import annotations

import asyncio
import gc
import os
from pathlib import Path
from random import Random

from tests.campaigns.http_connection import Connection
from tests.campaigns.reporting import Report, progress_bar, scaled
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
MAX_GROWTH = 5_000_000
_CONNECTIONS = 10
_KEYS = (
    ("clado", "lk_soak--growing"), ("clado", "lk_soak--full-page"), ("clado", "lk_soak--stuck"),
    ("orbit", "sk_orb_soak"), ("orbit", "sk_orb_soak--found-late"),
)  # fmt: skip
_QUERIES = ("", "page=1", "page=2&page_size=20", "legacy=false")


def resident() -> int:
    """Return the resident memory of this process in bytes."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGESIZE")


class Jobs:
    """The jobs of a few keys, and how many requests each key has sent."""

    def __init__(self, mock: Mock, rng: Random) -> None:
        self.mock, self.rng = mock, rng
        self.requests = dict.fromkeys((key for _, key in _KEYS), JOBS_IN_ALL // len(_KEYS))
        self.all = [(api, key, mock.start(api, key)) for api, key in _KEYS for _ in range(JOBS_IN_ALL // len(_KEYS))]

    def next(self, number: int) -> tuple[str, str, str]:
        """Return the API, the key and the path of one poll, and advance its key's clock a little."""
        api, key, job = self.all[number % len(self.all)]
        self.requests[key] += 1
        self.mock.namespace(api, key).clock.advance(SECOND // 20)
        query = self.rng.choice(_QUERIES) if api == "clado" else ""
        return api, key, f"{JOBS[api]}/{job}?{query}"

    def check_journals(self, report: Report) -> int:
        """Check that each journal kept or dropped every request; return how many exchanges were dropped in all."""
        dropped = 0
        for api, key in _KEYS:
            journal = self.mock.namespace(api, key).journal
            seen = f"{self.requests[key]} requests, {len(journal)} kept, {journal.dropped} dropped"
            report.check(len(journal) + journal.dropped == self.requests[key] == journal.count, "lost count", seen)
            newest = list(journal)[-1].number
            report.check(newest == self.requests[key], "the newest exchange isn't the last one", f"{newest}: {seen}")
            dropped += journal.dropped
        return dropped


def run(fraction: float = 1.0, seed: int = 0) -> int:
    report = Report("soak")
    limits = {"clado": {"start": None}, "orbit": {"start": None, "status": None}}
    mock = Mock(Service(Catalogue(), Namespaces(clock=lambda: Clock("manual", start=EPOCH)), limits=limits))
    jobs = Jobs(mock, Random(seed))
    polls, over_tcp = scaled(POLLS, fraction, 1_000), scaled(OVER_TCP, fraction, 100)
    half = _in_process(jobs, polls, report)
    growth = resident() - half
    report.check(growth < MAX_GROWTH, "memory grows", f"{growth} bytes")
    dropped = jobs.check_journals(report)
    if fraction == 1:
        report.check(dropped > 0, "nothing was dropped", dropped)
    with running(create_app(mock.service)) as url:
        asyncio.run(_over_tcp(url, jobs, over_tcp // 2, report))
        before = resident()
        asyncio.run(_over_tcp(url, jobs, over_tcp // 2, report))
    grown = resident() - before
    report.check(grown < MAX_GROWTH, "memory grows over TCP", f"{grown} bytes")
    dropped = jobs.check_journals(report)
    return report.end(
        f"{polls} polls of {JOBS_IN_ALL} jobs in process, {growth / 1e6:.2f} MB over the last half; "
        f"{over_tcp} over TCP, "
        f"{grown / 1e6:.2f} MB over the last half; {dropped} exchanges dropped"
    )


def _in_process(jobs: Jobs, polls: int, report: Report) -> int:
    """Poll in process; return the memory after half of the polls."""
    half = 0
    for number in progress_bar(range(polls), "Polls"):
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
    """Poll on a few connections, with one request at a time on each."""

    async def client(share_of_polls: range) -> None:
        async with Connection(url) as connection:
            for number in share_of_polls:
                _, key, target = jobs.next(number)
                outcome = await connection.request("GET", target, key)
                report.check(outcome.complete and outcome.status in (200, 404), f"TCP: {outcome.status}", target)

    await asyncio.gather(*(client(range(first, polls, _CONNECTIONS)) for first in range(_CONNECTIONS)))
