"""In which time a client lives: no rule says a false word on any clock."""

from __future__ import annotations

from itertools import accumulate
from typing import Any

import pytest
from tests.etiquette.journals import Row, poll, start, verdict

from jobmock.etiquette.clock_table import CLOCKS, TIMES

UNSEEN = "No pause of the client shows on the manual clock or in real time, so its waits aren't known."


def both(*pauses: tuple[float, float], said: str | int = "pending", **more: Any) -> list[Row]:
    """A start and requests with these pauses, each by the mock's clock and by the real one."""
    clock, real = (list(accumulate(times, initial=5.0)) for times in zip(*pauses, strict=True))
    rows = [poll(at, said, arrived=arrived, **more) for at, arrived in zip(clock, real, strict=True)]
    return [start(0, arrived=0), *rows]


def rules(rows: list[Row], time: str, **more: Any) -> set[str]:
    return {finding.rule for finding in verdict(*rows, time=time, **more).findings}


@pytest.mark.parametrize(
    ("time", "pause"),
    [
        ("manual", (0, 2)), ("manual", (2, 0)), ("manual", (2, 0.001)), ("manual", (60, 2)),
        ("scaled", (2000, 2)), ("scaled", (2, 0.002)), ("scaled", (1, 2)), ("skip-delays", (2, 2)), ("real", (2, 2)),
        ("virtual", (2, 0.0001)),
    ],
)  # fmt: skip
def test_pauses_of_two_seconds_are_never_too_short(time: str, pause: tuple[float, float]) -> None:
    """A pause counts if it is long enough on the clock or in real time, wherever the client may sleep."""
    assert rules(both(*[pause] * 50), time) == set()
    failing = both(*[pause] * 50, said=503)
    assert rules(failing, time) == set()


@pytest.mark.parametrize(
    ("time", "pause"),
    [
        ("manual", (0.01, 0.001)), ("scaled", (0.4, 0.1)), ("scaled", (0.01, 0.02)), ("skip-delays", (0.01, 0.01)),
        ("real", (0.01, 0.01)), ("virtual", (0, 0.3)), ("virtual", (0.01, 5)),
    ],
)  # fmt: skip
def test_pauses_that_are_short_on_both_clocks(time: str, pause: tuple[float, float]) -> None:
    """Polls without a pause are found on every clock where that can be known."""
    assert rules(both(*[pause] * 50), time) == {"polled-too-fast"}
    failing = both(*[pause] * 50, said=503)
    assert rules(failing, time) == {"no-back-off"}


def waits(clock: float, real: float, *, wanted: float = 10, between: tuple[float, float] = (5, 5)) -> list[Row]:
    """Polls with one wait after a Retry-After of some seconds."""
    rows = both(between, between, (clock, real), between)
    rows[3] |= {"status": 429, "state": None, "retry": rows[3]["at"] + wanted}
    return rows


@pytest.mark.parametrize(
    ("time", "rows", "seen"),
    [
        ("manual", waits(0, 10, between=(0, 5)), False),
        ("manual", waits(10, 0, between=(5, 0)), False),
        ("manual", waits(0, 3, between=(0, 5)), True),
        ("manual", waits(3, 0, between=(5, 0)), True),
        ("manual", waits(0, 0, between=(0, 0)), False),
        ("manual", waits(900, 3, between=(0, 5)), False),
        ("scaled", waits(40, 10, between=(20, 5)), False),
        ("scaled", waits(37.2, 9.3, between=(20, 5)), True),
        ("scaled", waits(1.2, 0.3, wanted=1, between=(20, 5)), True),
        ("scaled", waits(10, 2.5, between=(5, 1.25)), True),
        ("scaled", waits(10, 0.1, between=(5, 0.05)), False),
        ("scaled", waits(11.5, 0.115, between=(5, 0.05)), False),
        ("scaled", waits(5, 10, between=(2.5, 5)), False),
        ("skip-delays", waits(9, 9), True),
        ("real", waits(10, 10), False),
        ("real", waits(9.9, 9.9), True),
        ("virtual", waits(9.999, 99), True),
    ],
)
def test_retry_after(time: str, rows: list[Row], seen: bool) -> None:
    """Retry-After counts in the time in which the client lives, which its other pauses show."""
    assert rules(rows, time) == ({"retry-after-ignored"} if seen else set())


@pytest.mark.parametrize(
    ("time", "pause", "seen"),
    [
        ("virtual", (3600, 0), True), ("real", (3600, 3600), True), ("manual", (3600, 0.001), True),
        ("manual", (3600, 5), False), ("scaled", (3600, 3.6), False), ("scaled", (3600, 36), False),
        ("scaled", (1800, 3600), True),
    ],
)  # fmt: skip
def test_a_day_of_polling(time: str, pause: tuple[float, float], seen: bool) -> None:
    """A clock that is faster than the client makes no day of an hour."""
    assert rules(both(*[pause] * 30), time) == ({"no-deadline"} if seen else set())


@pytest.mark.parametrize(
    ("time", "pauses", "seen"),
    [
        ("manual", [(0, 5)] * 200, False),
        ("manual", [(0, 5)] * 20, True),
        ("manual", [(0, 0)] * 20, False),
        ("manual", [(0, 0)], True),
        ("manual", [(5, 0)] * 60 + [(0, 20)] * 35, False),
        ("manual", [(5, 0)] * 60 + [(0, 20)] * 10, True),
        ("scaled", [(300, 5)] * 4, False),
        ("scaled", [(20, 0.2)] * 4, True),
        ("virtual", [(5, 100)] * 20, True),
    ],
)
def test_gave_up_early(time: str, pauses: list[tuple[float, float]], seen: bool) -> None:
    """How long a client waited counts by the clock that says more, or by both if the clock is manual.

    Where no wait is seen, only few polls are judged.
    """
    rows = both(*pauses)
    assert rules(rows, time, outcome="raised") == ({"gave-up-early"} if seen else set())


def test_waits_that_are_not_seen_are_not_judged() -> None:
    """A client whose sleep does nothing, beside a clock that stands still, may have meant to wait for any time."""
    rows = both(*[(0, 0.002)] * 50)
    found = verdict(*rows, time="manual", outcome="raised")
    assert found.findings == ()
    waiting = [rule for rule in CLOCKS if rule != "gave-up-early"]
    assert found.not_judged == dict.fromkeys([*waiting, "gave-up-early"], UNSEEN)
    assert verdict(start(0), poll(0, "pending"), time="manual", outcome="raised").not_judged == {}


def test_every_mode_has_a_column() -> None:
    """The table says of each rule about waiting what happens in each mode."""
    assert all(len(row) == len(TIMES) for row in CLOCKS.values())
