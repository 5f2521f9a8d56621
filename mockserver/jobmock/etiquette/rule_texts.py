"""The text of a rule, as `jobmock rules` prints it and the documents have it."""

from __future__ import annotations

from .clock_table import CLOCKS, TIMES
from .rule import Rule

_NEEDS = {
    "journal": "the requests alone",
    "outcome": "the requests, and whether the call returned or raised",
    "value": "the requests, and the value that the call returned",
}


def described(rule: Rule) -> list[tuple[str, str]]:
    """Return what is said of a rule: pairs of a heading and a text."""
    return [
        ("What the client does", rule.summary),
        ("Found when", rule.evidence),
        ("What to do instead", rule.remedy),
        ("Example", rule.example),
        ("Judged by", f"{_NEEDS[rule.needs]}; {_clocks(rule)}."),
        ("Source", f"{rule.source}."),
    ]


def _clocks(rule: Rule) -> str:
    """Return on which clocks a rule is judged."""
    if rule.id not in CLOCKS:
        return "on every clock"
    judged = (f"{time}: {how}" for time, how in zip(TIMES, CLOCKS[rule.id], strict=True))
    return f"on the clocks {', '.join(judged)}"
