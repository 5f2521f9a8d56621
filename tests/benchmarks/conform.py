"""The conformance suite of Clado, compared with the same calls where nothing is to be waited for.

A command is compared with the same processes, each answered at once. A callable is compared with as many requests of
its client, back to back. They take turns; a ratio is the median of all rounds.
"""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from time import perf_counter
from typing import Any

from tests.benchmarks.intervals import Interval, interval
from tests.campaigns.reporting import progress_bar
from tests.conformance.reference import INTERVAL, TIMEOUT, reference
from tests.examples.conformance.client import Client

from jobmock import Catalogue, apis
from jobmock.conformance.cases import ACTIONS, Case, Expectation
from jobmock.conformance.clients.choice import client_under_test
from jobmock.conformance.clients.task import Task
from jobmock.conformance.judgement import FAILED
from jobmock.conformance.playing import play_cases
from jobmock.conformance.scorecard import CaseResult
from jobmock.conformance.suite import load_suite

API = "clado"
COMMAND_LIMIT, CALLABLE_LIMIT = 2.0, 1.5
_EXAMPLES = Path(__file__).parents[1] / "examples" / "conformance"


def _commands() -> Iterator[tuple[str, list[str]]]:
    """Yield the commands that can be run here, with their names."""
    yield "python", [sys.executable, str(_EXAMPLES / "client.py")]
    if (node := shutil.which("node")) and (built := _EXAMPLES / "client.mjs").is_file():
        yield "node", [node, str(built)]


def _at_once(cases: Sequence[Case]) -> list[Case]:
    """Return the same cases with a job that has ended before the first request."""
    plan = Catalogue().plan(f"{API}/at-once")
    return [replace(case, plan=plan, expect=Expectation(outcome="either")) for case in cases]


def _played(client: Any, cases: Sequence[Case], command: Sequence[str] | None) -> tuple[float, list[CaseResult]]:
    """Return the real seconds of the cases, and their results. Raises SystemExit if one failed."""
    began = perf_counter()
    results = play_cases(client_under_test(API, client, command), cases, capabilities=ACTIONS)
    seconds = perf_counter() - began
    if failed := [result.case.id for result in results if result.result == FAILED]:
        raise SystemExit(f"The reference client failed {', '.join(failed)}.")
    return seconds, results


def _back_to_back(requests: Sequence[int]) -> Callable[[Task], Any]:
    """Return a client that sends so many requests in its first call, its second, and so on, without a pause."""
    left = iter(requests)

    def poll(task: Task) -> Any:
        client = Client(task.api, task.url, task.api_key, task.deadline, INTERVAL, TIMEOUT)
        with client.http:
            return [client.send("GET", "/api/credits") for _ in range(next(left))][-1]

    return poll


def _command_ratio(command: Sequence[str], cases: Sequence[Case]) -> float:
    return _played(None, cases, command)[0] / _played(None, _at_once(cases), command)[0]


def _callable_ratio(cases: Sequence[Case]) -> float:
    seconds, results = _played(reference, cases, None)
    requests = [result.judgement.requests if result.judgement else 1 for result in results]
    return seconds / _played(_back_to_back(requests), _at_once(cases), None)[0]


def _print(name: str, ratios: Sequence[float], limit: float) -> float:
    found: Interval = interval(ratios)
    mark = "under" if found.high <= limit else "OVER" if found.low > limit else "undecided"
    print(f"{name:<10} {found!s:>24} limit {limit:g} {mark}")
    return found.median


def run(rounds: int = 6) -> dict[str, float]:
    """Print the table, and return the ratios."""
    assert API in apis.names()
    cases = load_suite(API).cases
    print(f"The suite of {API} ({len(cases)} cases), times as long as without waits: medians of {rounds} rounds")
    ratios = {}
    for name, command in _commands():
        found = [_command_ratio(command, cases) for _ in progress_bar(range(rounds), name)]
        ratios[name] = _print(name, found, COMMAND_LIMIT)
    found = [_callable_ratio(cases) for _ in progress_bar(range(rounds), "callable")]
    ratios["callable"] = _print("callable", found, CALLABLE_LIMIT)
    return ratios
