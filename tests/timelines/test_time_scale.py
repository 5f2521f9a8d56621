"""The axis of time: places in percent, and round times."""

from __future__ import annotations

import pytest

from jobmock.clock import SECOND
from jobmock.timelines.exchange_words import moment_text
from jobmock.timelines.time_scale import COLUMNS, TimeScale, percent


@pytest.mark.parametrize(
    ("length", "texts"),
    [
        (0.004, ["0 s", "+1 ms", "+2 ms", "+3 ms", "+4 ms"]),
        (1, ["0 s", "+200 ms", "+400 ms", "+600 ms", "+800 ms", "+1 s"]),
        (47, ["0 s", "+10 s", "+20 s", "+30 s", "+40 s"]),
        (900, ["0 s", "+5 min", "+10 min", "+15 min"]),
        (259_200, ["0 s", "+24 h", "+48 h", "+72 h"]),
    ],
)
def test_ticks(length: float, texts: list[str]) -> None:
    """An axis of any length has at most six round times."""
    scale = TimeScale(7, 7 + round(length * SECOND), 7)
    assert [moment_text(moment, 7) for moment in scale.ticks()] == texts


def test_ticks_are_round_from_zero_on() -> None:
    """An axis that begins later has the same round times."""
    scale = TimeScale(13 * SECOND, 52 * SECOND, 0)
    assert [moment_text(moment, 0) for moment in scale.ticks()] == ["+20 s", "+30 s", "+40 s", "+50 s"]
    assert moment_text(-SECOND, 0) == "−1 s"


def test_places() -> None:
    """A moment is at its share of the width, and one outside at the nearer end."""
    scale = TimeScale(100, 300, 0)
    assert [scale.column(moment) for moment in (0, 100, 150, 300, 999)] == [0, 0, COLUMNS // 4, COLUMNS, COLUMNS]
    assert (percent(0), percent(COLUMNS / 3), percent(COLUMNS)) == ("0%", "33.33%", "100%")
    assert TimeScale(5, 5, 5).column(5) == 0
