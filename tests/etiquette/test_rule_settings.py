"""What a test may choose of the rules."""

from __future__ import annotations

from typing import Any

import pytest
from tests.etiquette.journals import page, poll, start, verdict

from jobmock.clock import SECOND
from jobmock.errors import UsageError
from jobmock.etiquette import RULES, RuleSettings


def test_without_a_choice() -> None:
    """The shortest interval is a second, the deadline that of the API, and each rule counts as the table says."""
    settings = RuleSettings()
    assert (settings.min_interval, settings.deadline) == (SECOND, None)
    assert {rule: settings.severity(rule) for rule in RULES} == {rule.id: rule.severity for rule in RULES.values()}


@pytest.mark.parametrize(
    ("severity", "expected"),
    [("error", [("page-repeated", "error")]), ("warning", [("page-repeated", "warning")]), ("off", [])],
)
def test_severities(severity: str, expected: list[tuple[str, str]]) -> None:
    """A rule may count more or less than usual, or not at all."""
    rows = [page(5, 1, last=2), page(6, 2, last=2), page(7, 2, last=2)]
    findings = verdict(*rows, settings=RuleSettings(severities={"page-repeated": severity})).findings
    assert [(finding.rule, finding.severity) for finding in findings] == expected


def test_a_rule_that_is_off_is_not_missed() -> None:
    """Without an outcome, a rule that needs it is named as not judged, unless it is off."""
    rows = [start(0), poll(5, "pending")]
    every = [rule.id for rule in RULES.values() if rule.needs != "journal"]
    assert list(verdict(*rows).not_judged) == every
    assert list(verdict(*rows, settings=RuleSettings(severities={"gave-up-early": "off"})).not_judged) == every[1:]
    assert verdict(*rows, outcome="raised").not_judged == {}
    of_value = [rule.id for rule in RULES.values() if rule.needs == "value"]
    assert list(verdict(*rows, outcome="returned").not_judged) == of_value


@pytest.mark.parametrize(
    ("choice", "message"),
    [
        ({"severities": {"page-misst": "off"}}, r"no rule 'page-misst'\. Allowed: polled-.*'page-missed'\?$"),
        ({"severities": {"page-missed": "of"}}, r"page-missed is 'of'\. Allowed: error, warning, off\. .*'off'\?$"),
        ({"min_interval": -SECOND}, r"'min_interval' is -1 s\. Allowed: 0 or more\."),
        ({"deadline": -SECOND // 2}, r"'deadline' is -0\.5 s\. Allowed: 0 or more\."),
    ],
)
def test_wrong_choices(choice: dict[str, Any], message: str) -> None:
    """A choice that can't be says what is allowed, and the nearest name."""
    with pytest.raises(UsageError, match=message):
        RuleSettings(**choice)
