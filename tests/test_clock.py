"""Real, scaled, manual and skip-delays clocks, which differ only in their speed and their waits."""

from __future__ import annotations

import math
import time
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support import EPOCH

from jobmock.clock import MODES, SECOND, Clock, moment, written
from jobmock.errors import UsageError

YEAR = 366 * 86_400 * SECOND
SPEEDS = {"real": 1, "scaled": 60, "manual": 0, "skip-delays": 1}


class FakeSource:
    """A source of real nanoseconds that the test sets."""

    def __init__(self, now: int = 5_000) -> None:
        self.now = now

    def __call__(self) -> int:
        return self.now


@pytest.fixture
def source() -> FakeSource:
    return FakeSource()


@pytest.fixture
def make(source: FakeSource) -> Callable[[str], Clock]:
    """A function that makes a clock of a mode, which starts at EPOCH; a scaled one runs 60 times as fast."""
    return lambda mode: Clock(mode, 60, start=EPOCH, source=source)


@pytest.mark.parametrize("mode", MODES)
def test_begins_at_start(make: Callable[[str], Clock], mode: str) -> None:
    """The first reading of a clock is its start, independent of real time."""
    clock = make(mode)
    assert (clock.now(), clock.started, clock.elapsed) == (EPOCH, EPOCH, 0)


@pytest.mark.parametrize(("mode", "speed"), SPEEDS.items())
def test_a_reading_grows_by_speed(make: Callable[[str], Clock], source: FakeSource, mode: str, speed: int) -> None:
    """A reading grows by real time multiplied by the speed; a manual clock stands still."""
    clock = make(mode)
    source.now += 7
    assert clock.now() == EPOCH + 7 * speed
    source.now += 10 * SECOND
    assert clock.elapsed == (7 + 10 * SECOND) * speed
    assert (clock.mode, clock.speed) == (mode, float(speed))


@pytest.mark.parametrize("mode", MODES)
def test_advance_works_in_every_mode(make: Callable[[str], Clock], source: FakeSource, mode: str) -> None:
    """An advance is added to the time that passes, in every mode."""
    clock = make(mode)
    source.now += SECOND
    clock.advance(40 * SECOND)
    clock.advance(2)
    source.now += SECOND
    assert clock.elapsed == 40 * SECOND + 2 + 2 * SECOND * SPEEDS[mode]


@pytest.mark.parametrize("before", MODES)
@pytest.mark.parametrize("after", MODES)
def test_set_keeps_the_reading(
    make: Callable[[str], Clock], source: FakeSource, before: str, after: str
) -> None:
    """A change of mode keeps the reading, and only later time passes at the new speed."""
    clock = make(before)
    source.now += 3 * SECOND
    reading = clock.now()
    clock.set(after, 60)
    assert clock.now() == reading
    source.now += 5 * SECOND
    assert clock.now() == reading + 5 * SECOND * SPEEDS[after]
    assert clock.started == EPOCH


def test_speed_counts_in_scaled_only(source: FakeSource) -> None:
    """The speed of a real or manual clock is ignored."""
    assert Clock("real", 1000, source=source).speed == 1.0
    assert Clock("manual", 1000, source=source).speed == 0.0
    assert Clock("real", -5, source=source).speed == 1.0


@pytest.mark.parametrize("speed", [0.001, 0.5, 1.5, 1_000_000])
def test_speeds(source: FakeSource, speed: float) -> None:
    """A scaled clock runs at any speed above 0 and up to a million, also below real time."""
    clock = Clock("scaled", speed, start=0, source=source)
    source.now += 10 * SECOND
    assert clock.now() == round(10 * SECOND * speed)


@pytest.mark.parametrize("speed", [0, -1, 1_000_001, math.inf, math.nan])
def test_impossible_speeds(make: Callable[[str], Clock], source: FakeSource, speed: float) -> None:
    """Any other speed is refused, and the clock keeps its mode and speed."""
    clock = make("real")
    with pytest.raises(UsageError, match=rf"above 0 and at most 1000000, not {speed}\."):
        clock.set("scaled", speed)
    source.now += 4
    assert (clock.mode, clock.elapsed) == ("real", 4)


def test_unknown_mode(source: FakeSource) -> None:
    """An unknown mode is refused with a list of the modes."""
    with pytest.raises(UsageError, match=r"^Unknown clock mode 'fast'\. Allowed: real, scaled, manual, skip-delays\.$"):
        Clock("fast", source=source)


@pytest.mark.parametrize("nanoseconds", [0, 1, YEAR])
def test_advances(make: Callable[[str], Clock], nanoseconds: int) -> None:
    """A clock advances by 0 nanoseconds up to a leap year."""
    clock = make("manual")
    clock.advance(nanoseconds)
    assert clock.elapsed == nanoseconds


@pytest.mark.parametrize(("nanoseconds", "shown"), [(-1, "-1e-09"), (-2 * SECOND, "-2"), (YEAR + 1, "3.16224e\\+07")])
def test_impossible_advances(make: Callable[[str], Clock], nanoseconds: int, shown: str) -> None:
    """A negative advance, or one of more than a leap year, is refused with the given seconds."""
    clock = make("manual")
    with pytest.raises(UsageError, match=rf"^A clock advances by 0 to 31622400 seconds, not {shown}\.$"):
        clock.advance(nanoseconds)
    assert clock.elapsed == 0


