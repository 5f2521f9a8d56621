"""Every planted change is reported once, with its kind, and nothing else is."""

from __future__ import annotations

import pytest
from tests.support import Mock

from jobmock.catalogue import Catalogue
from jobmock.checking.check import Check
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
    """A change is one row with its kind, its rule, its pointer without indexes, and its count."""
    drift = DRIFTS[name]
    row = only(checked(drift.exchanges))
    found = row.violation
    assert (found.kind, found.rule, found.pointer, row.count) == (drift.kind, drift.rule, drift.pointer, drift.times)


def test_every_rule_is_planted() -> None:
    """There are at least thirty planted changes, and one or more for each rule."""
    assert len(DRIFTS) >= 30
    assert {drift.rule for drift in DRIFTS.values()} == set(RULES)


@pytest.mark.parametrize("name", CLEAN)
def test_answers_without_a_change_give_no_row(name: str) -> None:
    """Answers that obey the documents give no row."""
    report = checked(CLEAN[name])
    assert [str(row.violation) for row in report.rows] == []
    assert sum(report.judged.values()) == len(CLEAN[name])


@pytest.mark.parametrize("name", NAMES)
def test_bundled_scenario_has_only_declared_violations(name: str, mock: Mock, catalogue: Catalogue) -> None:
    """A bundled scenario has violations only if one of its steps declares them."""
    report = checked(list(played(mock, name)))
    assert sum(report.judged.values()) > 3
    assert rules(report) == BREAKING.get(name, set()), [str(row.violation) for row in report.rows]
    assert (name in BREAKING) == violates(name, catalogue)


def test_other_requests_are_left_out() -> None:
    """Other requests are counted by method and first part of the path: the rest may be personal data."""
    check = Check("orbit")
    foreign = [exchange(path, {}) for path in ("/people/jane.doe@example.org/lk_secret12345", "/jane@example.org", "/")]
    with_a_key = exchange("/sk_orb_secret12345", {}, method="Jane Doe")
    for one in (clado(status("pending")), *foreign, with_a_key, clado({}, method="PUT")):
        check.judge(one)
    report = check.report()
    assert (report.rows, report.judged) == ([], {})
    assert dict(report.left_out) == {
        "GET /api/…": 1, "GET /people/…": 1, "GET /*": 1, "GET /": 1, "* /*": 1, "PUT /api/…": 1,
    }  # fmt: skip


@pytest.mark.parametrize(("code", "why"), [(0, "not answered"), (304, "not modified")])
def test_answers_without_a_body_of_their_own_are_left_out(code: int, why: str) -> None:
    """Answers with status 0 (none came) or 304 (the client has the body) are left out with the reason."""
    check = Check()
    check.judge(clado(b"", status=code))
    report = check.report()
    assert (dict(report.left_out), report.rows) == ({f"GET /api/search/deep_research/{{job}}, {why}": 1}, [])
