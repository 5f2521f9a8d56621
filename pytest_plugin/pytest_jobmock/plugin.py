"""The hooks that pytest calls. They delegate to the other modules and decide nothing themselves.

What no collection needs is imported when the first test runs: pytest takes long for each module of a plugin.
"""

from __future__ import annotations

from collections.abc import Generator
from contextlib import nullcontext
from typing import Any

import pytest

from jobmock import api_packages

from . import fixtures, marker, options
from .fixtures import (
    conformance_case,
    contract,
    jobmock_options,
    jobmock_scenario,
    jobmock_server,
    jobmock_session,
)  # fmt: skip
from .reporting.summary import Summary
from .stash import SESSION

__all__ = [
    "conformance_case", "contract", "jobmock_options", "jobmock_scenario", "jobmock_server", "jobmock_session",
]  # fmt: skip

globals().update(fixtures.api_fixtures())  # `clado_mock`, `clado_example`, `orbit_mock`, `orbit_example`


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the group of options `jobmock`."""
    options.add(parser)


def pytest_configure(config: pytest.Config) -> None:
    """Register the marker, read the options, and start the summary."""
    options.export(config)
    if (chosen := options.resolve(config)).counts_coverage:
        from .reporting import coverage

        coverage.register(config, chosen)
    config.addinivalue_line("markers", marker.DESCRIPTION.format(api=api_packages.names()[0]))
    config.pluginmanager.register(Summary(), "jobmock-summary")


def pytest_report_header() -> list[str]:
    """Name the APIs that can't be used, so that a missing fixture is explained."""
    return [f"jobmock: {problem}" for problem in api_packages.found().refused.values()]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run a test with `scenarios=PATTERN` once for each, and a Hypothesis test first on its counterexamples."""
    if "jobmock_scenario" in metafunc.fixturenames:
        marker.parametrize(metafunc)
    if "conformance_case" in metafunc.fixturenames:
        marker.parametrize_conformance(metafunc)
    if used := fixtures.used_apis(metafunc.fixturenames):
        from . import counterexamples

        counterexamples.replay(metafunc, used)


def pytest_itemcollected(item: pytest.Item) -> None:
    """Let each test that uses a mock have a session."""
    fixtures.request_session(item)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, object, object]:
    """Let a client that runs for too long be interrupted while its test runs, and limit a failing property's time."""
    from . import properties

    session = item.stash.get(SESSION, None)
    limited = properties.limited(item, options.resolve(item.config).shrink, has_mock=session is not None)
    with limited, nullcontext() if session is None else session.deadline.interrupter:
        return (yield)


@pytest.hookimpl(optionalhook=True, tryfirst=True)
def pytest_timeout_set_timer(item: pytest.Item, settings: Any) -> None:
    """Note when pytest-timeout ends the test: its client is stopped shortly before that."""
    from .time_limits.pytest_timeout import set_timeout

    set_timeout(item, settings.timeout)


@pytest.hookimpl(optionalhook=True, tryfirst=True)
def pytest_timeout_cancel_timer(item: pytest.Item) -> None:
    """Note that pytest-timeout doesn't end the test any longer."""
    from .time_limits.pytest_timeout import clear_timeout

    clear_timeout(item)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Add the story of a failed test to its report, and save its counterexample."""
    session = item.stash.get(SESSION, None)
    replaced = None if session is None else session.fail_if_stopped(call)
    report = yield
    if report.failed and (failure := replaced or call.excinfo) is not None:
        from . import counterexamples, properties

        counterexamples.save(item, failure.value, report, None if session is None else session.started_at)
        properties.add_remarks(item, report)
    if session is not None:
        session.extend_report(report)
        if report.when == "teardown":
            del item.stash[SESSION]
    return report
