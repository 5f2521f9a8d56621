"""The table of rules, and the functions behind it."""

from __future__ import annotations

import re

import pytest

from jobmock.etiquette import EXPLAINED, RULES, Rule
from jobmock.etiquette.rules import JOB_RULES, JOURNAL_RULES, OUTCOME_RULES


def test_every_rule_has_one_check() -> None:
    """Each rule of the table has one function, and each function a rule."""
    checked = [*JOURNAL_RULES, *JOB_RULES, *OUTCOME_RULES]
    assert sorted(checked) == sorted(RULES)
    assert len(checked) == len(set(checked)) == 24


@pytest.mark.parametrize("rule", EXPLAINED.values(), ids=list(EXPLAINED))
def test_a_rule_says_what_is_wrong_and_what_is_right(rule: Rule) -> None:
    """An id is in kebab-case; what is said of it is one line each, in whole sentences."""
    assert EXPLAINED[rule.id] is rule and re.fullmatch(r"[a-z]+(-[a-z]+)*", rule.id)
    assert rule.severity in ("error", "warning") and rule.source
    for text in (rule.summary, rule.evidence, rule.remedy, rule.example):
        assert (text[0].isupper() or text[0] == "`") and text.endswith(".") and "\n" not in text


def test_what_costs_but_a_request_is_a_warning() -> None:
    """Five rules warn by default; the others are errors."""
    warnings = {"page-repeated", "page-past-end", "failure-as-nothing", "result-as-nothing", "partial-as-whole"}
    assert {rule.id for rule in RULES.values() if rule.severity == "warning"} == warnings
