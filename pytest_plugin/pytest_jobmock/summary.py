"""What all clients of a run did wrong, at its end. With xdist the controller gathers it from the workers' reports."""

from __future__ import annotations

import json
from collections import Counter

import pytest

PROPERTY = "jobmock-finding"


class Summary:
    """Gathers findings from the reports of tests, and prints them by rule."""

    def __init__(self) -> None:
        self._count: Counter[tuple[str, str]] = Counter()
        self._first: dict[tuple[str, str], str] = {}

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Take the findings out of the report on a test's end."""
        if report.when != "teardown":
            return
        for name, value in report.user_properties:
            if name == PROPERTY:
                row = json.loads(str(value))
                rule = row["rule"], row["severity"]
                self._count[rule] += 1
                self._first.setdefault(rule, f"{report.nodeid}: {row['evidence']}")

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Print how often each rule was broken, and where first."""
        if not self._count:
            return
        terminalreporter.section("jobmock: what clients did wrong")
        for (rule, severity), count in self._count.most_common():
            terminalreporter.write_line(f"{count:5} {rule} ({severity}), first in {self._first[rule, severity]}")
