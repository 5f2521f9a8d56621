"""A week of CI traffic in 20 minutes of a scaled clock, on one server: its memory is flat.

30,000 tests, 40 at a time, each with a key of its own: it starts eight jobs in one of several scenarios, with faults
and slow answers among them, polls one of them to its end, reads the findings, and now and then resets or reads the
journal. So the server closes 20,000 namespaces, and comes to the most that it remembers of them. From the moment at
which it is full its memory may grow by a twentieth at most, and it must have as many files and threads open as before.
No client gets an answer about another one's job.
"""

from __future__ import annotations

import asyncio
import json
import os
import time
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from tests.benchmarks.bears import server
from tests.benchmarks.processes import resident_mib
from tests.campaigns.http_connection import Connection, Outcome
from tests.campaigns.reporting import Report
from tests.free_ports import free_port
from tests.support import HANGS, JOBS, STARTS

SECONDS, TESTS, CONNECTIONS = 1_200, 30_000, 40
_SPEED = 7 * 86_400 / SECONDS
_JOBS = 8
_FULL = 24_000
"""After so many tests the server has as many namespaces as it keeps, and remembers as many jobs of others as it can."""
MOST_GROWTH = 0.05
_MOST_POLLS, _PATIENCE = 15, 1.0
_SCENARIOS = {
    "clado": ("usual", "two-pages", "growing", "flaky", "rate-limited-once", "unavailable-once", "garbled-answers",
              "lost-answers", "job-error", "full-page", "hanging", "slow-answers"),
    "orbit": ("usual", "found-late", "partial", "rate-limited-once", "not-found", "lost-answers"),
}  # fmt: skip
_PREFIXES = {"clado": "lk_", "orbit": "sk_orb_"}
_START = {api: json.dumps(body).encode() for api, body in STARTS.items()}
_ENDS = ("completed", "error", "cancelled", "failed", "not_found")


@dataclass
class _Week:
    """The traffic of a week, at one server."""

    url: str
    pid: int
    report: Report
    rng: Random
    began: float = field(default_factory=time.monotonic)
    done: int = 0
    requests: int = 0
    seen: list[tuple[int, float, int, int]] = field(default_factory=list)
    """After so many tests: memory in MiB, open files, threads."""

    async def run(self, tests: int, seconds: float) -> None:
        """Play the tests, spread evenly over the seconds."""
        numbers = iter(range(tests))

        async def worker() -> None:
            for number in numbers:
                await asyncio.sleep(max(0.0, self.began + number * seconds / tests - time.monotonic()))
                await self._test(number)
                self.done += 1
                if self.done % 1_000 == 0 or self.done == tests:
                    self._look()

        await asyncio.gather(*(worker() for _ in range(CONNECTIONS)))

    def _look(self) -> None:
        process = Path(f"/proc/{self.pid}")
        counts = len(os.listdir(process / "fd")), len(os.listdir(process / "task"))
        self.seen.append((self.done, resident_mib(self.pid), *counts))

    async def _test(self, number: int) -> None:
        """Play one test: start, polls to the end, findings."""
        api = "orbit" if number % 3 == 0 else "clado"
        key = f"{_PREFIXES[api]}run{number // 30}-{number}--{self.rng.choice(_SCENARIOS[api])}"
        if job := await self._start(api, key):
            await self._poll(api, key, job)
        found = await self._send("GET", "/__jobmock/findings", key)
        self.report.check(found.status == 200, f"findings answer {found.status}", found.body)
        if number % 20 == 0:
            await self._send("POST", "/__jobmock/reset", key)
        if number % 50 == 0:
            journal = await self._send("GET", "/__jobmock/journal", key)
            self.report.check(journal.status == 200, f"the journal answers {journal.status}", journal.body)

    async def _start(self, api: str, key: str) -> str | None:
        """Start eight jobs on one connection, those that faults and limits allow. Returns the id of one, or None."""
        job = None
        self.requests += _JOBS
        async with Connection(self.url) as connection:
            for _ in range(_JOBS):
                made = await connection.request("POST", JOBS[api], key, _START[api])
                if made.complete and made.status in (200, 202):
                    body = json.loads(made.body)
                    job = str(body.get("job_id") or body["request_id"])
        return job

    async def _poll(self, api: str, key: str, job: str) -> None:
        for _ in range(_MOST_POLLS):
            await asyncio.sleep(0.01)
            outcome = await self._send("GET", f"{JOBS[api]}/{job}", key)
            if not outcome.complete or outcome.status != 200 or b'"status"' not in outcome.body:
                continue
            try:
                body = json.loads(outcome.body)
            except ValueError:
                continue
            own = job in (body.get("job_id"), body.get("request_id"))
            self.report.check(own, "another key's answer", f"{key} {job}: {outcome.body[:200]!r}")
            if body["status"] in _ENDS:
                return

    async def _send(self, method: str, path: str, key: str, body: bytes = b"") -> Outcome:
        """Send one request on a connection of its own. A client of the APIs leaves if it waits for too long."""
        self.requests += 1
        try:
            patience = HANGS if path.startswith("/__jobmock") else _PATIENCE
            async with asyncio.timeout(patience), Connection(self.url) as connection:
                return await connection.request(method, path, key, body)
        except (OSError, TimeoutError, ValueError, LookupError):  # no answer in time, or no HTTP
            return Outcome()


def run(fraction: float = 1.0, seed: int = 0) -> int:
    report, port = Report("week"), free_port()
    tests, seconds = round(TESTS * fraction), SECONDS * fraction
    with server(port, "--speed", f"{_SPEED:g}") as pid:
        week = _Week(f"http://127.0.0.1:{port}", pid, report, Random(seed))
        asyncio.run(week.run(tests, seconds))
        took = time.monotonic() - week.began
    full = [seen for seen in week.seen if seen[0] >= _FULL]
    last = week.seen[-1]
    text = f"{tests} tests, {week.requests} requests in {took:.0f} s; {last[1]:.0f} MiB at the end"
    if len(full) > 1:
        first = full[0]
        growth = last[1] / max(one[1] for one in full[: len(full) // 3 or 1]) - 1
        report.check(growth <= MOST_GROWTH, "memory grows", full)
        report.check(last[2] <= first[2] + CONNECTIONS and last[3] <= first[3], "files or threads grow", full)
        text += f", {growth:+.1%} since it was full; {last[2]} files, {last[3]} threads"
    return report.end(text)
