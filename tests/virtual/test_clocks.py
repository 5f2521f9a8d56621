"""Every way to sleep and to read a clock, in the client's thread and in others."""

from __future__ import annotations

import datetime
import sys
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path
from time import sleep

import pytest
from tests.support import EPOCH
from tests.virtual.conftest import Serve, VirtualTime, real_seconds, run_outside

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
def test_a_sleep_takes_its_length_exactly(virtual: VirtualTime, name: str, seconds: float) -> None:
    """time.sleep, called by either name, moves the clock by exactly its length, to the nanosecond."""
    {"time.sleep": time.sleep, "sleep": sleep}[name](seconds)
    assert virtual.clock.elapsed == round(seconds * SECOND)


@pytest.mark.parametrize("reading", MONOTONIC.values(), ids=MONOTONIC)
def test_monotonic_clocks_move_with_sleeps(virtual: VirtualTime, reading: Callable[[], float]) -> None:
    """A monotonic clock moves by the length of each sleep, and stands still while the client works."""
    before = reading()
    time.sleep(5)
    assert reading() - before == 5
    time.sleep(0.25)
    assert reading() == before + 5.25 == reading()


@pytest.mark.filterwarnings("ignore:datetime.datetime.utcnow:DeprecationWarning")
@pytest.mark.parametrize("reading", WALL.values(), ids=WALL)
def test_wall_clocks_return_the_namespaces_time(virtual: VirtualTime, reading: Callable[[], float]) -> None:
    """A wall clock returns the reading of the namespace's clock, and moves with sleeps."""
    assert reading() == EPOCH / SECOND
    time.sleep(90)
    assert reading() == EPOCH / SECOND + 90


def test_today(virtual: VirtualTime) -> None:
    """date.today changes at virtual midnight."""
    assert date.today() == date(2026, 1, 1)
    time.sleep(86_400)
    assert date.today() == date(2026, 1, 2)


def test_a_sleep_of_zero(virtual: VirtualTime) -> None:
    """time.sleep(0) takes no time, and a negative sleep raises the usual error."""
    time.sleep(0)
    assert virtual.clock.elapsed == 0
    with pytest.raises(ValueError, match="non-negative"):
        time.sleep(-1)


def test_a_sleep_of_an_index_object(virtual: VirtualTime) -> None:
    """time.sleep accepts an object with `__index__`."""

    class Seven:
        def __index__(self) -> int:
            return 7

    time.sleep(Seven())
    assert virtual.now == 7


def test_other_threads_are_in_real_time(virtual: VirtualTime) -> None:
    """A thread outside virtual time reads real clocks, and its sleeps take real time."""
    time.sleep(100_000)

    def other() -> tuple[float, ...]:
        before = time.monotonic(), time.perf_counter()
        time.sleep(0.02)
        return time.monotonic() - before[0], time.perf_counter() - before[1], time.time(), datetime.datetime.now().year

    monotonic, counter, wall, year = run_outside(other)
    assert 0.02 <= monotonic < 5 and 0.02 <= counter < 5
    assert abs(wall - real_seconds() - EPOCH / SECOND) > 100_000
    assert year == datetime.datetime.fromtimestamp(wall).year
    assert virtual.clock.elapsed == 100_000 * SECOND


def test_a_module_imported_in_virtual_time(serve: Serve, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`from time import sleep` in a module that is imported in virtual time is virtual there, and real afterwards."""
    (tmp_path / "imported_in_virtual_time.py").write_text("from time import monotonic as now, sleep\n")
    monkeypatch.syspath_prepend(tmp_path)
    with serve() as mock:
        import imported_in_virtual_time  # type: ignore[import-not-found]

        before = imported_in_virtual_time.now()
        imported_in_virtual_time.sleep(7)
        assert mock.now == imported_in_virtual_time.now() - before == 7
    assert imported_in_virtual_time.sleep is time.sleep
    assert imported_in_virtual_time.now is time.monotonic
    assert type(time.sleep) is type(len)
    del sys.modules["imported_in_virtual_time"]
