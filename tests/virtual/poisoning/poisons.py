"""The tables of tests that may spoil what comes after them: how each must end, and what it is marked with."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Any, NamedTuple

import httpx

JOBS = {"clado": "/api/search/deep_research", "orbit": "/v2/developer/deep-search"}
ENDS = ("completed", "error", "cancelled", "failed")


class Poison(NamedTuple):
    """One such test: how it must end, lines before it, and the fixtures that it asks for before the mock's."""

    function: Callable[[Any, Random], Any]
    ends: str
    marks: tuple[str, ...]
    fixtures: tuple[str, ...]
    weight: int


KNOWN: dict[str, Poison] = {}


def poison(
    ends: str, *marks: str, fixtures: tuple[str, ...] = (), weight: int = 4
) -> Callable[[Callable[[Any, Random], Any]], Callable[[Any, Random], Any]]:
    """Put a function into the table; it `ends` as passed, failed or error, or one of two."""

    def known(function: Callable[[Any, Random], Any]) -> Callable[[Any, Random], Any]:
        KNOWN[function.__name__] = Poison(function, ends, marks, fixtures, weight)
        return function

    return known


def client(mock: Any, rng: Random) -> httpx.Client:
    """Return a client of the mock, in process or over TCP."""
    where = {"base_url": mock.url} if rng.random() < 0.5 else {"transport": mock.transport, "base_url": "http://mock"}
    headers = {"Authorization": f"Bearer {mock.api_key}"}
    return httpx.Client(headers=headers, trust_env=False, verify=False, **where)


def ask(http: httpx.Client, mock: Any, job: str) -> str:
    """Return a job's status."""
    status: str = http.get(f"{JOBS[mock.api]}/{job}").json()["status"]
    return status
