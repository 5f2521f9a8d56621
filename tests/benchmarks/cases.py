"""The four answers that servers are measured with: made by a jobmock that has everything on, served by all."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, NamedTuple
from uuid import NAMESPACE_URL, uuid5

import httpx
from tests.support import JOBS

from jobmock.contract import body_validation

KEYS = {"clado": "lk_bench", "orbit": "sk_orb_bench"}
TIGHT = "lk_bench_tight"
LIMITS = """
clado: {status: {requests: 1000000000, seconds: 1}}
orbit: {status: {requests: 1000000000, seconds: 1, burst: 1000000000}}
"""
"""Raised so that each bucket is charged and never refuses."""


class Case(NamedTuple):
    """One status answer: whose it is, the job's steps and people, the query it's read with, the document it obeys."""

    name: str
    api: str
    scenario: dict[str, Any]
    query: str = ""

    @property
    def job(self) -> str:
        """An id as long as the real ones."""
        return str(uuid5(NAMESPACE_URL, self.name))

    @property
    def path(self) -> str:
        return f"{JOBS[self.api]}/{self.job}"

    @property
    def target(self) -> str:
        """Path and query."""
        return f"{self.path}?{self.query}" if self.query else self.path

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {KEYS[self.api]}"}


def _holding(api: str, status: str, count: int = 3) -> dict[str, Any]:
    return {"version": 1, "api": api, "results": {"count": count, "seed": 1}, "progression": [{"status": status}]}


CASES = (
    Case("pending", "clado", _holding("clado", "pending")),
    Case("page of 22", "clado", _holding("clado", "completed", 22), "page=1&page_size=22"),
    Case("1,000 people", "clado", _holding("clado", "completed", 1_000)),
    Case("orbit status", "orbit", _holding("orbit", "running")),
)


def prepare(url: str) -> dict[str, bytes]:
    """Make the jobs on a running jobmock; return the answers by case. Ends with 1 where one breaks the contract."""
    found = {}
    with httpx.Client(base_url=url, verify=False) as client:
        for case in CASES:
            made = {"api": case.api, "scenario": case.scenario, "id": case.job}
            client.post("/__jobmock/jobs", json=made, headers=case.headers).raise_for_status()
            answer = client.get(case.target, headers=case.headers).raise_for_status()
            broken = [str(one) for one in body_validation.violations(f"{case.api}/status.json", answer.json())]
            if broken:
                raise SystemExit(f"{case.name} breaks the contract: {broken[:3]}")
            found[case.name] = answer.content
    return found


def written(bodies: dict[str, bytes], folder: Path) -> None:
    """Put the answers into a folder, for the servers that only repeat them: a list and a file for each body."""
    listed = []
    for number, case in enumerate(CASES):
        (folder / f"{number}.json").write_bytes(bodies[case.name])
        listed.append({"path": case.path, "query": case.query, "file": f"{number}.json"})
    (folder / "answers.json").write_text(json.dumps(listed), encoding="utf-8")


def everything_was_on(url: str, asked: dict[str, int]) -> list[str]:
    """Return what was off on a jobmock that answered so many requests, by API: the key, the journal or the bucket."""
    with httpx.Client(base_url=url, verify=False) as client:
        off = [f"{case.name} was answered without a key" for case in CASES if client.get(case.target).is_success]
        for api, count in asked.items():
            headers = {"Authorization": f"Bearer {KEYS[api]}"}
            told = client.get("/__jobmock/journal", headers=headers).raise_for_status().json()
            noted = told["dropped"] + len(told["exchanges"])
            if noted < count:
                off.append(f"the journal of {api} has {noted} of {count} exchanges")
        if _refusals(client) != [200, 429]:
            off.append("a limit of one request let another through")
    return off


def _refusals(client: httpx.Client) -> list[int]:
    """Poll twice, on the same server, where one request is allowed; return both statuses."""
    headers = {"Authorization": f"Bearer {TIGHT}"}
    scenario = {**_holding("clado", "pending"), "limits": {"status": {"requests": 1, "seconds": 3600}}}
    made = client.post("/__jobmock/jobs", json={"api": "clado", "scenario": scenario}, headers=headers)
    path = f"{JOBS['clado']}/{made.raise_for_status().json()['id']}"
    return [client.get(path, headers=headers).status_code for _ in range(2)]
