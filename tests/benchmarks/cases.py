"""The four answers with which servers are measured. A jobmock with all features makes them; the others repeat them."""

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
"""Limits so high that each bucket is charged and never refuses."""


class Case(NamedTuple):
    """One status answer: its API, its scenario, and the query of the request."""

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


def _scenario(api: str, status: str, count: int = 3) -> dict[str, Any]:
    return {"version": 1, "api": api, "results": {"count": count, "seed": 1}, "progression": [{"status": status}]}


CASES = (
    Case("pending", "clado", _scenario("clado", "pending")),
    Case("page of 22", "clado", _scenario("clado", "completed", 22), "page=1&page_size=22"),
    Case("1,000 people", "clado", _scenario("clado", "completed", 1_000)),
    Case("orbit status", "orbit", _scenario("orbit", "running")),
)


def prepare(url: str) -> dict[str, bytes]:
    """Make the jobs on a running jobmock; return the answers by case. Raises SystemExit if one breaks the contract."""
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


def write_answers(bodies: dict[str, bytes], folder: Path) -> None:
    """Write the answers into a folder for the servers that repeat them: a list, and a file for each body."""
    listed = []
    for number, case in enumerate(CASES):
        (folder / f"{number}.json").write_bytes(bodies[case.name])
        listed.append({"path": case.path, "query": case.query, "file": f"{number}.json"})
    (folder / "answers.json").write_text(json.dumps(listed), encoding="utf-8")


def missing_features(url: str, requests: dict[str, int]) -> list[str]:
    """Return which of keys, journal and limits were off on a jobmock that answered so many requests of each API."""
    with httpx.Client(base_url=url, verify=False) as client:
        off = [f"{case.name} was answered without a key" for case in CASES if client.get(case.target).is_success]
        for api, count in requests.items():
            headers = {"Authorization": f"Bearer {KEYS[api]}"}
            journal = client.get("/__jobmock/journal", headers=headers).raise_for_status().json()
            recorded = journal["dropped"] + len(journal["exchanges"])
            if recorded < count:
                off.append(f"the journal of {api} has {recorded} of {count} exchanges")
        if _limited_polls(client) != [200, 429]:
            off.append("a limit of one request let another through")
    return off


def _limited_polls(client: httpx.Client) -> list[int]:
    """Poll twice with a limit of one request; return both HTTP statuses."""
    headers = {"Authorization": f"Bearer {TIGHT}"}
    scenario = {**_scenario("clado", "pending"), "limits": {"status": {"requests": 1, "seconds": 3600}}}
    made = client.post("/__jobmock/jobs", json={"api": "clado", "scenario": scenario}, headers=headers)
    path = f"{JOBS['clado']}/{made.raise_for_status().json()['id']}"
    return [client.get(path, headers=headers).status_code for _ in range(2)]
