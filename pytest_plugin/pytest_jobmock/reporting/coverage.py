"""What the clients of all tests met of the APIs: counted for each test, merged under xdist, reported at the end."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import pytest

from jobmock.coverage import NOTHING_MET, Coverage
from jobmock.coverage.reports import FORMATS
from jobmock.errors import UsageError
from jobmock.reports.requested import RequestedReport, write_report

if TYPE_CHECKING:
    from ..mocks.mock import Mock
    from ..options import Options

NAME = "jobmock-coverage"
"""The name of the plugin below. A run that counts nothing has none."""
_OUTPUT = "jobmock_coverage"
"""The member of a worker's output that has its coverage."""
_DEFAULT = (RequestedReport("text"),)


def register(config: pytest.Config, options: Options) -> None:
    """Register the plugin of a run that counts coverage. Raises UsageError."""
    if options.live:
        raise pytest.UsageError("--jobmock-coverage needs the journal of a mock: it doesn't go with --jobmock-live.")
    config.pluginmanager.register(CoverageReporter(config, options), NAME)


class CoverageReporter:
    """A plugin that merges the coverage of all tests, and reports it."""

    def __init__(self, config: pytest.Config, options: Options) -> None:
        self._config, self._fail_under = config, options.coverage_fail_under
        self._reports: Sequence[RequestedReport] = options.coverage_report or _DEFAULT
        self._coverage, self._lost, self._problems = NOTHING_MET, 0, list[str]()

    def add_of(self, mock: Mock) -> None:
        """Add what the client of a test met. It is called when the test ends."""
        self._coverage = self._coverage.merge(mock.coverage())

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any, error: object) -> None:
        """Add what the tests of a worker of xdist met."""
        output = getattr(node, "workeroutput", {}).get(_OUTPUT)
        if output is None:
            self._lost += 1
        else:
            self._coverage = self._coverage.merge(Coverage.from_json(output))

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Give the coverage to the controller of xdist; or write the reports, and fail the run if it is too little."""
        if hasattr(self._config, "workeroutput"):
            self._config.workeroutput[_OUTPUT] = self._coverage.to_json()
            return
        if self._config.getoption("collectonly"):
            return
        for form, path in self._reports:
            if path is not None:
                self._write(path, form)
        if self._is_too_little and session.exitstatus == pytest.ExitCode.OK:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Print the reports for the terminal, and what is wrong."""
        if self._config.getoption("collectonly"):
            return
        terminalreporter.section("jobmock: what clients met of the APIs")
        for form, path in self._reports:
            text = FORMATS.render(self._coverage, form) if path is None else f"The report {form} is in {path}.\n"
            terminalreporter.write(text)
        if self._lost:
            terminalreporter.write_line(f"{self._lost} workers of xdist crashed. What their tests met is missing.")
        for problem in self._problems:
            terminalreporter.write_line(problem, red=True)
        if self._is_too_little:
            percent, least = self._coverage.in_all().percent, self._fail_under
            text = f"The coverage is {percent:.1f} %, and jobmock_coverage_fail_under is {least:g}: the run fails."
            terminalreporter.write_line(text, red=True)

    @property
    def _is_too_little(self) -> bool:
        share = self._coverage.in_all()
        return share.met * 100 < self._fail_under * share.all or (not share.all and self._fail_under > 0)

    def _write(self, path: Any, form: str) -> None:
        try:
            write_report(path, FORMATS.render(self._coverage, form))
        except UsageError as error:
            self._problems.append(str(error))
