"""Counterexamples of Hypothesis tests: saved when one fails, and run first by every later run."""

from __future__ import annotations

import sys
from collections.abc import Collection
from inspect import signature
from typing import Any

import pytest

from .stash import BENCH

_CALLED = "scenario"


def save(item: pytest.Item, error: BaseException, report: pytest.TestReport) -> None:
    """Save the scenarios with which a Hypothesis test failed, and say where in its report."""
    regressions = sys.modules.get("jobmock.strategies.regressions")
    if regressions is None or not of_hypothesis(getattr(item, "obj", None)):
        return
    bench = item.stash.get(BENCH, None)
    more = {} if bench is None else {"start": bench.began}
    for scenario, cause in regressions.attached_scenarios(error):
        path = regressions.save(scenario, _name(item), f"{type(cause).__name__}: {cause}", **more)
        if path is not None:
            report.sections.append(("jobmock counterexample", f"{path} plays it again."))


def replay(metafunc: pytest.Metafunc, apis: Collection[str]) -> None:
    """Let a Hypothesis test run its saved counterexamples first, if a scenario is all that it is given."""
    test = metafunc.function
    if not of_hypothesis(test) or hasattr(test, "jobmock_replays"):
        return
    given = signature(test.hypothesis.inner_test).parameters.keys() - signature(test).parameters.keys()
    if given != {_CALLED}:
        return
    from jobmock.errors import JobmockError
    from jobmock.strategies.regressions import replaying

    for api in apis:
        try:
            replaying(api, _CALLED, name=_name(metafunc.definition))(test)
        except JobmockError as error:
            pytest.fail(str(error), pytrace=False)


def of_hypothesis(test: Any) -> bool:
    """Say whether a test function is one of Hypothesis."""
    return bool(getattr(test, "is_hypothesis_test", False))


def _name(item: Any) -> str:
    """Return what a test is called, with its class; that of a state machine is called after its class alone."""
    name: str = getattr(item, "originalname", None) or item.name
    cls = getattr(item, "cls", None)
    if name == "runTest":
        return str(item.parent.name)
    return f"{cls.__name__}.{name}" if cls else name
