"""The table of poisons: tests that may affect later ones, with their expected outcomes and their markers."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Any, NamedTuple

import httpx

JOBS = {"clado": "/api/search/deep_research", "orbit": "/v2/developer/deep-search"}
TERMINAL = ("completed", "error", "cancelled", "failed")


class Poison(NamedTuple):
    """One such test: its expected outcome, its markers, and the fixtures that it requests before the mock's."""

    function: Callable[[Any, Random], Any]
    outcome: str
    marks: tuple[str, ...]
    fixtures: tuple[str, ...]
    weight: int


POISONS: dict[str, Poison] = {}


def poison(
    outcome: str, *marks: str, fixtures: tuple[str, ...] = (), weight: int = 4
) -> Callable[[Callable[[Any, Random], Any]], Callable[[Any, Random], Any]]:
    """Add a function to the table; its `outcome` is passed, failed or error, or two of them: `failed or error`."""

    def add(function: Callable[[Any, Random], Any]) -> Callable[[Any, Random], Any]:
        POISONS[function.__name__] = Poison(function, outcome, marks, fixtures, weight)
        return function

    return add


def client(mock: Any, rng: Random) -> httpx.Client:
    """Return a client of the mock, in process or over TCP."""
    where = {"base_url": mock.url} if rng.random() < 0.5 else {"transport": mock.transport, "base_url": "http://mock"}
    headers = {"Authorization": f"Bearer {mock.api_key}"}
    return httpx.Client(headers=headers, trust_env=False, verify=False, **where)


def ask(http: httpx.Client, mock: Any, job: str) -> str:
    """Return a job's status."""
    status: str = http.get(f"{JOBS[mock.api]}/{job}").json()["status"]
    return status
