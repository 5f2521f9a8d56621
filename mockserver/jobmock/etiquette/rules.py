"""The table of the rules: id, severity, summary and remedy of each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One rule. `severity` is `error` or `warning`; `remedy` is what to do instead."""

    id: str
    severity: str
    summary: str
    remedy: str


_TABLE = (
    Rule(
        id="polled-after-end", severity="error",
        summary="A job is polled although its end was told.",
        remedy="Stop at every terminal status, also at failed and cancelled jobs.",
    ),
    Rule(
        id="polled-too-fast", severity="error",
        summary="A job at work is polled again at once.",
        remedy="Wait some seconds between two polls.",
    ),
    Rule(
        id="retry-after-ignored", severity="error",
        summary="A request is repeated before the time that Retry-After gives.",
        remedy="Wait as long as Retry-After says, on 429 and 503 alike.",
    ),
    Rule(
        id="no-back-off", severity="error",
        summary="After error upon error the client doesn't wait longer.",
        remedy="Wait longer after each error in a row, for example twice as long.",
    ),
    Rule(
        id="no-deadline", severity="error",
        summary="A job that doesn't end is polled for a day and more.",
        remedy="Give the wait a deadline, somewhat longer than the documented duration.",
    ),
    Rule(
        id="refusal-not-heeded", severity="error",
        summary="An unknown or forbidden job is polled on and on.",
        remedy="Stop at a refusal that asking again can't change, such as 401, 403 or 404.",
    ),
    Rule(
        id="started-twice", severity="error",
        summary="A start whose answer didn't come is sent again without protection: done and charged twice.",
        remedy="Repeat such a start with the same idempotency key, or, where there is none, not at all.",
    ),
    Rule(
        id="page-missed", severity="error",
        summary="The page walk leaves pages out.",
        remedy="Read every page until one says that none follows; an empty page is no end.",
    ),
    Rule(
        id="page-repeated", severity="warning",
        summary="A page is read twice.",
        remedy="Count the pages up, and read each one once.",
    ),
    Rule(
        id="page-past-end", severity="warning",
        summary="A page is read that doesn't exist.",
        remedy="Stop at the page that says that none follows.",
    ),
    Rule(
        id="page-size-changed", severity="error",
        summary="The size of pages changes in the middle of the walk, so that people are lost or come twice.",
        remedy="Keep the page size, or begin again at page 1.",
    ),
    Rule(
        id="key-in-url", severity="error",
        summary="An API key is part of a URL, where logs keep it.",
        remedy="Send the key in the Authorization header alone.",
    ),
    Rule(
        id="gave-up-early", severity="error",
        summary="The client leaves a job that may well be at work.",
        remedy="Go on polling, through errors that pass, until a terminal status or your deadline.",
    ),
    Rule(
        id="unknown-status-as-result", severity="error",
        summary="A status that no document has is returned as if the job had finished.",
        remedy="Go on polling, or raise: only the documented terminal statuses are an end.",
    ),
    Rule(
        id="error-as-result", severity="error",
        summary="An error's answer is returned as a result.",
        remedy="Look at the HTTP status before the body.",
    ),
    Rule(
        id="result-as-failure", severity="error",
        summary="The result had come, and the client raised all the same.",
        remedy="Look at the last answer first, and at the deadline then.",
    ),
)  # fmt: skip

RULES: Mapping[str, Rule] = {rule.id: rule for rule in _TABLE}
"""Every rule by its id."""
