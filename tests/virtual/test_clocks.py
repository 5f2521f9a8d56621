"""Every way to sleep and to read a clock, for the client's thread and for others."""

from __future__ import annotations

import datetime
import sys
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path
from time import sleep
from typing import Any

import pytest
from tests.support import EPOCH
from tests.virtual.conftest import Elsewhere, Env, really

from jobmock.clock import SECOND

MONOTONIC: dict[str, Callable[[], float]] = {
    "monotonic": lambda: time.monotonic(),
    "monotonic_ns": lambda: time.monotonic_ns() / SECOND,
    "perf_counter": lambda: time.perf_counter(),
    "perf_counter_ns": lambda: time.perf_counter_ns() / SECOND,
}
WALL: dict[str, Callable[[], float]] = {
    "time": lambda: time.time(),
    "time_ns": lambda: time.time_ns() / SECOND,
    "now": lambda: datetime.datetime.now(datetime.UTC).timestamp(),
    "local now": lambda: datetime.datetime.now().timestamp(),
    "utcnow": lambda: datetime.datetime.utcnow().replace(tzinfo=datetime.UTC).timestamp(),
}


@pytest.mark.parametrize("seconds", [5, 0.1, 1.1, 0.7, 3600, 86_400])
@pytest.mark.parametrize("name", ["time.sleep", "sleep"])
def test_a_sleep_takes_its_length_exactly(still: Env, name: str, seconds: float) -> None:
    """time.sleep, under whatever name, moves the clock by its length to the nanosecond."""
    {"time.sleep": time.sleep, "sleep": sleep}[name](seconds)
    assert still.clock.elapsed == round(seconds * SECOND)


@pytest.mark.parametrize("reading", MONOTONIC.values(), ids=MONOTONIC)
def test_monotonic_clocks_move_with_sleeps(still: Env, reading: Callable[[], float]) -> None:
    """A monotonic clock grows by what was slept, and by nothing while the client works."""
    before = reading()
    time.sleep(5)
    assert reading() - before == 5
    time.sleep(0.25)
    assert reading() == before + 5.25 == reading()


@pytest.mark.filterwarnings("ignore:datetime.datetime.utcnow:DeprecationWarning")
@pytest.mark.parametrize("reading", WALL.values(), ids=WALL)
def test_wall_clocks_tell_the_namespaces_time(still: Env, reading: Callable[[], float]) -> None:
    """A wall clock tells the namespace's reading, and moves with sleeps."""
    assert reading() == EPOCH / SECOND
    time.sleep(90)
    assert reading() == EPOCH / SECOND + 90


def test_today(still: Env) -> None:
    """date.today follows over midnight."""
    assert date.today() == date(2026, 1, 1)
    time.sleep(86_400)
    assert date.today() == date(2026, 1, 2)


def test_no_time_passes_for_a_yield(still: Env) -> None:
    """time.sleep(0) yields, and takes no time; a negative sleep is the error that it always is."""
    time.sleep(0)
    assert still.clock.elapsed == 0
    with pytest.raises(ValueError, match="non-negative"):
        time.sleep(-1)


def test_a_number_of_another_kind(still: Env) -> None:
    """What stands for a whole number, and is none itself, is slept for."""

    class Seven:
        def __index__(self) -> int:
            return 7

    time.sleep(Seven())
    assert still.now == 7


def test_other_threads_are_in_real_time(still: Env, elsewhere: Elsewhere) -> None:
    """A thread that takes no part reads real clocks and really sleeps."""
    time.sleep(100_000)

    def other() -> tuple[float, ...]:
        before = time.monotonic(), time.perf_counter()
        time.sleep(0.02)
        return time.monotonic() - before[0], time.perf_counter() - before[1], time.time(), datetime.datetime.now().year

    monotonic, counter, wall, year = elsewhere(other)
    assert 0.02 <= monotonic < 5 and 0.02 <= counter < 5
    assert abs(wall - really() - EPOCH / SECOND) > 100_000
    assert year == datetime.datetime.fromtimestamp(wall).year
    assert still.clock.elapsed == 100_000 * SECOND


def test_a_module_imported_meanwhile(env: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`from time import sleep` in a module that is imported in virtual time is virtual there, and real afterwards."""
    (tmp_path / "imported_meanwhile.py").write_text("from time import monotonic as now, sleep\n")
    monkeypatch.syspath_prepend(tmp_path)
    with env() as mock:
        import imported_meanwhile  # type: ignore[import-not-found]

        before = imported_meanwhile.now()
        imported_meanwhile.sleep(7)
        assert mock.now == imported_meanwhile.now() - before == 7
    assert imported_meanwhile.sleep is time.sleep
    assert imported_meanwhile.now is time.monotonic
    assert type(time.sleep) is type(len)
    del sys.modules["imported_meanwhile"]
