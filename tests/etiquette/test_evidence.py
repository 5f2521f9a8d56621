"""Numbers in evidence never contradict the sentence that they are in."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.etiquette.journals import poll, start, verdict

from jobmock.clock import SECOND
from jobmock.etiquette.evidence import compared_texts, seconds_text


def numbers(text: str) -> list[float]:
    """Return the numbers of seconds in a text."""
    return [float(number) for number in re.findall(r"([0-9.]+) s\b", text)]


@given(st.integers(0, 10**14), st.integers(1, 10**12))
def test_the_shorter_time_reads_as_shorter(shorter: int, more: int) -> None:
    """Of two different durations the first one has the smaller number, with no more digits than that needs."""
    texts = compared_texts(shorter, shorter + more)
    first, second = map(float, (text.removesuffix(" s") for text in texts))
    assert first < second
    assert abs(first - shorter / SECOND) <= 0.0005 and abs(second - (shorter + more) / SECOND) <= 0.0005


@given(st.integers(0, 10**14))
def test_only_zero_reads_as_zero(duration: int) -> None:
    """A duration of a few nanoseconds isn't written as 0 s, and none has an exponent."""
    assert (float(seconds_text(duration).removesuffix(" s")) == 0) == (duration == 0)
    assert re.fullmatch(r"[0-9]+(\.[0-9]+)? s", seconds_text(duration))


@pytest.mark.parametrize("short", [0.1, 0.001, 0.0004, 1e-6])
@pytest.mark.parametrize("held", [0, 10])
def test_a_retry_after_that_is_missed_narrowly(short: float, held: float) -> None:
    """A client that comes a little early is said to come after less time than Retry-After says, also after a delay."""
    limited: dict[str, Any] = {"retry": 12 + held, **({"held": held} if held else {})}
    (finding,) = verdict(start(-1), poll(0, 429, **limited), poll(12 + held - short, "completed")).findings
    came, wanted = numbers(finding.evidence)
    assert came < wanted == 12


@pytest.mark.parametrize("short", [1e-3, 1e-4, 1e-6])
def test_polls_that_are_too_fast_by_a_hair(short: float) -> None:
    """A row of polls that is shorter than it should be by a millisecond or less reads as shorter."""
    polls = [poll(number * (0.05 - short / 4), "pending") for number in range(5)]
    (finding,) = verdict(start(-1), *polls, poll(9, "completed")).findings
    taken, least = numbers(finding.evidence)
    assert taken < least


@pytest.mark.parametrize("short", [1e-3, 1e-4, 1e-6])
def test_a_call_that_ends_too_early_by_a_hair(short: float) -> None:
    """A call that ends right before a job may have ended reads as shorter."""
    rows = start(0), *(poll(at, "pending") for at in range(5, 900, 5)), poll(900 - short, 500)
    (finding,) = verdict(*rows, outcome="raised", now=900 - short).findings
    passed, longest = numbers(finding.evidence)
    assert finding.rule == "gave-up-early" and passed < longest == 900


@pytest.mark.parametrize("wait", [0.0004, 0.0099, 0.00999])
def test_waits_of_a_failing_server(wait: float) -> None:
    """The sum of short waits reads as less than what is enough, and none of them as 0."""
    polls = [poll(number * wait, 503) for number in range(4)]
    (finding,) = verdict(start(-1), *polls, poll(9, "completed")).findings
    *waits, together, enough = numbers(finding.evidence)
    assert 0 not in waits and together < enough
