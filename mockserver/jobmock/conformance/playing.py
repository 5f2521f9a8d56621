"""Plays cases to a client, several at once, and says what came of each."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from dataclasses import replace
from typing import Any, Protocol

from .cases import Case
from .judgement import FAILED, NOT_JUDGED, judge_case
from .played import Played
from .scorecard import NOT_SUPPORTED, UNSTABLE, CaseResult

Progress = Callable[[Iterable[CaseResult], int], Iterable[CaseResult]]
"""A function that takes the results of so many cases as they come, and yields them while it shows the progress."""


class Client(Protocol):
    """A client under test. `name` is how a command line names it."""

    name: str

    def open(self) -> AbstractContextManager[Any]:
        """Allow cases to be played within a `with` block."""

    def why_not(self, case: Case) -> str | None:
        """Return why a case can't be played to this client, in a sentence; None if it can."""

    def play(self, case: Case) -> Played:
        """Play one case, in a namespace of its own."""


def play_cases(
    client: Client, cases: Sequence[Case], *, capabilities: Collection[str], jobs: int = 1,
    shown: Progress = lambda results, number: results,
) -> list[CaseResult]:  # fmt: skip
    """Return the result of each case, in their order; `jobs` are played at once.

    A case whose action isn't among the client's `capabilities` isn't played. One that fails beside others is played
    once more, alone: if it passes then, its result is `unstable`.
    """
    supported = [case for case in cases if case.action in capabilities]
    with client.open():
        found = list(shown(_play_at_once(client, supported, jobs), len(supported)))
        if jobs > 1:
            found = [_once_more(client, result) if result.result == FAILED else result for result in found]
    results = {result.case.id: result for result in found}
    return [results.get(case.id) or CaseResult(case=case, result=NOT_SUPPORTED) for case in cases]


def _play_at_once(client: Client, cases: Sequence[Case], jobs: int) -> Iterator[CaseResult]:
    """Yield the results in the order of the cases."""
    if jobs == 1:
        yield from (_play(client, case) for case in cases)
        return
    with ThreadPoolExecutor(jobs) as pool:
        yield from pool.map(lambda case: _play(client, case), cases)


def _once_more(client: Client, result: CaseResult) -> CaseResult:
    """Play a case that failed beside others once more, alone."""
    alone = _play(client, result.case)
    if alone.result == FAILED:
        return alone
    return replace(result, result=UNSTABLE, note="It failed beside other cases, and passed alone.")


def _play(client: Client, case: Case) -> CaseResult:
    if reason := client.why_not(case):
        return CaseResult(case=case, result=NOT_JUDGED, note=reason)
    judgement = judge_case(client.play(case))
    return CaseResult(case=case, result=judgement.result, judgement=judgement)
