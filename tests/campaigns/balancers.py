"""2,000 namespaces on 4 servers behind HAProxy, and behind nginx: they are as apart as those of one server.

Three parts for each balancer that is installed. First the clients of the campaign `isolation`: no key gets data of
another one, and each job of another key is a 403 or a 404, at whichever server it is. Then `kill -9` ends one server in
the middle: its keys get nothing but 502 and 503 from then on, and no other key notices anything. At last the servers'
processor time, for drawn sets of 200 keys that send the same requests: the largest over the mean, as the median of 20.
"""

from __future__ import annotations

import asyncio
import json
import signal
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from random import Random
from statistics import median

import httpx
from tests.campaigns.http_connection import Connection
from tests.campaigns.isolation import run_all
from tests.campaigns.reporting import Report, scaled
from tests.deploy.balancers import BALANCERS, Balanced, balanced, missing
from tests.support import JOBS, STARTS

NAMESPACES, KILLED_NAMESPACES = 2_000, 400
SETS, KEYS_IN_SET = 20, 200
MOST_UNEVEN = 1.4
_POLLS = 6
_AT_ONCE = 50
_GONE = (0, 502, 503)
"""What a key of a server that is gone gets; 0 is no answer."""


def run(fraction: float = 1.0, seed: int = 0) -> int:
    report, figures = Report("balancers"), []
    for program in BALANCERS:
        if reason := missing(program):
            figures.append(reason.removesuffix("."))
            continue
        with _site(program) as site:
            number = scaled(NAMESPACES, fraction, 12)
            requests = asyncio.run(run_all(site.url, number, report, Random(seed)))
            text = f"{program}: {number} keys, {requests} requests"
        with _site(program) as site:
            text += f", {asyncio.run(_Killing(site, report).run(scaled(KILLED_NAMESPACES, fraction, 12)))}"
        with _site(program) as site:
            text += f", {asyncio.run(_evenness(site, report, fraction, seed))}"
        figures.append(text)
    return report.end("; ".join(figures))


@contextmanager
def _site(program: str) -> Iterator[Balanced]:
    with tempfile.TemporaryDirectory() as folder, balanced(program, Path(folder)) as site:
        yield site


class _Killing:
    """Clients that poll while one server is killed. The balance of a new namespace shows at which server it is."""

    def __init__(self, site: Balanced, report: Report) -> None:
        self.site, self.report = site, report
        self.gone = False
        self.after = {True: 0, False: 0}
        """How many requests were sent after the kill, to the server that is gone and to the others."""

    async def run(self, count: int) -> str:
        for number, server in enumerate(self.site.servers):
            for api in JOBS:
                body = {"balance": 1_000 + number, "api": api}
                httpx.put(f"{server.url}/__jobmock/credits", json=body, trust_env=False).raise_for_status()
        keys = [f"lk_killed{number}" for number in range(count)]
        jobs = await asyncio.gather(*(self._start(part) for part in _parts(keys)))
        started = {key: job for part in jobs for key, job in part.items()}
        polls = asyncio.gather(*(self._poll(part, started) for part in _parts(keys)))
        await asyncio.sleep(0.05)
        await asyncio.to_thread(self.site.servers[0].end, signal.SIGKILL)
        self.gone = True
        await polls
        for gone, requests in self.after.items():
            self.report.check(requests > 0, "no request after the kill", f"to the server that is gone: {gone}")
        return f"{self.after[False]} requests beside a killed server and {self.after[True]} to it"

    async def _start(self, keys: Sequence[str]) -> dict[str, tuple[int, str]]:
        """Start a job of each key. Returns its server and its id."""
        found = {}
        async with Connection(self.site.url) as connection:
            for key in keys:
                balance = json.loads((await connection.request("GET", "/api/credits", key)).body)["credits"]
                made = await connection.request("POST", JOBS["clado"], key, json.dumps(STARTS["clado"]).encode())
                found[key] = (balance - 1_000, json.loads(made.body)["job_id"])
        return found

    async def _poll(self, keys: Sequence[str], started: dict[str, tuple[int, str]]) -> None:
        """Poll the job of each key, and that of another key, again and again."""
        others = list(started.items())
        for turn in range(_POLLS):
            for place, key in enumerate(keys):
                server, job = started[key]
                other, (_, foreign) = others[(place * 7 + turn * 13) % len(others)]
                for wanted, path in ((200, job), (403 if other != key else 200, foreign)):
                    was_gone, is_killed = self.gone, server == 0
                    status = await self._status(f"{JOBS['clado']}/{path}", key)
                    self.after[is_killed] += was_gone
                    allowed = (*_GONE, *(() if was_gone else (wanted,))) if is_killed else (wanted,)
                    self.report.check(status in allowed, f"{status} for {wanted}", f"server {server}, gone {was_gone}")

    async def _status(self, path: str, key: str) -> int:
        """Return the status of a request on a connection of its own, or 0 without an answer."""
        async with Connection(self.site.url) as connection:
            return (await connection.request("GET", path, key)).status


async def _evenness(site: Balanced, report: Report, fraction: float, seed: int) -> str:
    """Return the median of the servers' unevenness, and the seeds of the sets."""
    seeds = [seed * 1_000 + number for number in range(scaled(SETS, fraction, 3))]
    found = [await _unevenness(site, one) for one in seeds]
    middle = median(found)
    if fraction == 1:
        report.check(middle <= MOST_UNEVEN, "uneven", found)
    return f"largest over mean of the servers' processor time {middle:.2f} (seeds {seeds[0]} to {seeds[-1]})"


async def _unevenness(site: Balanced, seed: int) -> float:
    """Return the largest share of processor time over the mean, for one drawn set of keys."""
    random = Random(seed)
    keys = [f"lk_{random.getrandbits(64):x}" for _ in range(KEYS_IN_SET)]
    before = [_nanoseconds(one.process.pid) for one in site.servers]
    await asyncio.gather(*(_use(site.url, part) for part in _parts(keys)))
    used = [_nanoseconds(one.process.pid) - start for one, start in zip(site.servers, before, strict=True)]
    return max(used) * len(used) / sum(used)


async def _use(url: str, keys: Sequence[str]) -> None:
    async with Connection(url) as connection:
        for key in keys:
            made = await connection.request("POST", JOBS["clado"], key, json.dumps(STARTS["clado"]).encode())
            path = f"{JOBS['clado']}/{json.loads(made.body)['job_id']}"
            for _ in range(_POLLS):
                await connection.request("GET", path, key)


def _nanoseconds(pid: int) -> int:
    """Return the processor time of a process's main thread, on Linux."""
    return int(Path(f"/proc/{pid}/schedstat").read_text().split()[0])


def _parts(keys: Sequence[str]) -> list[Sequence[str]]:
    return [keys[first::_AT_ONCE] for first in range(min(_AT_ONCE, len(keys)))]
