"""What pytest calls: options and marker, parametrisation, the story of a failure, the summary. No decisions."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import nullcontext
from typing import Any

import pytest

from . import counterexamples, fixtures, marker, options
from .fixtures import contract, jobmock_bench, jobmock_options, jobmock_scenario, jobmock_server
from .limit import limit
from .stash import BENCH, LIMIT
from .summary import Summary

__all__ = ["contract", "jobmock_bench", "jobmock_options", "jobmock_scenario", "jobmock_server"]

globals().update(fixtures.of_apis())  # `clado_mock`, `clado_example`, `orbit_mock`, `orbit_example`


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the group `jobmock`."""
    options.add(parser)


def pytest_configure(config: pytest.Config) -> None:
    """Make the marker known, read the options, and gather what clients did wrong."""
    options.hand_on(config)
    config.addinivalue_line("markers", marker.DESCRIPTION)
    config.pluginmanager.register(Summary(), "jobmock-summary")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run a test marked with `scenarios=PATTERN` once for each scenario; a Hypothesis test first on what it failed."""
    if "jobmock_scenario" in metafunc.fixturenames:
        marker.parametrize(metafunc)
    if used := fixtures.apis_of(metafunc.fixturenames):
        counterexamples.replay(metafunc, used)


def pytest_itemcollected(item: pytest.Item) -> None:
    """Give a test of examples all that its examples share."""
    fixtures.take_bench(item)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, object, object]:
    """Let a client that goes on without an end be ended wherever it is, as long as its test runs."""
    bench = item.stash.get(BENCH, None)
    with nullcontext() if bench is None else bench.patience.pursuit:
        return (yield)


@pytest.hookimpl(optionalhook=True, tryfirst=True)
def pytest_timeout_set_timer(item: pytest.Item, settings: Any) -> None:
    """Note when pytest-timeout ends the test, for its client is ended shortly before."""
    item.stash[LIMIT] = limit(settings.timeout)


@pytest.hookimpl(optionalhook=True, tryfirst=True)
def pytest_timeout_cancel_timer(item: pytest.Item) -> None:
    """Forget when pytest-timeout ends the test, for it doesn't any longer."""
    if LIMIT in item.stash:
        del item.stash[LIMIT]


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Tell the story of a test that failed, and save its counterexample."""
    bench = item.stash.get(BENCH, None)
    met = None if bench is None else bench.ended(call)
    report = yield
    if report.failed and (failure := met or call.excinfo) is not None:
        counterexamples.save(item, failure.value, report)
    if bench is not None:
        bench.reported(report)
    return report
