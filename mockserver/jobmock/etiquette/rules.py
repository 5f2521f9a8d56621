"""The check of each rule, by the rule's id. `declared_rules` has the texts of the same rules."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from . import outcome_rules, page_rules, polling_rules, start_rules, url_rules, value_rules, waiting_rules
from .evidence import Evidence
from .history import History

RuleCheck = Callable[[History], Iterator[Evidence]]

JOURNAL_RULES: Mapping[str, RuleCheck] = {
    "retry-after-ignored": waiting_rules.retry_after_ignored,
    "no-back-off": waiting_rules.no_back_off,
    "polls-after-refusal": polling_rules.polls_after_refusal,
    "started-twice": start_rules.started_twice,
    "started-over": start_rules.started_over,
    "unknown-route": url_rules.unknown_route,
    "key-in-url": url_rules.key_in_url,
}
"""Rules about the whole journal."""

JOB_RULES: Mapping[str, RuleCheck] = {
    "polled-after-end": polling_rules.polled_after_end,
    "polled-too-fast": polling_rules.polled_too_fast,
    "no-deadline": polling_rules.no_deadline,
    "page-missed": page_rules.page_missed,
    "page-repeated": page_rules.page_repeated,
    "page-past-end": page_rules.page_past_end,
    "page-size-changed": page_rules.page_size_changed,
}
"""Rules about each job by itself."""

OUTCOME_RULES: Mapping[str, RuleCheck] = {
    "gave-up-early": outcome_rules.gave_up_early,
    "unknown-status-as-result": outcome_rules.unknown_status_as_result,
    "error-as-result": outcome_rules.error_as_result,
    "result-raised-as-error": outcome_rules.result_raised_as_error,
    "result-unread": outcome_rules.result_unread,
    "failure-as-nothing": value_rules.failure_as_nothing,
    "result-as-nothing": value_rules.result_as_nothing,
    "wrong-status": value_rules.wrong_status,
    "wrong-count": value_rules.wrong_count,
    "twice": value_rules.twice,
    "partial-as-whole": value_rules.partial_as_whole,
}
"""Rules about the job whose call ended, which need the call's outcome, or the value that it returned."""
