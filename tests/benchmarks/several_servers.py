"""What a balancer costs a poll: one server alone, and one and four behind HAProxy and nginx, in turns.

Each of 32 connections polls the running job of a key of its own. Processor time is that of all servers, and that of the
balancer. The time of an answer is the median of one connection alone. Requests a second say how much the whole site
bears on this machine, whose processors the load shares with it.
"""

from __future__ import annotations

import asyncio
import statistics
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import NamedTuple

import httpx
from tests.benchmarks.driver import drive_each, request_of
from tests.benchmarks.processes import cpu_seconds
from tests.deploy.balancers import BALANCERS, SECRET, balanced, missing
from tests.support import JOBS, STARTS, served

_CONNECTIONS, _SECONDS, _ROUNDS = 32, 3.0, 5
_ALONE = "one server"


class Site(NamedTuple):
    """What is measured: its address, the processes of its servers, and that of its balancer."""

    url: str
    servers: Sequence[int]
    balancer: int | None
    requests: Sequence[bytes]
    """A poll of each key."""


class Measured(NamedTuple):
    """Requests a second, microseconds of processor time of a poll, and the milliseconds of an answer."""

    rate: float
    servers: float
    balancer: float
    answer: float


def run(rounds: int = _ROUNDS) -> dict[str, dict[str, float]]:
    """Print and return the medians of each site."""
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        sites = dict(_sites(stack, Path(folder)))
        found: dict[str, list[Measured]] = {name: [] for name in sites}
        for turn in range(rounds):
            for name in [*sites] if turn % 2 else reversed([*sites]):
                found[name].append(_measured(sites[name]))
    print(f"{'site':<22} {'requests/s':>10} {'µs of servers':>14} {'µs of balancer':>15} {'ms of an answer':>16}")
    medians = {name: Measured(*map(statistics.median, zip(*all_, strict=True))) for name, all_ in found.items()}
    for name, one in medians.items():
        print(f"{name:<22} {one.rate:>10.0f} {one.servers:>14.0f} {one.balancer:>15.0f} {one.answer:>16.2f}")
    return {name: {key: round(value, 3) for key, value in one._asdict().items()} for name, one in medians.items()}


def _sites(stack: ExitStack, folder: Path) -> Iterator[tuple[str, Site]]:
    alone = stack.enter_context(served("--id-secret", SECRET))
    yield _ALONE, _site(alone.url, [alone.process.pid], None)
    for program in BALANCERS:
        if reason := missing(program):
            print(reason)
            continue
        for count in (1, 4):
            place = folder / f"{program}{count}"
            place.mkdir()
            found = stack.enter_context(balanced(program, place, count=count))
            pids = [server.process.pid for server in found.servers]
            yield f"{program}, {count} behind it", _site(found.url, pids, found.process.pid)


def _site(url: str, servers: Sequence[int], balancer: int | None) -> Site:
    requests = []
    with httpx.Client(base_url=url, trust_env=False) as http:
        for number in range(_CONNECTIONS):
            headers = {"Authorization": f"Bearer lk_measured{number}--stuck"}
            made = http.post(JOBS["clado"], headers=headers, json=STARTS["clado"]).raise_for_status()
            requests.append(request_of(f"{url}{JOBS['clado']}/{made.json()['job_id']}", headers))
    return Site(url, servers, balancer, requests)


def _measured(site: Site) -> Measured:
    own, others = _cpu(site.servers), _cpu(_family(site.balancer))
    load = asyncio.run(drive_each(site.url, site.requests, _SECONDS))
    count = load["requests"]
    own, others = _cpu(site.servers) - own, _cpu(_family(site.balancer)) - others
    single = asyncio.run(drive_each(site.url, site.requests[:1], _SECONDS / 3))
    return Measured(count / load["seconds"], own / count * 1e6, others / count * 1e6, single["p50"])


def _cpu(pids: Sequence[int]) -> float:
    return sum(map(cpu_seconds, pids))


def _family(pid: int | None) -> list[int]:
    """Return a process and its children."""
    if pid is None:
        return []
    return [pid, *map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text().split())]
