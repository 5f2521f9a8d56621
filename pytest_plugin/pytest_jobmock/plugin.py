"""What pytest calls: options and marker, parametrisation, the story of a failure, the summary. No decisions."""

from __future__ import annotations

from collections.abc import Generator

import pytest

from . import counterexamples, fixtures, marking, options
from .fixtures import contract, jobmock_bench, jobmock_options, jobmock_scenario, jobmock_server
from .keys import BENCH
from .summary import Summary

__all__ = ["contract", "jobmock_bench", "jobmock_options", "jobmock_scenario", "jobmock_server"]

globals().update(fixtures.of_apis())  # `clado_mock`, `clado_example`, `orbit_mock`, `orbit_example`


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the group `jobmock`."""
    options.add(parser)


def pytest_configure(config: pytest.Config) -> None:
    """Make the marker known, read the options, and gather what clients did wrong."""
    options.hand_on(config)
    config.addinivalue_line("markers", marking.DESCRIPTION)
    config.pluginmanager.register(Summary(), "jobmock-summary")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run a test marked with `scenarios=PATTERN` once for each scenario; a Hypothesis test first on what it failed."""
    if "jobmock_scenario" in metafunc.fixturenames:
        marking.parametrize(metafunc)
    if used := fixtures.apis_of(metafunc.fixturenames):
        counterexamples.replay(metafunc, used)


def pytest_itemcollected(item: pytest.Item) -> None:
    """Give a test of examples all that its examples share."""
    fixtures.take_bench(item)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Tell the story of a test that failed, and save its counterexample."""
    report = yield
    if report.failed and call.excinfo is not None:
        counterexamples.save(item, call.excinfo.value, report)
    bench = item.stash.get(BENCH, None)
    if bench is not None:
        bench.reported(report)
    return report
