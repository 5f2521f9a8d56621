"""Module concurrent.futures: pools of processes and of interpreters."""

from __future__ import annotations

import time
from concurrent import futures
from typing import Any

from tests.virtual.matrix.cells import Exact, Real, construct
from tests.virtual.matrix.children import SHORT, nap, threaded
from tests.virtual.matrix.ground import Ground

PROCESS = Real("another process does the work", SHORT)
INTERPRETER = Real("another interpreter does the work", SHORT)


def _elsewhere(at: Ground, pool: Any, job: Any, limit: float | None) -> None:
    with pool:
        at.holds(pool.submit(job, SHORT).result(timeout=limit) == SHORT, "another result")


@construct(PROCESS)
def process(at: Ground) -> None:
    """`ProcessPoolExecutor`, `result()`"""
    _elsewhere(at, futures.ProcessPoolExecutor(1), nap, None)


@construct(PROCESS)
def process_timeout(at: Ground) -> None:
    """`ProcessPoolExecutor`, `result(timeout=20)`"""
    _elsewhere(at, futures.ProcessPoolExecutor(1), nap, 20)


@construct(PROCESS)
def process_threads(at: Ground) -> None:
    """`ProcessPoolExecutor`, a job that starts threads"""
    _elsewhere(at, futures.ProcessPoolExecutor(1), threaded, 20)


@construct(Real("a timeout on another process", 0.5))
def process_too_slow(at: Ground) -> None:
    """`ProcessPoolExecutor`, `result(timeout=0.5)` of a longer job"""
    pool = futures.ProcessPoolExecutor(1)
    try:
        pool.submit(nap, 30).result(timeout=0.5)
        at.holds(False, "no timeout")
    except TimeoutError:
        pool.shutdown(wait=False, cancel_futures=True)


@construct(PROCESS)
def process_map(at: Ground) -> None:
    """`ProcessPoolExecutor.map`"""
    with futures.ProcessPoolExecutor(2) as pool:
        at.holds(list(pool.map(nap, [SHORT, 0], timeout=20)) == [SHORT, 0], "another result")


@construct(Real("another interpreter does the work"), since=(3, 14))
def interpreter(at: Ground) -> None:
    """`InterpreterPoolExecutor`, `submit(pow, 2, 3)`"""
    with futures.InterpreterPoolExecutor(1) as pool:  # type: ignore[attr-defined]
        at.holds(pool.submit(pow, 2, 3).result(timeout=20) == 8, "another result")


@construct(INTERPRETER, Exact(SHORT), since=(3, 14))
def interpreter_nap(at: Ground) -> None:
    """`InterpreterPoolExecutor`, a job that sleeps, `result(timeout=20)`"""
    with futures.InterpreterPoolExecutor(1) as pool:  # type: ignore[attr-defined]
        pool.submit(exec, f"import time; time.sleep({SHORT})").result(timeout=20)


@construct(INTERPRETER, Exact(SHORT), since=(3, 14))
def interpreter_sleep(at: Ground) -> None:
    """`InterpreterPoolExecutor`, `submit(time.sleep, …)`"""
    with futures.InterpreterPoolExecutor(1) as pool:  # type: ignore[attr-defined]
        pool.submit(time.sleep, SHORT).result(timeout=20)
