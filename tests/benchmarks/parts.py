"""Parts of jobmock: loading scenarios, making a job of 1,000 people, validating 10,000 bodies."""

from __future__ import annotations

import time
from collections.abc import Callable

import orjson
from tests.benchmarks.cases import CASES
from tests.campaigns.reporting import progress_bar
from tests.support import EPOCH, Mock

from jobmock import catalogue, scenario
from jobmock.catalogue import Catalogue
from jobmock.clock import Clock
from jobmock.contract import body_validation
from jobmock.engine.namespace import Namespaces
from jobmock.service.service import Service

BODIES = 10_000
_LINES = 200


def long_text() -> str:
    """Return a valid scenario of 200 lines."""
    head = ["version: 1", "api: clado", "summary: Long.", "progression:"]
    steps = ["  - status: searching", "    after: {polls: 1}"] * ((_LINES - len(head) - 1) // 2)
    return "\n".join([*head, *steps, "  - status: completed", ""])


def _milliseconds(do: Callable[[], object]) -> float:
    began = time.process_time()
    do()
    return (time.process_time() - began) * 1000


def _load_bundled() -> None:
    """Read and validate every bundled scenario."""
    fresh = Catalogue()
    for name in fresh.names():
        fresh.plan(name)


def first_page(seed: int) -> bytes:
    """Make a job of 1,000 new people; return its first page of 25."""
    mock = Mock(Service(Catalogue(), Namespaces(clock=lambda: Clock("manual", start=EPOCH))))
    wanted = {**CASES[2].scenario, "results": {"count": 1_000, "seed": seed}}
    plan = mock.service.catalogue.resolve(wanted, "clado")
    job = mock.service.place(mock.namespace("clado"), plan)
    return mock.poll("clado", job.id, query="page=1").body


def _validate_bodies(body: object) -> None:
    for _ in progress_bar(range(BODIES), f"{BODIES:,} bodies"):
        if body_validation.violations("clado/status.json", body):
            raise SystemExit("A body that was served breaks the contract.")


def run(rounds: int = 5) -> dict[str, float]:
    """Print and return the milliseconds of processor time of each part, the best of some rounds."""
    text = long_text()
    _load_bundled()  # imports and caches are filled here
    pending = orjson.loads(b'{"job_id":"x","status":"pending","message":"Waiting."}')
    parts: dict[str, Callable[[], object]] = {
        "a scenario of 200 lines": lambda: catalogue.compile_scenario(scenario.from_text(text)),
        "every bundled scenario": _load_bundled,
    }
    taken = {name: min(_milliseconds(do) for _ in range(rounds)) for name, do in parts.items()}
    seeds = iter(range(70, 70 + rounds))  # each round's people are new ones
    taken["a job of 1,000 people, its first page"] = min(
        _milliseconds(lambda: first_page(next(seeds))) for _ in range(rounds)
    )
    taken[f"{BODIES:,} bodies validated"] = _milliseconds(lambda: _validate_bodies(pending))
    for name, spent in taken.items():
        print(f"{name:<38} {spent:8.1f} ms")
    return taken
