"""Every planted change is found, classed right, and reported once; what is none is left alone."""

from __future__ import annotations

from typing import Any

import pytest
from tests.support import JOBS, Mock

from jobmock.catalogue import Catalogue
from jobmock.checking.report import Report
from jobmock.checking.violation import RULES

from .exchanges import checked, clado, exchange, only, played, status
from .planted_drifts import CLEAN, DRIFTS

NAMES = Catalogue().names()
BREAKING = {
    "clado/hostile-pages": {"page-length", "page-overlap"},
    "clado/job-error": {"counter-back"},
    "clado/reopened-after-end": {"transition-illegal"},
    "clado/unknown-status": {"status-unknown"},
    "orbit/unknown-failure": {"value-unknown"},
    "orbit/unknown-status": {"status-unknown"},
}
"""The bundled scenarios that break the contract on purpose, and what a check says of each."""


def violates(name: str, catalogue: Catalogue) -> bool:
    scenario = catalogue.plan(name).scenario
    steps = (*scenario.progression, *(scenario.more.progression if scenario.more else ()))
    return any(step.violates for step in steps)


def rules(report: Report) -> set[str]:
    return {row.violation.rule for row in report.rows}


@pytest.mark.parametrize("name", DRIFTS)
def test_planted_change_is_one_row(name: str) -> None:
    """A change is one row with its class, its rule, its pointer without indexes, and how often it occurred."""
    drift = DRIFTS[name]
    row = only(checked(drift.exchanges))
    found = row.violation
    assert (found.kind, found.rule, found.pointer, row.count) == (drift.kind, drift.rule, drift.pointer, drift.times)


def test_every_rule_is_planted() -> None:
    """There are thirty planted changes and more, at least one for each rule."""
    assert len(DRIFTS) >= 30
    assert {drift.rule for drift in DRIFTS.values()} == set(RULES)


@pytest.mark.parametrize("name", CLEAN)
def test_what_is_no_change_is_not_reported(name: str) -> None:
    """Answers that obey the documents give no row, however they look."""
    report = checked(CLEAN[name])
    assert [str(row.violation) for row in report.rows] == []
    assert sum(report.judged.values()) == len(CLEAN[name])


@pytest.mark.parametrize("became", [{"status": 0}, {"unread": "body not recorded"}])
def test_more_whose_answer_is_not_known_begins_a_new_row(became: dict[str, Any]) -> None:
    """A `more` that was sent may have been done, whether or not its answer came or was recorded."""
    more = exchange(f"{JOBS['clado']}/j/more", {}, method="POST", number=1, **became)
    report = checked([clado(status("completed")), more, clado(status("searching"), number=2)])
    assert (report.rows, report.judged) == ([], {"clado status": 2})


@pytest.mark.parametrize("name", NAMES)
def test_bundled_scenario_gives_no_false_alarm(name: str, mock: Mock, catalogue: Catalogue) -> None:
    """A bundled scenario is clean, unless a step says that it breaks the contract: then the check says how."""
    report = checked(list(played(mock, name)))
    assert sum(report.judged.values()) > 3
    assert rules(report) == BREAKING.get(name, set()), [str(row.violation) for row in report.rows]
    assert (name in BREAKING) == violates(name, catalogue)
