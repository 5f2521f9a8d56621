"""The memory of a namespace after one request, and of each job, as Python's traced allocations."""

from __future__ import annotations

import gc
import tracemalloc
from collections.abc import Callable

from tests.support import EPOCH, JOBS, STARTS, Mock

from jobmock.catalogue import Catalogue
from jobmock.clock import Clock
from jobmock.engine.namespace import Namespaces
from jobmock.service.service import Service

MOST_BYTES = 20_000
_PREFIXES = {"clado": "lk_", "orbit": "sk_orb_"}


def _mock() -> Mock:
    catalogue = Catalogue()
    limits = {api: {"start": None, "status": None} for api in _PREFIXES}
    return Mock(Service(catalogue, Namespaces(clock=lambda: Clock("manual", start=EPOCH)), limits=limits))


def _bytes_per_call(each: Callable[[int], object], count: int) -> float:
    """Return how many bytes each of so many calls leaves allocated, after a few calls that warm up caches."""
    for number in range(10):
        each(-1 - number)
    gc.collect()
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        for number in range(count):
            each(number)
        gc.collect()
        return (tracemalloc.get_traced_memory()[0] - before) / count
    finally:
        tracemalloc.stop()


def bytes_per_namespace(count: int = 5_000) -> float:
    """Open namespaces by one poll each for an unknown job; return the bytes of each."""
    mock, apis = _mock(), sorted(_PREFIXES)

    def ask(number: int) -> None:
        api = apis[number % 2]
        mock.poll(api, "nobody", key=f"{_PREFIXES[api]}idle{number}")

    return _bytes_per_call(ask, count)


def bytes_per_job(api: str, count: int = 2_000) -> float:
    """Start jobs of one key and poll each once; return the bytes of each."""
    mock = _mock()
    mock.namespace(api).credits.balance = 10**9
    mock.namespace(api).journal.add = lambda record: None  # type: ignore[method-assign]  # the journal isn't part of a job
    body = STARTS[api]
    return _bytes_per_call(lambda number: mock.poll(api, mock.start(api, body=body)), count)


def run() -> dict[str, float]:
    """Print and return the bytes of a namespace and of jobs. Raises SystemExit if an idle namespace is too large."""
    sizes = {"idle namespace": bytes_per_namespace(), **{f"{api} job": bytes_per_job(api) for api in sorted(JOBS)}}
    for name, size in sizes.items():
        print(f"{name:<20} {size / 1000:6.2f} kB")
    if sizes["idle namespace"] > MOST_BYTES:
        raise SystemExit(f"An idle namespace has more than {MOST_BYTES} bytes.")
    return sizes
