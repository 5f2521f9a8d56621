"""Limits are exact to the nanosecond, and a client that obeys Retry-After is always served."""

from __future__ import annotations

from collections.abc import Callable
from copy import copy
from fractions import Fraction
from math import ceil

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyrate_limiter import FixedWindow, InMemoryBucket, Rate, RateItem, StateBucket, TokenBucket
from pyrate_limiter.clocks import AbstractClock
from tests.support import EPOCH, examples

from jobmock.clock import SECOND
from jobmock.engine.headers import retry_seconds
from jobmock.engine.rate_limits import Bucket
from jobmock.models import Limit

MILLISECOND = SECOND // 1000
POLLING = Limit(requests=25, period=SECOND, burst=150)
"""Orbit's documented limit of status calls (schemas/orbit/README.md#7)."""
Model = Callable[[int], int]
"""Takes a request at a moment; returns 0 where it is served, else how long it has to wait."""


def token_model(limit: Limit) -> Model:
    """Decide each request by all intervals that end with it: at most burst + rate × length.

    That is a token bucket said without a bucket: it remembers all served requests and no level.
    """
    served, rate, burst = list[int](), Fraction(limit.requests, limit.period), limit.burst or 0

    def take(now: int) -> int:
        wait = Fraction(0)
        for index, since in enumerate(served):
            count = len(served) - index + 1
            wait = max(wait, since + (count - burst) / rate - now)
        if not wait:
            served.append(now)
        return ceil(wait)

    return take


def window_model(limit: Limit) -> Model:
    """Group all requests into windows, each opened by the first request past the window before it."""
    arrivals = list[int]()

    def take(now: int) -> int:
        arrivals.append(now)
        windows = list[list[int]]()
        for moment in arrivals:
            if not windows or moment - windows[-1][0] >= limit.period:
                windows.append([])
            windows[-1].append(moment)
        return 0 if len(windows[-1]) <= limit.requests else windows[-1][0] + limit.period - now

    return take


PERIODS = st.one_of(st.integers(1, 50), st.sampled_from([MILLISECOND, SECOND, 60 * SECOND]), st.integers(1, 10**12))
BUCKETS = st.builds(Limit, requests=st.integers(1, 40), period=PERIODS, burst=st.integers(1, 12))
WINDOWS = st.builds(Limit, requests=st.integers(1, 12), period=PERIODS, burst=st.none())


@st.composite
def gaps(draw: st.DrawFn, limits: st.SearchStrategy[Limit]) -> tuple[Limit, list[int | None]]:
    """Return a strategy of a limit and gaps between requests, often 0 or near a period; None is the last wait."""
    limit = draw(limits)
    price = limit.period // limit.requests
    near = [0, 1, price, price + 1, max(0, price - 1), limit.period, limit.period - 1, 3 * limit.period]
    one = st.one_of(st.just(0), st.none(), st.sampled_from(near), st.integers(0, 2 * limit.period))
    return limit, draw(st.lists(one, max_size=40))


def check_agreement(limit: Limit, waits: list[int | None], model: Model) -> None:
    """Play requests on a bucket and a model: all decisions and waits are the same, and each wait is exact."""
    bucket, now, told = Bucket(limit), EPOCH, 0
    for gap in waits:
        now += told if gap is None else gap
        told = bucket.take(now)
        assert told == model(now)
        if told:
            check_wait(bucket, now, told)


def check_wait(bucket: Bucket, now: int, wait: int) -> None:
    """A request after the exact wait is served, a nanosecond earlier it isn't, and after Retry-After it is."""
    assert copy(bucket).take(now + wait) == 0
    assert copy(bucket).take(now + wait - 1) == 1
    if wait >= MILLISECOND:
        assert copy(bucket).take(now + wait - MILLISECOND) == MILLISECOND
    assert copy(bucket).take(now + retry_seconds(wait) * SECOND) == 0


