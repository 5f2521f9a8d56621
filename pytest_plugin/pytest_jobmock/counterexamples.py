"""Counterexamples of Hypothesis tests: saved when a test fails, and run first in every later run."""

from __future__ import annotations

import sys
from collections.abc import Collection
from inspect import signature
from typing import Any

import pytest

_ARGUMENT = "scenario"


def save(item: pytest.Item, error: BaseException, report: pytest.TestReport, start: int | None) -> None:
    """Save the scenarios with which a Hypothesis test failed, and add their paths to its report.

    `start` is the reading at which the test's clock started, if the test has a clock.
    """
    regressions = sys.modules.get("jobmock.strategies.regressions")
    if regressions is None or not is_property(getattr(item, "obj", None)):
        return
    extra = {} if start is None else {"start": start}
    for scenario, cause in regressions.attached_scenarios(error):
        try:
            path = regressions.save(scenario, _name(item), f"{type(cause).__name__}: {cause}", **extra)
        except OSError as failure:  # the report of the test's own failure must not be lost
            text = f"{failure.filename} can't be written: {failure.strerror}."
            report.sections.append(("jobmock counterexample", text))
            continue
        if path is not None:
            report.sections.append(("jobmock counterexample", f"{path} plays it again."))


def replay(metafunc: pytest.Metafunc, apis: Collection[str]) -> None:
    """Let a Hypothesis test run its saved counterexamples first, if a scenario is its only drawn argument."""
    test = metafunc.function
    if not is_property(test) or hasattr(test, "jobmock_replays"):
        return
    drawn = signature(test.hypothesis.inner_test).parameters.keys() - signature(test).parameters.keys()
    if drawn != {_ARGUMENT}:
        return
    from jobmock.errors import JobmockError
    from jobmock.strategies.regressions import replaying

    for api in apis:
        try:
            replaying(api, _ARGUMENT, name=_name(metafunc.definition))(test)
        except JobmockError as error:
            pytest.fail(str(error), pytrace=False)


def is_property(test: Any) -> bool:
    """Return whether a test function is a Hypothesis test."""
    return bool(getattr(test, "is_hypothesis_test", False))


def _name(item: Any) -> str:
    """Return the name of a test with its class; the test of a state machine has the name of its class alone."""
    name: str = getattr(item, "originalname", None) or item.name
    cls = getattr(item, "cls", None)
    if name == "runTest":
        return str(item.parent.name)
    return f"{cls.__name__}.{name}" if cls else name
