"""The text of a rule, as `jobmock rules` prints it and the documents have it."""

from __future__ import annotations

from collections.abc import Iterable

from ..dialect.api import Api
from .clock_table import CLOCKS, ONE_TIME, TIMES
from .rule import Rule
from .thresholds import THRESHOLDS, value_text

_NEEDS = {
    "journal": "the requests alone",
    "outcome": "the requests, and whether the call returned or raised",
    "run": "how the run of the client ended, in `assert_client_survives` and `jobmock exhaust`",
    "value": "the requests, and the value that the call returned",
}


def described(rule: Rule, apis: Iterable[Api]) -> list[tuple[str, str]]:
    """Return what is said of a rule: pairs of a heading and a text. Its source has the sightings of these APIs too."""
    return [
        ("What the client does", rule.summary),
        ("Found when", rule.evidence),
        *_thresholds(rule),
        ("What to do instead", rule.remedy),
        ("Example", rule.example),
        ("Judged by", f"{_NEEDS[rule.needs]}; {_clocks(rule)}."),
        ("Source", f"{sources(rule.id, rule.source, apis)}."),
    ]


def sources(name: str, own: str, apis: Iterable[Api]) -> str:
    """Return the source of a rule or a threshold: its own one, and the sightings of these APIs."""
    return "; ".join(filter(None, (own, *(api.sightings.get(name) for api in apis))))


def _thresholds(rule: Rule) -> list[tuple[str, str]]:
    """Return the values of the thresholds that the text of a rule names."""
    named = [name for name in THRESHOLDS if f"`{name}`" in rule.evidence]
    texts = (f"`{name}` is {value_text(THRESHOLDS[name].value)} ({THRESHOLDS[name].unit})" for name in named)
    return [("Thresholds", f"{'; '.join(texts)}.")] if named else []


def _clocks(rule: Rule) -> str:
    """Return on which clocks a rule is judged, and how where that isn't simple."""
    judged = zip(TIMES, CLOCKS.get(rule.id, ()), strict=False)
    special = "; ".join(f"{time}: {how}" for time, how in judged if how != ONE_TIME)
    return f"on every clock ({special})" if special else "on every clock"