@pytest.mark.parametrize("mode", MODES)
def test_restart_goes_back_to_start(make: Callable[[str], Clock], source: FakeSource, mode: str) -> None:
    """A restart sets the clock back to its start, in the same mode."""
    clock = make(mode)
    source.now += 3 * SECOND
    clock.advance(9)
    clock.restart()
    assert (clock.now(), clock.elapsed, clock.mode) == (EPOCH, 0, mode)
    source.now += SECOND
    assert clock.elapsed == SECOND * SPEEDS[mode]


@pytest.mark.parametrize("mode", MODES)
def test_restart_at_another_reading(make: Callable[[str], Clock], mode: str) -> None:
    """A restart may set another reading; the next restart goes back to the original start."""
    clock = make(mode)
    clock.restart(EPOCH + 9)
    assert (clock.now(), clock.elapsed, clock.mode) == (EPOCH + 9, 0, mode)
    clock.restart()
    assert clock.now() == EPOCH


@pytest.mark.parametrize(
    ("text", "reading"),
    [
        ("2026-01-01", EPOCH),
        ("2026-01-01T00:00:00Z", EPOCH),
        (" 2026-01-01 01:30:00+01:30 ", EPOCH),
        ("2025-12-31T19:00:00.000001-05:00", EPOCH + 1_000),
    ],
)
def test_a_moment_is_read_from_iso_8601(text: str, reading: int) -> None:
    """A moment is read from ISO 8601, in UTC if it has no zone, and is written as text that reads the same."""
    assert moment(text) == reading == moment(written(reading))


@given(st.integers(31_536_000 * 10**6, 7_289_654_399 * 10**6))
def test_a_moment_is_read_as_it_was_written(microseconds: int) -> None:
    """Every moment is read as it was written, to the microsecond."""
    assert moment(written(microseconds * 1000)) == microseconds * 1000


@pytest.mark.parametrize("text", ["", "now", "1970-12-31", "2201-01-01", "2026-02-29", "9999-12-31T23:59:59-23:00"])
def test_wrong_moments(text: str) -> None:
    """Other texts are refused with a message that says what is allowed."""
    with pytest.raises(UsageError, match=r"^Allowed: a date, or a date and time, of 1971 to 2200 in ISO 8601"):
        moment(text)


def test_starts_at_wall_time(source: FakeSource) -> None:
    """Without a start, a clock begins and restarts at wall time."""
    earliest = time.time_ns()
    clock = Clock("manual", source=source)
    first = clock.now()
    clock.advance(YEAR)
    clock.restart()
    assert earliest <= first <= clock.now() <= time.time_ns()
    assert clock.started == clock.now()


def test_real_source_never_goes_back() -> None:
    """A real clock's default source counts real nanoseconds since the clock was made."""
    before = time.monotonic_ns()
    clock = Clock(start=EPOCH)
    readings = [clock.elapsed for _ in range(100)]
    assert clock.mode == "real"
    assert readings == sorted(readings) and 0 <= readings[0] <= readings[-1] <= time.monotonic_ns() - before


@pytest.mark.parametrize(
    ("mode", "due", "wait"),
    [
        ("real", -1, 0),
        ("real", 0, 0),
        ("real", 3 * SECOND, 3),
        ("scaled", 0, 0),
        ("scaled", 3 * SECOND, 0.05),
        ("manual", -1, 0),
        ("manual", 0, 0),
        ("manual", 1, None),
    ],
)
def test_wait(make: Callable[[str], Clock], mode: str, due: int, wait: float | None) -> None:
    """A wait is in real seconds: 0 if the reading is due, None if the clock stands still."""
    clock = make(mode)
    assert clock.wait(EPOCH + due) == (None if wait is None else pytest.approx(wait))
    assert clock.elapsed == 0


def test_a_clock_that_skips_delays_never_waits(make: Callable[[str], Clock], source: FakeSource) -> None:
    """A clock that skips delays goes to the due reading at once, never goes back, and runs on in real time."""
    clock = make("skip-delays")
    assert clock.wait(EPOCH + 90) == 0
    assert clock.elapsed == 90
    assert clock.wait(EPOCH + 89) == clock.wait(EPOCH + 10) == 0
    assert clock.elapsed == 90
    source.now += 7
    assert clock.elapsed == 97


def test_a_skipped_delay_calls_listeners(make: Callable[[str], Clock]) -> None:
    """The listeners of a clock that skips delays are called when it skips one, and not without one."""
    clock, calls = make("skip-delays"), list[int]()
    clock.on_change(lambda: calls.append(clock.elapsed))
    clock.wait(EPOCH + 5)
    clock.wait(EPOCH + 5)
    assert calls == [5]