@settings(max_examples=examples(300), deadline=None)
@given(gaps(BUCKETS))
def test_token_bucket_is_exact(drawn: tuple[Limit, list[int | None]]) -> None:
    """A token bucket decides like exact fractions, and returns the shortest possible wait."""
    limit, waits = drawn
    check_agreement(limit, waits, token_model(limit))


@settings(max_examples=examples(300), deadline=None)
@given(gaps(WINDOWS))
def test_fixed_window_is_exact(drawn: tuple[Limit, list[int | None]]) -> None:
    """A fixed window opens with its first request, and the wait is until its end."""
    limit, waits = drawn
    check_agreement(limit, waits, window_model(limit))


@settings(max_examples=examples(100), deadline=None)
@given(gaps(st.one_of(BUCKETS, WINDOWS)))
def test_refused_requests_cost_nothing(drawn: tuple[Limit, list[int | None]]) -> None:
    """Refused requests don't change what a bucket serves later."""
    limit, waits = drawn
    asked, spared, now, told = Bucket(limit), Bucket(limit), EPOCH, 0
    for gap in waits:
        now += told if gap is None else gap
        told = asked.take(now)
        if not told:
            assert spared.take(now) == 0


def test_documented_bucket_serves_its_burst() -> None:
    """25 per second with a burst of 150: exactly 150 at once, and then one each 40 milliseconds."""
    bucket = Bucket(POLLING)
    assert [bucket.take(EPOCH) for _ in range(150)] == [0] * 150
    assert bucket.take(EPOCH) == 40 * MILLISECOND
    assert bucket.take(EPOCH + 39 * MILLISECOND) == MILLISECOND
    assert bucket.take(EPOCH + 40 * MILLISECOND) == 0
    assert bucket.take(EPOCH + 40 * MILLISECOND) == 40 * MILLISECOND


def test_bucket_fills_up_to_its_burst() -> None:
    """After six seconds an empty bucket is full again, and it never holds more."""
    for rest in (6 * SECOND, 3600 * SECOND):
        bucket = Bucket(POLLING)
        while not bucket.take(EPOCH):
            pass
        assert sum(bucket.take(EPOCH + rest) == 0 for _ in range(500)) == 150
    bucket = Bucket(POLLING)
    while not bucket.take(EPOCH):
        pass
    assert sum(bucket.take(EPOCH + 6 * SECOND - 1) == 0 for _ in range(500)) == 149


def test_steady_rate_is_served_for_ever() -> None:
    """With a burst of one, a client at the rate is never refused, one a nanosecond faster each other time."""
    bucket, faster = Bucket(Limit(requests=3, period=10, burst=1)), Bucket(Limit(requests=3, period=12, burst=1))
    assert not any(bucket.take(EPOCH + 4 * number) for number in range(1000))
    assert [faster.take(EPOCH + 3 * number) for number in range(4)] == [0, 1, 0, 1]


def test_fraction_of_a_token_is_kept() -> None:
    """Parts of a token are neither lost nor rounded: 3 in 10 nanoseconds are served at 4, 7 and 10."""
    bucket = Bucket(Limit(requests=3, period=10, burst=1))
    moments = [moment for moment in range(31) if bucket.take(EPOCH + moment) == 0]
    assert moments == [0, 4, 8, 12, 16, 20, 24, 28]
    bucket = Bucket(Limit(requests=3, period=10, burst=2))
    moments = [moment for moment in range(31) if bucket.take(EPOCH + moment) == 0]
    assert moments == [0, 1, 4, 7, 10, 14, 17, 20, 24, 27, 30]


@pytest.mark.parametrize("limit", [POLLING, Limit(requests=100, period=60 * SECOND)], ids=["bucket", "window"])
@pytest.mark.parametrize("now", [0, EPOCH])
def test_begins_full(limit: Limit, now: int) -> None:
    """A limit is full at its first request, at any reading of the clock."""
    bucket = Bucket(limit)
    assert sum(bucket.take(now) == 0 for _ in range(500)) == (limit.burst or limit.requests)


