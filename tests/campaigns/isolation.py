"""500 keys driven at once over TCP against one server: nobody sees anything of anybody else.

Each key plays a scenario of its own, put there as an object, with two canaries: a member in every step's body, and a
seed that decides who is found. Every answer must show the canaries of its own key and, among everything that was asked
for, the jobs and the journal of that key alone; another key's job is a 403 or a 404. What an idle key costs in memory
is measured in process, by the benchmark of that name.
"""

from __future__ import annotations

import asyncio
from random import Random
from typing import Any

import httpx
from tests.benchmarks.memory import MOST_BYTES, bytes_per_namespace
from tests.campaigns.reporting import Report, share
from tests.support import JOBS, STARTS, scenario

from jobmock.catalogue import Catalogue
from jobmock.people import person, profile_id
from jobmock.server.app import create_app
from jobmock.server.serving import running
from jobmock.service.service import Service

NAMESPACES = 500
IDLE_NAMESPACES = 5_000
_AT_ONCE = 50
_POLLS = 4
_STEPS = {"clado": ("pending", "searching", "processing", "completed"), "orbit": ("running", "running", "completed")}
_PREFIXES = {"clado": "lk_", "orbit": "sk_orb_"}


class Driver:
    """One key and its client."""

    def __init__(self, number: int, client: httpx.AsyncClient, report: Report, jobs: dict[str, str]) -> None:
        self.number, self.client, self.report, self.jobs = number, client, report, jobs
        self.api = ("clado", "orbit")[number % 2]
        self.key = f"{_PREFIXES[self.api]}isolated{number}"
        self.canary, self.seed = f"canary-{number}", 1_000 + number
        self.asked = 0

    async def drive(self, rng: Random) -> None:
        """Play the key's job to its end, with a look into another key's in between."""
        steps = [{"status": status, "body": {"x_canary": self.canary}} for status in _STEPS[self.api]]
        played = scenario(self.api, *steps, results={"count": 2, "seed": self.seed})
        await self._control("PUT", "scenario", {"scenario": played})
        started = await self._ask("POST", JOBS[self.api], json=STARTS[self.api])
        job = str(started.get("job_id") or started.get("request_id"))
        self.report.check(job not in self.jobs, "two keys have the same job", job)
        self.jobs[job] = self.key
        body: dict[str, Any] = {}
        for _ in range(_POLLS):
            body = await self._ask("GET", f"{JOBS[self.api]}/{job}")
            self._own("canary", body.get("x_canary") == self.canary, body)
            self._own("job", job in (body.get("job_id"), body.get("request_id")), body)
            await self._pry(rng)
        self._own("people", self._people(body) == self._expected(), body)
        await self._look_back(job)

    def _people(self, body: dict[str, Any]) -> Any:
        if self.api == "clado":
            return [record["profile"]["name"] for record in body.get("results", ())]
        return (body.get("result") or {}).get("id")

    def _expected(self) -> Any:
        if self.api == "clado":
            return [person(self.seed, number).name for number in range(2)]
        return profile_id(self.seed, 0)

    async def _pry(self, rng: Random) -> None:
        """Ask for a job of another key of the same API."""
        foreign = [job for job, key in self.jobs.items() if key != self.key and key.startswith(_PREFIXES[self.api])]
        if not foreign:
            return
        self.asked += 1
        job = rng.choice(foreign)
        answer = await self.client.get(f"{JOBS[self.api]}/{job}", headers={"authorization": f"Bearer {self.key}"})
        refused = {"clado": 403, "orbit": 404}[self.api]
        self.report.check(answer.status_code == refused, "another key's job can be read", answer.text)

    async def _look_back(self, job: str) -> None:
        jobs = await self._control("GET", "jobs")
        self._own("list of jobs", [(row["id"], row["polls"]) for row in jobs] == [(job, _POLLS)], jobs)
        journal = await self._control("GET", "journal")
        numbers = [exchange["number"] for exchange in journal["exchanges"]]
        self._own("journal", numbers == list(range(1, self.asked + 1)), f"{self.asked} asked, {numbers}")

    async def _ask(self, method: str, path: str, **more: Any) -> dict[str, Any]:
        self.asked += 1
        answer = await self.client.request(method, path, headers={"authorization": f"Bearer {self.key}"}, **more)
        self.report.check(answer.status_code in (200, 202), f"an answer {answer.status_code}", answer.text)
        body: dict[str, Any] = answer.json()
        return body

    async def _control(self, method: str, call: str, body: Any = None) -> Any:
        headers = {"authorization": f"Bearer {self.key}"}
        answer = await self.client.request(method, f"/__jobmock/{call}", headers=headers, json=body)
        self.report.check(answer.status_code == 200, f"control: {answer.status_code}", answer.text)
        return answer.json()

    def _own(self, what: str, holds: bool, seen: Any) -> None:
        self.report.check(holds, f"not its own {what}", f"key {self.number}: {seen}")


async def _drive_all(url: str, number: int, report: Report, rng: Random) -> int:
    """Drive every key, so many at once; return the number of requests."""
    gate, jobs = asyncio.Semaphore(_AT_ONCE), dict[str, str]()
    limits = httpx.Limits(max_connections=_AT_ONCE)
    async with httpx.AsyncClient(base_url=url, limits=limits, timeout=60, trust_env=False) as client:

        async def one(driver: Driver, own: Random) -> None:
            async with gate:
                try:
                    await driver.drive(own)
                except (httpx.HTTPError, ValueError, KeyError) as error:
                    report.fail(f"{type(error).__name__}", f"key {driver.number}: {error!r}")

        drivers = [Driver(index, client, report, jobs) for index in range(number)]
        await asyncio.gather(*(one(driver, Random(rng.random())) for driver in drivers))
        return sum(driver.asked for driver in drivers)


def run(fraction: float = 1.0, seed: int = 0) -> int:
    report, number = Report("isolation"), share(NAMESPACES, fraction, 12)
    with running(create_app(Service(Catalogue()))) as url:
        asked = asyncio.run(_drive_all(url, number, report, Random(seed)))
    idle = share(IDLE_NAMESPACES, fraction, 100)
    each = bytes_per_namespace(idle)
    report.check(each <= MOST_BYTES, "an idle namespace is too large", f"{each:.0f} bytes")
    return report.end(f"{number} keys, {asked} requests; {each / 1000:.1f} kB each of {idle} idle namespaces")
