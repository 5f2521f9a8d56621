"""Every threshold of the rules, in one table: its value, why it is that, and a client that exceeds it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple


class Threshold(NamedTuple):
    """One threshold. A `unit` of `min_interval` means that the numbers of seconds are for the default of 1 second.

    `source` is empty where only documents or clients of single APIs say it, as for `Rule`.
    """

    value: Any
    unit: str
    reason: str
    source: str
    example: str


THRESHOLDS: Mapping[str, Threshold] = {
    "min_interval": Threshold(
        1.0, "seconds",
        "The documents suggest some seconds between two polls. No correct client polls more often than every second.",
        "", "a client that polls every 0.3 s",
    ),
    "poll_rows": Threshold(
        {4: 0.2, 8: 1.0, 12: 3.0, 20: 8.0, 40: 36.0}, "pauses: seconds together, × min_interval",
        "Jitter and a quick beginning make single pauses short, but never a long row of them.",
        "generated clients with full jitter", "5 polls in 0.04 s; 41 polls at 0.5 s",
    ),
    "failure_rows": Threshold(
        {2: 0.001, 3: 0.03, 4: 0.1, 6: 0.6, 8: 2.0, 10: 5.0, 20: 20.0, 30: 35.0, 40: 60.0, 60: 125.0},
        "waits: seconds together, × min_interval",
        "An exponential back-off with full or decorrelated jitter, from 0.5 s to 10 s or more, stays above them in all"
        " but a few cases of 100,000.",
        "generated clients with jitter",
        "3 errors without a wait; 11 errors with 0 to 0.5 s between them; 61 errors with 2 s between them",
    ),
    "starts_in_a_row": Threshold(
        20, "failures",
        "A program that starts some jobs at once can't know that the first one fails. One that goes on doesn't look.",
        "40 refused starts at once, seen in the field", "40 starts, each answered 503, one after another",
    ),
    "end_repeats": Threshold(
        3, "requests",
        "One more read after the end collects the results, and a second one may be that of another worker.",
        "correct clients with a function to wait and one to collect", "3 polls after `completed`",
    ),
    "visit_pause": Threshold(
        60.0, "seconds, × min_interval",
        "A person who reloads a page, or a job that is looked up later, comes after a pause much longer than the"
        " client's own, and no sooner than this.",
        "a page that is refreshed a minute after the end", "a poll 5 s after the end, and again, and again",
    ),
    "visit_growth": Threshold(
        4, "times the longest pause before",
        "A back-off makes the next pause two or three times as long. A longer one is another visit.",
        "a job that is looked up 25 hours later", "a client that polls every minute for 25 hours",
    ),
    "deadline": Threshold(
        86_400.0, "seconds",
        "The longest documented job takes 25 minutes.",
        "", "a loop without an end",
    ),
    "refusals": Threshold(
        {"any": 3, "404": 8}, "requests in a row",
        "A second try may be one too many, but harmless. A 404 may mean that the job isn't visible yet.",
        "", "4 polls, each answered 403",
    ),
    "starts_over": Threshold(
        {"left": 3, "failed": 6, "not asked": 20}, "jobs in a row",
        "One or two new starts after a failure may be meant. A job that wasn't asked about may belong to a program"
        " that only submits.",
        "a client that started anew until its credits were gone", "start, poll, 503; start, poll, 503; …",
    ),
    "end_of_call": Threshold(
        {"least": 60.0, "times": 2}, "seconds, × min_interval; times the longest pause",
        "After its last request a client may still have waited, as long as its pauses or its timeout are.",
        "the verdict may be asked for much later than the call's end", "a call that ends 100 s after the start",
    ),
    "unseen_polls": Threshold(
        3, "polls",
        "Where the waits can't be seen, so few polls can't have lasted as long as a job may.",
        "clients whose sleep was replaced by a function that does nothing", "a client that raises at its first 503",
    ),
    "worker_pause": Threshold(
        4.0, "seconds",
        "A client that keeps its connection open uses it again within this time. If another one comes, it belongs to"
        " another worker. The usual pool closes an idle connection after 5 s.",
        "httpx: keepalive_expiry", "-",
    ),
    "workers": Threshold(
        8, "workers of a job",
        "If no connection tells workers apart, so many that each see the end once may have polled a job.",
        "programs that open a connection for each request", "-",
    ),
    "scaled_sleep": Threshold(
        {"times": 1.2, "plus": 0.25}, "× the scaled Retry-After, plus real seconds",
        "Where a test scales the sleeps of its client too, a wait after Retry-After fits on the mock's clock.",
        "tests that replace sleep by a shorter one", "-",
    ),
}  # fmt: skip


def value_text(value: Any) -> str:
    """Return the value of a threshold as text: a mapping as pairs."""
    if isinstance(value, dict):
        return ", ".join(f"{key}: {number:g}" for key, number in value.items())
    return f"{value:g}"
