"""What pytest calls: options and marker, parametrisation, the story of a failure, the summary. No decisions."""

from __future__ import annotations

from collections.abc import Generator

import pytest

from . import fixtures, marking, options
from .fixtures import contract, jobmock_bench, jobmock_options, jobmock_scenario, jobmock_server
from .keys import BENCH
from .summary import Summary

__all__ = ["contract", "jobmock_bench", "jobmock_options", "jobmock_scenario", "jobmock_server"]

globals().update(fixtures.of_apis())  # `clado_mock`, `orbit_mock`


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the group `jobmock`."""
    options.add(parser)


def pytest_configure(config: pytest.Config) -> None:
    """Make the marker known, read the options, and gather what clients did wrong."""
    options.resolve(config)
    config.addinivalue_line("markers", marking.DESCRIPTION)
    config.pluginmanager.register(Summary(), "jobmock-summary")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run a test marked with `scenarios=PATTERN` once for each scenario."""
    if "jobmock_scenario" in metafunc.fixturenames:
        marking.parametrize(metafunc)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Tell the story of a test that failed."""
    report = yield
    bench = item.stash.get(BENCH, None)
    if bench is not None:
        bench.reported(report)
    return report
