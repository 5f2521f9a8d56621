"""The table of rules, and the functions behind it."""

from __future__ import annotations

import re

import pytest

from jobmock import apis
from jobmock.dialect.api import Api
from jobmock.etiquette import EXPLAINED, RULES, Rule
from jobmock.etiquette.rule_texts import sources
from jobmock.etiquette.rules import JOB_RULES, JOURNAL_RULES, OUTCOME_RULES
from jobmock.etiquette.thresholds import THRESHOLDS


def test_every_rule_has_one_check() -> None:
    """Each rule of the table has one function, and each function a rule."""
    checked = [*JOURNAL_RULES, *JOB_RULES, *OUTCOME_RULES]
    assert sorted(checked) == sorted(RULES)
    assert len(checked) == len(set(checked)) == 25


@pytest.mark.parametrize("rule", EXPLAINED.values(), ids=list(EXPLAINED))
def test_a_rule_says_what_is_wrong_and_what_is_right(rule: Rule) -> None:
    """An id is in kebab-case; what is said of it is one line each, in whole sentences."""
    assert EXPLAINED[rule.id] is rule and re.fullmatch(r"[a-z]+(-[a-z]+)*", rule.id)
    assert rule.severity in ("error", "warning") and sources(rule.id, rule.source, apis.all_apis())
    for text in (rule.summary, rule.evidence, rule.remedy, rule.example):
        assert (text[0].isupper() or text[0] == "`") and text.endswith(".") and "\n" not in text


@pytest.mark.parametrize("name", THRESHOLDS)
def test_a_threshold_says_where_it_comes_from(name: str) -> None:
    """A threshold has a source of its own, or an API has a sighting of it."""
    assert sources(name, THRESHOLDS[name].source, apis.all_apis())


@pytest.mark.parametrize("api", apis.all_apis(), ids=apis.names())
def test_a_sighting_is_of_a_rule_or_a_threshold(api: Api) -> None:
    """What an API has seen is printed: each of its sightings has the name of a rule or of a threshold."""
    assert {*api.sightings} <= {*EXPLAINED, *THRESHOLDS}


def test_what_costs_but_a_request_is_a_warning() -> None:
    """Six rules warn by default; the others are errors."""
    warnings = {
        "page-repeated", "page-past-end", "result-unread", "failure-as-nothing", "result-as-nothing",
        "partial-as-whole",
    }  # fmt: skip
    assert {rule.id for rule in RULES.values() if rule.severity == "warning"} == warnings
