"""Each request has one of four outcomes."""

from __future__ import annotations

import pytest
from tests.etiquette.journals import journal, poll

from jobmock.timelines.outcomes import OUTCOMES, outcome_of


@pytest.mark.parametrize(
    ("said", "fault", "is_lost", "outcome"),
    [
        ("pending", None, False, "answered"),
        ("pending", "delay", False, "answered"),
        ("pending", "drip", False, "answered"),
        ("pending", "delay", True, "lost"),
        (429, None, False, "refused"),
        (503, "respond 503", False, "refused"),
        (404, None, False, "refused"),
        (503, "respond 503", True, "lost"),
        ("pending", "disconnect reset", True, "broken"),
        ("pending", "disconnect mid_body", True, "broken"),
        ("pending", "corrupt short_body", True, "broken"),
        ("pending", "corrupt truncated_json", True, "broken"),
        ("pending", "hang", True, "broken"),
    ],
)
def test_outcome(said: str | int, fault: str | None, is_lost: bool, outcome: str) -> None:
    """A fault that spoils the answer breaks it, another one that no client received is lost, an error is refused."""
    (exchange,) = journal(poll(1, said, fault=fault))
    assert outcome_of(exchange, is_lost) == outcome
    assert outcome in OUTCOMES
