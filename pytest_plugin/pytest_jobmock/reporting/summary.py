"""The summary at the end of a run: what all clients did wrong.

A finding travels as a user property of its test's report, so that with xdist the controller gets it from the workers.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from jobmock.etiquette import Finding

_PROPERTY = "jobmock-finding"


def record(item: pytest.Item, findings: Iterable[Finding]) -> None:
    """Add findings to the reports of a test, for the summary."""
    for finding in findings:
        row = {"rule": finding.rule, "severity": finding.severity, "evidence": finding.evidence}
        item.user_properties.append((_PROPERTY, json.dumps(row)))


class Summary:
    """A plugin that collects findings from the reports of tests, and prints them by rule."""

    def __init__(self) -> None:
        self._count: Counter[tuple[str, str]] = Counter()
        self._first: dict[tuple[str, str], str] = {}

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Collect the findings from the report of a test's end."""
        if report.when != "teardown":
            return
        for name, value in report.user_properties:
            if name == _PROPERTY:
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
