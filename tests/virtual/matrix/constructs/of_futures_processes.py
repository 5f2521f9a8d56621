"""Module concurrent.futures: pools of processes and interpreters."""

from __future__ import annotations

import time
from concurrent import futures
from typing import Any

from tests.virtual.matrix.cell_run import CellRun
from tests.virtual.matrix.cells import Exact, Real, construct
from tests.virtual.matrix.child_functions import SHORT, nap, nap_in_thread

PROCESS = Real("another process does the work", SHORT)
INTERPRETER = Real("another interpreter does the work", SHORT)


def _run_in_process(cell: CellRun, pool: Any, job: Any, limit: float | None) -> None:
    with pool:
        cell.expect(pool.submit(job, SHORT).result(timeout=limit) == SHORT, "another result")


@construct(PROCESS)
def process(cell: CellRun) -> None:
    """`ProcessPoolExecutor`, `result()`"""
    _run_in_process(cell, futures.ProcessPoolExecutor(1), nap, None)


@construct(PROCESS)
def process_timeout(cell: CellRun) -> None:
    """`ProcessPoolExecutor`, `result(timeout=20)`"""
    _run_in_process(cell, futures.ProcessPoolExecutor(1), nap, 20)


@construct(PROCESS)
def process_threads(cell: CellRun) -> None:
    """`ProcessPoolExecutor`, a job that starts threads"""
    _run_in_process(cell, futures.ProcessPoolExecutor(1), nap_in_thread, 20)


@construct(Real("a timeout on another process", 0.5))
def process_too_slow(cell: CellRun) -> None:
    """`ProcessPoolExecutor`, `result(timeout=0.5)` of a longer job"""
    pool = futures.ProcessPoolExecutor(1)
    try:
        pool.submit(nap, 30).result(timeout=0.5)
        cell.expect(False, "no timeout")
    except TimeoutError:
        pool.shutdown(wait=False, cancel_futures=True)


@construct(PROCESS)
def process_map(cell: CellRun) -> None:
    """`ProcessPoolExecutor.map`"""
    with futures.ProcessPoolExecutor(2) as pool:
        cell.expect(list(pool.map(nap, [SHORT, 0], timeout=20)) == [SHORT, 0], "another result")


@construct(Real("another interpreter does the work"), since=(3, 14))
def interpreter(cell: CellRun) -> None:
    """`InterpreterPoolExecutor`, `submit(pow, 2, 3)`"""
    with futures.InterpreterPoolExecutor(1) as pool:  # type: ignore[attr-defined]
        cell.expect(pool.submit(pow, 2, 3).result(timeout=20) == 8, "another result")


@construct(INTERPRETER, Exact(SHORT), since=(3, 14))
def interpreter_nap(cell: CellRun) -> None:
    """`InterpreterPoolExecutor`, a job that sleeps, `result(timeout=20)`"""
    with futures.InterpreterPoolExecutor(1) as pool:  # type: ignore[attr-defined]
        pool.submit(exec, f"import time; time.sleep({SHORT})").result(timeout=20)


@construct(INTERPRETER, Exact(SHORT), since=(3, 14))
def interpreter_sleep(cell: CellRun) -> None:
    """`InterpreterPoolExecutor`, `submit(time.sleep, …)`"""
    with futures.InterpreterPoolExecutor(1) as pool:  # type: ignore[attr-defined]
        pool.submit(time.sleep, SHORT).result(timeout=20)
