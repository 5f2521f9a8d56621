"""Says in words what the cases of a suite are."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from textwrap import wrap

from ..catalogue.explain_scenario import explain
from ..errors import UsageError, hint
from .cases import DEADLINE, Case, Expectation
from .suite import Suite

_OUTCOMES = {"returns": "the call returns", "fails": "the call fails", "either": "the call returns or fails"}
_WIDTH = 118


def list_lines(suite: Suite, cases: Sequence[Case]) -> Iterator[str]:
    """Yield the cases by their groups, a line each."""
    width = max(len(case.id) for case in cases)
    group = None
    for case in cases:
        if case.group != group:
            yield f"{'' if group is None else chr(10)}{case.group}: {suite.groups.get(case.group, '')}".rstrip(": ")
            group = case.group
        yield f"  {case.id.ljust(width)}  {case.severity:<6}  {case.action:<7}  {case.title}"


def explained_lines(suite: Suite, name: str) -> Iterator[str]:
    """Return all about the case with a name, or about each that `each` makes of it. Raises UsageError."""
    found = [case for case in suite.cases if name in (case.id, case.id.partition("/")[0])]
    if not found:
        text = f"There is no case {name!r}.{hint(name, [case.id for case in suite.cases])}"
        raise UsageError(f"{text} `jobmock conform --api {suite.api} --list` shows them all.")
    return (line for case in found for line in (*case_lines(case), ""))


def case_lines(case: Case) -> Iterator[str]:
    """Yield all about one case: what is asked, what is played, and what must come of it."""
    yield f"{case.id} ({case.group}, {case.severity})"
    yield from (f"  {line}" for line in wrap(case.title, _WIDTH - 2))
    yield f"  Action: {case.action}{_arguments(case)}"
    yield from (f"  Expected: {text}" for text in expectations(case.expect))
    if case.source:
        yield f"  Source: {case.source}"
    yield ""
    yield from explain(case.plan).splitlines()


def expectations(expect: Expectation) -> Iterator[str]:
    """Yield what must come of a case, a sentence's part each."""
    yield _OUTCOMES[expect.outcome]
    if expect.status:
        yield f"a returned status is {expect.status!r}"
    if expect.people is not None:
        yield f"a returned value has {expect.people} people"
    if expect.silent:
        yield f"no breach of {', '.join(expect.silent)}"
    for operation, bounds in expect.requests.items():
        yield f"requests of the operation {operation!r}: {bounds}"
    if str(expect.credits):
        yield f"credits: {expect.credits}"
    if str(expect.seconds):
        yield f"seconds by the mock's clock: {expect.seconds}"


def _arguments(case: Case) -> str:
    """Return what the client is told beside its action."""
    told = [f"limit {case.limit}"] if case.limit is not None else []
    if case.deadline != DEADLINE:
        told.append(f"deadline {case.deadline:g} s")
    return f" ({', '.join(told)})" if told else ""