def test_no_other_clock_skips_delays(make: Callable[[str], Clock]) -> None:
    """A clock that is set from skip-delays to manual waits again."""
    clock = make("manual")
    clock.set("skip-delays")
    assert clock.wait(EPOCH + 5) == 0
    clock.set("manual")
    assert clock.wait(EPOCH + 6) is None and clock.elapsed == 5


CHANGES: dict[str, Callable[[Clock], None]] = {
    "advance": lambda clock: clock.advance(1),
    "set": lambda clock: clock.set("scaled", 2),
    "restart": lambda clock: clock.restart(),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_every_change_calls_listeners(make: Callable[[str], Clock], change: Callable[[Clock], None]) -> None:
    """A listener is called after each advance, change of mode and restart, until it is removed."""
    clock, calls = make("manual"), list[str]()
    stop_first = clock.on_change(lambda: calls.append("first"))
    clock.on_change(lambda: calls.append("second"))
    change(clock)
    assert sorted(calls) == ["first", "second"]
    stop_first()
    stop_first()
    change(clock)
    assert sorted(calls) == ["first", "second", "second"]


def test_listeners_see_the_new_reading(make: Callable[[str], Clock]) -> None:
    """A listener is called after the change, not before."""
    clock, seen = make("manual"), list[tuple[int, str]]()
    clock.on_change(lambda: seen.append((clock.elapsed, clock.mode)))
    clock.advance(5)
    clock.set("real")
    clock.restart()
    assert seen == [(5, "manual"), (5, "real"), (0, "real")]


def test_a_listener_may_remove_itself(make: Callable[[str], Clock]) -> None:
    """A listener that removes itself when it is called doesn't affect the others."""
    clock, calls = make("manual"), list[int]()
    for number in range(3):
        stops: list[Callable[[], None]] = []

        def listener(number: int = number, stops: list[Callable[[], None]] = stops) -> None:
            calls.append(number)
            stops[0]()

        stops.append(clock.on_change(listener))
    clock.advance(1)
    clock.advance(1)
    assert sorted(calls) == [0, 1, 2]


def test_a_refused_change_calls_no_listener(make: Callable[[str], Clock]) -> None:
    """A refused change of a clock calls no listener."""
    clock, calls = make("manual"), list[bool]()
    clock.on_change(lambda: calls.append(True))
    with pytest.raises(UsageError):
        clock.advance(-1)
    with pytest.raises(UsageError):
        clock.set("fast")
    assert calls == []


MOVES = st.one_of(
    st.tuples(st.just("pass"), st.integers(0, YEAR)),
    st.tuples(st.just("advance"), st.integers(0, YEAR)),
    st.tuples(st.sampled_from(MODES), st.integers(1, 1000)),
)


@given(st.lists(MOVES, max_size=30))
def test_never_goes_back(moves: list[tuple[str, int]]) -> None:
    """The reading of a clock is the sum of all passed times, each multiplied by its speed."""
    source = FakeSource()
    clock, reading, speed = Clock("manual", start=EPOCH, source=source), EPOCH, 0
    for move, amount in moves:
        if move == "pass":
            source.now += amount
            reading += amount * speed
        elif move == "advance":
            clock.advance(amount)
            reading += amount
        else:
            clock.set(move, amount)
            speed = {"real": 1, "scaled": amount, "manual": 0, "skip-delays": 1}[move]
        assert clock.now() == pytest.approx(reading, rel=1e-12)
        reading = clock.now()


def test_next_due() -> None:
    """`next_due` is the earliest future reading that a listener waits for; due ones don't count."""
    clock = Clock("manual", start=EPOCH)
    for due in (EPOCH, EPOCH + 7, EPOCH + 5):
        clock.on_change(lambda due=due: None, due)  # type: ignore[misc]
    assert clock.next_due() == EPOCH + 5
    clock.advance(5)
    assert clock.next_due() == EPOCH + 7
    clock.advance(2)
    assert clock.next_due() is None


END = 253_339_228_800 * SECOND
"""9998-01-01."""


@pytest.mark.parametrize("mode", MODES)
def test_no_advance_goes_past_the_end(make: Callable[[str], Clock], source: FakeSource, mode: str) -> None:
    """The call that would take a clock past 9998-01-01 is refused; the clock stays, and can still be read as a date."""
    clock = make(mode)
    while clock.now() + YEAR <= END:
        clock.advance(YEAR)
    clock.advance(END - clock.now())
    message = r"^A clock goes to 9998-01-01T00:00:00Z at most, and this one is at 9998-01-01T00:00:00Z\.$"
    for nanoseconds in (1, SECOND, YEAR):
        with pytest.raises(UsageError, match=message):
            clock.advance(nanoseconds)
    clock.advance(0)
    assert clock.now() == END


def test_waits_end_at_the_end() -> None:
    """A clock that skips delays, and one that runs a million times as fast, stop at the end and keep nobody waiting."""
    source = FakeSource()
    skipping = Clock("skip-delays", start=END - SECOND, source=source)
    assert skipping.wait(END + YEAR) == 0.0 and skipping.now() == END
    scaled = Clock("scaled", 1_000_000, start=END - SECOND, source=source)
    source.now += SECOND
    assert scaled.now() == END and scaled.wait(END + YEAR) == 0.0