def test_window_boundary() -> None:
    """A window of a minute ends exactly a minute after its first request, and the next one opens with a request."""
    bucket, minute = Bucket(Limit(requests=2, period=60 * SECOND)), 60 * SECOND
    assert [bucket.take(EPOCH + moment) for moment in (0, minute - 1, minute - 1)] == [0, 0, 1]
    assert [bucket.take(EPOCH + minute + moment) for moment in (0, 0, 0)] == [0, 0, minute]
    late = EPOCH + 10 * minute + 7
    assert [bucket.take(late) for _ in range(3)] == [0, 0, minute]


@pytest.mark.parametrize(
    ("wait", "seconds"),
    [(1, 1), (SECOND - 1, 1), (SECOND, 1), (SECOND + 1, 2), (2 * SECOND, 2), (59 * SECOND + 1, 60), (0, 1)],
)
def test_retry_after(wait: int, seconds: int) -> None:
    """Retry-After is the wait in seconds, rounded up, and at least 1."""
    assert retry_seconds(wait) == seconds


class Milliseconds(AbstractClock):
    """The clock of pyrate-limiter, set by the test."""

    def __init__(self) -> None:
        self.reading = 0

    def now(self) -> int:
        return self.reading


@settings(max_examples=examples(100), deadline=None)
@given(
    st.sampled_from([1, 2, 4, 5, 8, 10, 20, 25, 40, 50, 100]),
    st.sampled_from([1, 10, 60]),
    st.integers(1, 150),
    st.lists(st.one_of(st.just(0), st.sampled_from([1, 39, 40, 41]), st.integers(0, 3000)), max_size=300),
)
def test_token_bucket_second_opinion(requests: int, period: int, burst: int, waits: list[int]) -> None:
    """Pyrate-limiter's token bucket takes the same decisions where the two coincide.

    It counts whole milliseconds and rounds a token's price up to whole microseconds, so only such prices and moments
    are compared; its waits are compared rounded up to milliseconds.
    """
    clock = Milliseconds()
    other = StateBucket([Rate(requests, period * 1000, burst)], TokenBucket(), clock=clock)
    bucket = Bucket(Limit(requests=requests, period=period * SECOND, burst=burst))
    for wait in waits:
        clock.reading += wait
        item = RateItem("poll", clock.now())
        told = bucket.take(clock.now() * MILLISECOND)
        assert other.put(item) is (told == 0)
        assert told == 0 or other.waiting(item) == -(-told // MILLISECOND)


def test_documented_bucket_second_opinion() -> None:
    """Pyrate-limiter agrees on 25 per second with a burst of 150: 150 at once, the next after 40 ms."""
    clock = Milliseconds()
    other = StateBucket([Rate(25, 1000, 150)], TokenBucket(), clock=clock)
    assert [other.put(RateItem("poll", clock.now())) for _ in range(151)] == [True] * 150 + [False]
    assert other.waiting(RateItem("poll", clock.now())) == 40


@settings(max_examples=examples(100), deadline=None)
@given(
    st.integers(1, 8),
    st.sampled_from([1000, 60_000]),
    st.lists(st.tuples(st.integers(0, 2), st.lists(st.integers(0, 999), max_size=12)), min_size=1, max_size=8),
)
def test_fixed_window_second_opinion(requests: int, period: int, windows: list[tuple[int, list[int]]]) -> None:
    """Pyrate-limiter's fixed window takes the same decisions where the two coincide.

    Its windows lie on multiples of the period, ours open with their first request: only traffic whose first request
    in each window falls on such a multiple is compared.
    """
    clock = Milliseconds()
    other = InMemoryBucket([Rate(requests, period)], FixedWindow())
    bucket = Bucket(Limit(requests=requests, period=period * MILLISECOND))
    opened = 0
    for skipped, moments in windows:
        for moment in [0, *sorted(moments)]:
            clock.reading = opened + moment * period // 1000
            told = bucket.take(clock.now() * MILLISECOND)
            item = RateItem("start", clock.now())
            assert other.put(item) is (told == 0)
            assert told == 0 or other.waiting(item) == told // MILLISECOND
        opened += period * (skipped + 1)
