"""pytest as a command that runs in virtual time."""

from __future__ import annotations

import re

import pytest
from tests.preloads.python_process import PROGRAMS, Ended, environment, run
from tests.support import Mock

from jobmock.clock import SECOND

PLUGINS = ("-p", "no:randomly", "-p", "no:cacheprovider", "-p", "no:schemathesis", "-p", "no:asyncio")


def run_pytest(url: str, *options: str) -> Ended:
    """Run pytest with the tests of `runner_program.py`. A warning is an error."""
    tests, settings = PROGRAMS / "runner_program.py", ("-c", "/dev/null", "--rootdir", PROGRAMS, "-W", "error")
    return run("-m", "pytest", "-q", *PLUGINS, *settings, *options, tests, env=environment(url))


def test_tests_are_in_virtual_time(mock: Mock, server: str) -> None:
    """Tests sleep in virtual time, the plugin's own mock has its own time, and pytest counts real time."""
    ended = run_pytest(server, "--durations=0", "--durations-min=0")
    assert ended.code == 0, ended.out
    assert mock.namespace("clado").clock.elapsed == 2000 * SECOND
    durations = [float(one) for one in re.findall(r"(\d+\.\d+)s call", ended.out)]
    assert len(durations) == 4 and max(durations) < 400


def test_limits_of_the_runner_are_real(server: str) -> None:
    """A limit of pytest-timeout that is shorter than a test's virtual time doesn't end the test."""
    pytest.importorskip("pytest_timeout", reason="pytest-timeout isn't installed")
    assert run_pytest(server, "--timeout=300").code == 0
