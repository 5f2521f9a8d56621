"""How the cost of a request grows with the number of jobs and of results: the exponents of the curves.

A cost that grows with the n-th power of a number has the exponent n: 0 is no growth at all, 1 is growth in proportion.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from itertools import cycle
from statistics import linear_regression
from typing import Any

from tests.benchmarks.cases import CASES, KEYS
from tests.campaigns.reporting import progress_bar
from tests.support import EPOCH, JOBS, STARTS, Mock

from jobmock.catalogue import Catalogue
from jobmock.clock import Clock
from jobmock.engine.namespace import Namespaces
from jobmock.models import Limit, Request
from jobmock.service.service import Service

JOB_COUNTS = (10, 1_000, 10_000, 100_000)
RESULT_COUNTS = (1, 10, 100, 1_000, 10_000)
MOST_GROWTH = 1.10
"""The most that a poll may cost with the most jobs, as a multiple of the cost with few jobs."""
_API = "clado"
_KEY = KEYS[_API]
_BLOCK, _BLOCKS = 2_000, 15


def _mock() -> Mock:
    limit = Limit(requests=10**9, period=1)
    limits = {_API: {"start": limit, "status": limit}}
    mock = Mock(Service(Catalogue(), Namespaces(clock=lambda: Clock("manual", start=EPOCH)), limits=limits))
    mock.namespace(_API, _KEY).credits.balance = 10**12
    return mock


def _request(job: str) -> Request:
    headers = ((b"authorization", f"Bearer {_KEY}".encode()),)
    return Request("GET", f"{JOBS[_API]}/{job}".encode(), b"", headers)


def _make_poll_requests(mock: Mock, count: int) -> list[Request]:
    """Make so many jobs; return the status requests of ten that are spread over them."""
    plan = mock.service.catalogue.resolve(CASES[0].scenario, _API)
    namespace = mock.namespace(_API, _KEY)
    jobs = [mock.service.place(namespace, plan).id for _ in range(count)]
    return [_request(job) for job in jobs[:: max(1, count // 10)]]


def best_microseconds(send: Callable[[], object], block: int = _BLOCK, blocks: int = _BLOCKS) -> float:
    """Return the microseconds of processor time of one call, in the best block."""
    taken = []
    for _ in range(blocks):
        began = time.process_time()
        for _ in range(block):
            send()
        taken.append((time.process_time() - began) / block * 1e6)
    return min(taken)


def exponent(costs: dict[int, float]) -> float:
    """Return the slope of the least-squares line through the costs, with both axes logarithmic."""
    return linear_regression([math.log(count) for count in costs], [math.log(cost) for cost in costs.values()]).slope


def polls_by_jobs() -> dict[int, float]:
    """Return the cost of a poll by the number of jobs; the services take turns."""
    services: dict[int, tuple[Mock, cycle[Request]]] = {}
    for count in JOB_COUNTS:
        mock = _mock()
        services[count] = (mock, cycle(_make_poll_requests(mock, count)))
    costs = dict.fromkeys(JOB_COUNTS, math.inf)
    for count in progress_bar([count for _ in range(_BLOCKS) for count in JOB_COUNTS], "jobs"):
        mock, requests = services[count]
        cost = best_microseconds(lambda mock=mock, requests=requests: mock.service.handle(next(requests)), blocks=1)  # type: ignore[misc]
        costs[count] = min(costs[count], cost)
    return costs


def starts_by_jobs() -> dict[int, float]:
    """Return the cost of a start by the number of unfinished jobs that may still be charged."""
    costs = {}
    for count in progress_bar(JOB_COUNTS[:-1], "starts"):
        mock = _mock()
        plan = mock.service.catalogue.resolve(CASES[0].scenario, _API)
        mock.namespace(_API, _KEY).use(_unfinished(mock))
        for _ in range(count):
            mock.start(_API, _KEY, STARTS[_API])
        assert plan is not None
        costs[count] = best_microseconds(lambda mock=mock: mock.start(_API, _KEY, STARTS[_API]), block=5, blocks=5)  # type: ignore[misc]
    return costs


def _unfinished(mock: Mock) -> Any:
    steps = [{"status": "pending", "after": {"polls": 1}}, {"status": "completed"}]
    return mock.service.catalogue.resolve({"version": 1, "api": _API, "progression": steps}, _API)


def polls_by_results() -> dict[int, float]:
    """Return the cost of a poll by the number of people that it shows."""
    mock, costs = _mock(), {}
    for count in progress_bar(RESULT_COUNTS, "results"):
        scenario = {**CASES[2].scenario, "results": {"count": count, "seed": 1}}
        plan = mock.service.catalogue.resolve(scenario, _API)
        request = _request(mock.service.place(mock.namespace(_API, _KEY), plan).id)
        mock.service.handle(request)
        costs[count] = best_microseconds(lambda request=request: mock.service.handle(request), block=200, blocks=10)  # type: ignore[misc]
    return costs


def run() -> dict[str, Any]:
    """Print each curve and its exponent; return them. Raises SystemExit if polls cost more with more jobs."""
    curves = {"poll, by jobs": polls_by_jobs(), "start, by jobs": starts_by_jobs()}
    curves["poll, by results"] = polls_by_results()
    for name, costs in curves.items():
        points = ", ".join(f"{count:,}: {cost:.1f} µs" for count, cost in costs.items())
        print(f"{name:<18} {points}; exponent {exponent(costs):.2f}")
    polls = curves["poll, by jobs"]
    growth = polls[JOB_COUNTS[-1]] / polls[JOB_COUNTS[0]]
    print(f"{JOB_COUNTS[-1]:,} jobs cost {growth:.2f} times {JOB_COUNTS[0]}")
    if growth > MOST_GROWTH:
        raise SystemExit(f"A poll beside {JOB_COUNTS[-1]:,} jobs costs {growth:.2f} times one beside {JOB_COUNTS[0]}.")
    return {"curves": curves, "exponents": {name: exponent(costs) for name, costs in curves.items()}}
