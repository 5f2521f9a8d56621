"""500 keys at once over TCP on one server: no key sees anything of another one.

Each key plays its own scenario, with two canaries: a member in the body of every step, and a seed that determines the
people. Every answer must have the canaries of its key, and the control API must show the jobs and the journal of that
key only. Another key's job is a 403 or a 404. The memory of an idle key is measured in process, as in the benchmark
`memory`.
"""

from __future__ import annotations

import asyncio
from random import Random
from typing import Any

import httpx
from tests.benchmarks.memory import MOST_BYTES, bytes_per_namespace
from tests.campaigns.reporting import Report, scaled
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


class KeyClient:
    """One key and its client."""

    def __init__(self, number: int, client: httpx.AsyncClient, report: Report, jobs: dict[str, str]) -> None:
        self.number, self.client, self.report, self.jobs = number, client, report, jobs
        self.api = ("clado", "orbit")[number % 2]
        self.key = f"{_PREFIXES[self.api]}isolated{number}"
        self.canary, self.seed = f"canary-{number}", 1_000 + number
        self.requests = 0

    async def drive(self, rng: Random) -> None:
        """Poll the key's job to its end, and try to read another key's job after each poll."""
        steps = [{"status": status, "body": {"x_canary": self.canary}} for status in _STEPS[self.api]]
        played = scenario(self.api, *steps, results={"count": 2, "seed": self.seed})
        await self._control("PUT", "scenario", {"scenario": played})
        started = await self._send("POST", JOBS[self.api], json=STARTS[self.api])
        job = str(started.get("job_id") or started.get("request_id"))
        self.report.check(job not in self.jobs, "two keys have the same job", job)
        self.jobs[job] = self.key
        body: dict[str, Any] = {}
        for _ in range(_POLLS):
            body = await self._send("GET", f"{JOBS[self.api]}/{job}")
            self._check_own("canary", body.get("x_canary") == self.canary, body)
            self._check_own("job", job in (body.get("job_id"), body.get("request_id")), body)
            await self._request_foreign_job(rng)
        self._check_own("people", self._people(body) == self._expected(), body)
        await self._check_control_api(job)

    def _people(self, body: dict[str, Any]) -> Any:
        if self.api == "clado":
            return [record["profile"]["name"] for record in body.get("results", ())]
        return (body.get("result") or {}).get("id")

    def _expected(self) -> Any:
        if self.api == "clado":
            return [person(self.seed, number).name for number in range(2)]
        return profile_id(self.seed, 0)

    async def _request_foreign_job(self, rng: Random) -> None:
        """Request a job of another key of the same API."""
        foreign = [job for job, key in self.jobs.items() if key != self.key and key.startswith(_PREFIXES[self.api])]
        if not foreign:
            return
        self.requests += 1
        job = rng.choice(foreign)
        answer = await self.client.get(f"{JOBS[self.api]}/{job}", headers={"authorization": f"Bearer {self.key}"})
        refused = {"clado": 403, "orbit": 404}[self.api]
        self.report.check(answer.status_code == refused, "another key's job can be read", answer.text)

    async def _check_control_api(self, job: str) -> None:
        """Check that the key's jobs and journal are its own."""
        jobs = (await self._control("GET", "jobs"))["jobs"]
        self._check_own("list of jobs", [(row["id"], row["polls"]) for row in jobs] == [(job, _POLLS)], jobs)
        journal = await self._control("GET", "journal")
        numbers = [exchange["number"] for exchange in journal["exchanges"]]
        self._check_own("journal", numbers == list(range(1, self.requests + 1)), f"{self.requests} requests, {numbers}")

    async def _send(self, method: str, path: str, **more: Any) -> dict[str, Any]:
        self.requests += 1
        answer = await self.client.request(method, path, headers={"authorization": f"Bearer {self.key}"}, **more)
        self.report.check(answer.status_code in (200, 202), f"an answer {answer.status_code}", answer.text)
        body: dict[str, Any] = answer.json()
        return body

    async def _control(self, method: str, call: str, body: Any = None) -> Any:
        headers = {"authorization": f"Bearer {self.key}"}
        answer = await self.client.request(method, f"/__jobmock/{call}", headers=headers, json=body)
        self.report.check(answer.status_code == 200, f"control: {answer.status_code}", answer.text)
        return answer.json()

    def _check_own(self, what: str, condition: bool, seen: Any) -> None:
        self.report.check(condition, f"not its own {what}", f"key {self.number}: {seen}")


async def run_all(url: str, number: int, report: Report, rng: Random) -> int:
    """Run all keys' clients, 50 at once; return the number of requests."""
    gate, jobs = asyncio.Semaphore(_AT_ONCE), dict[str, str]()
    limits = httpx.Limits(max_connections=_AT_ONCE)
    async with httpx.AsyncClient(base_url=url, limits=limits, timeout=60, trust_env=False) as client:

        async def one(key_client: KeyClient, own: Random) -> None:
            async with gate:
                try:
                    await key_client.drive(own)
                except (httpx.HTTPError, ValueError, KeyError) as error:
                    report.fail(f"{type(error).__name__}", f"key {key_client.number}: {error!r}")

        clients = [KeyClient(index, client, report, jobs) for index in range(number)]
        await asyncio.gather(*(one(key_client, Random(rng.random())) for key_client in clients))
        return sum(key_client.requests for key_client in clients)


def run(fraction: float = 1.0, seed: int = 0) -> int:
    report, number = Report("isolation"), scaled(NAMESPACES, fraction, 12)
    with running(create_app(Service(Catalogue()))) as url:
        requests = asyncio.run(run_all(url, number, report, Random(seed)))
    idle = scaled(IDLE_NAMESPACES, fraction, 100)
    each = bytes_per_namespace(idle)
    report.check(each <= MOST_BYTES, "an idle namespace is too large", f"{each:.0f} bytes")
    return report.end(f"{number} keys, {requests} requests; {each / 1000:.1f} kB each of {idle} idle namespaces")
