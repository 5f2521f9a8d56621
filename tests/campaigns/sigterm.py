"""`jobmock serve` under the load of 50 clients gets SIGTERM: no answer is cut, and it exits with 0 within 3 seconds.

The server logs each request that it has read, with its path, before it answers (`--log-requests`). Each request of a
round has its own path, although there are few jobs: each character of a job's id is percent-encoded or not, which gives
2^36 spellings of one id. A request without a complete answer is a failure if part of the answer came, because it was
cut, and if its path is in the log, because the server read it and didn't answer. If its path isn't in the log, the
server hadn't read it: the connection was refused or closed. The load is small and large answers (2.6 MB), answers that
a scenario delays by 0.3 s, calls with a body, and clients that open a connection for each request.
"""

from __future__ import annotations

import asyncio
import signal
import time
from collections import Counter
from itertools import count
from random import Random
from typing import NamedTuple

import httpx
from tests.campaigns.http_connection import Connection, Outcome
from tests.campaigns.reporting import Report, progress_bar, scaled
from tests.support import JOBS, STARTS, Served, scenario, served

ROUNDS = 10
CLIENTS = 50
MAX_SECONDS = 3.0
_KINDS = ("small", "small", "small", "large", "held", "call", "call", "churning", "churning", "churning")
_HELD = scenario("clado", "completed", faults=[{"when": {"every": 1}, "delay": "300ms"}], results={"count": 25})
_SCENARIOS = {"small": "full-page", "large": "thousand", "call": "full-page", "churning": "full-page"}


class Sent(NamedTuple):
    """One request and its outcome; times are monotonic seconds."""

    kind: str
    path: str
    began: float
    ended: float
    outcome: Outcome


def spelling(job: str, number: int) -> str:
    """Return the n-th spelling of an id, with some of its characters percent-encoded."""
    return "".join(f"%{ord(sign):02x}" if number >> place & 1 else sign for place, sign in enumerate(job))


class Load:
    """50 clients that send requests until the server has ended."""

    def __init__(self, url: str, jobs: dict[str, str]) -> None:
        self.url, self.jobs = url, jobs
        self.sent: list[Sent] = []
        self._numbers = count(1)
        self._over = False

    async def send_all(self, server: Served, seconds: float) -> tuple[int, float, float]:
        """Run the clients, and send SIGTERM after so many seconds.

        Returns the exit code, the seconds until the end, and the time of the signal.
        """
        clients = [asyncio.create_task(self._client(_KINDS[number % len(_KINDS)])) for number in range(CLIENTS)]
        await asyncio.sleep(seconds)
        signalled = time.monotonic()
        code = await asyncio.to_thread(server.end, signal.SIGTERM)
        took = time.monotonic() - signalled
        self._over = True
        await asyncio.wait_for(asyncio.gather(*clients), 10)
        return code, took, signalled

    async def _client(self, kind: str) -> None:
        while not self._over:
            try:
                async with Connection(self.url) as connection:
                    while await self._send(connection, kind) and kind != "churning":
                        pass
            except OSError:
                return

    async def _send(self, connection: Connection, kind: str) -> bool:
        """Send one request; return whether its answer is complete."""
        path, began = f"{JOBS['clado']}/{spelling(self.jobs[kind], next(self._numbers))}", time.monotonic()
        if kind == "call":
            path += "/more"
            outcome = await connection.request("POST", path, f"lk_{kind}", b'{"additional_limit": 5}')
        else:
            outcome = await connection.request("GET", path, f"lk_{kind}")
        self.sent.append(Sent(kind, path, began, time.monotonic(), outcome))
        return outcome.complete


def _jobs(url: str) -> dict[str, str]:
    """Make a finished job for each kind of client."""
    made = {}
    with httpx.Client(base_url=url, trust_env=False) as client:
        for kind in dict.fromkeys(_KINDS):
            headers = {"authorization": f"Bearer lk_{kind}"}
            wanted = _HELD if kind == "held" else f"clado/{_SCENARIOS[kind]}"
            client.put("/__jobmock/scenario", headers=headers, json={"scenario": wanted}).raise_for_status()
            body = {**STARTS["clado"], "limit": 1_000}
            started = client.post(JOBS["clado"], headers=headers, json=body)
            made[kind] = started.raise_for_status().json()["job_id"]
            client.post("/__jobmock/clock/advance", headers=headers, json={"seconds": 3_600}).raise_for_status()
            for _ in range(0 if kind == "held" else 10):
                client.get(f"{JOBS['clado']}/{made[kind]}", headers=headers)
    return made


def _judge(load: Load, logged: set[str], signalled: float, report: Report) -> Counter[str]:
    """Check the outcome of each request; return counts."""
    figures: Counter[str] = Counter()
    for sent in load.sent:
        seen = f"{sent.kind} {sent.path}: {sent.outcome.status}, {sent.outcome.bytes_seen} bytes"
        figures["requests"] += 1
        if sent.outcome.complete:
            figures["under way at the signal"] += sent.began < signalled < sent.ended
            report.check(sent.path in logged, "an answer to a request that isn't in the log", seen)
            report.check(sent.outcome.status in (200, 409, 429), f"an answer {sent.outcome.status}", seen)
        elif sent.outcome.bytes_seen:
            report.fail("an answer was cut", seen)
        elif sent.path in logged:
            report.fail("a request was read and not answered", seen)
        else:
            figures["never read"] += 1
    return figures


def run(fraction: float = 1.0, seed: int = 0) -> int:
    report, rng, figures, slowest = Report("sigterm"), Random(seed), Counter[str](), 0.0
    rounds = scaled(ROUNDS, fraction)
    for _ in progress_bar(range(rounds), "Rounds"):
        with served("--log-requests") as server:
            load = Load(server.url, _jobs(server.url))
            code, took, signalled = asyncio.run(load.send_all(server, rng.uniform(0.3, 0.8)))
            lines = server.err.until_end()
        logged = {line.partition(" -> ")[0].split(" ")[-1] for line in lines if " -> " in line}
        report.check(code == 0, "exit code", f"{code}: {lines[-3:]}")
        report.check(took <= MAX_SECONDS, "too slow an end", f"{took:.2f} s")
        report.check(not any("Traceback" in line for line in lines), "a traceback", lines[-20:])
        slowest = max(slowest, took)
        figures += _judge(load, logged, signalled, report)
    report.check(figures["under way at the signal"] > 0, "nothing was under way at any signal")
    shown = ", ".join(f"{number} {what}" for what, number in figures.items())
    return report.end(f"{rounds} rounds of {CLIENTS} clients, {shown}; slowest end {slowest:.2f} s")
