"""A fault applies to the requests that its `when` names, and chance is the same for the same seed."""

from __future__ import annotations

import math
from itertools import pairwise
from statistics import NormalDist, fmean, median, pstdev

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobmock.clock import SECOND
from jobmock.engine.faults import corrupted, length, matching, uniform
from jobmock.models import Delay, Fault, When

HOUR = 3600 * SECOND
MANY = 10_000


def met(when: When, upto: int, *, elapsed: int = 0, seed: int = 1) -> list[int]:
    """Return the numbers of the requests up to `upto` to which a single fault applies."""
    return [number for number in range(1, upto + 1) if matching([Fault(when=when)], number, elapsed, seed)]


@pytest.mark.parametrize(
    ("when", "expected"),
    [
        (When(requests=(3, 3)), [3]),
        (When(requests=(1, 1)), [1]),
        (When(requests=(2, 4)), [2, 3, 4]),
        (When(requests=(1, 100)), list(range(1, 13))),
        (When(requests=(13, 20)), []),
        (When(every=1), list(range(1, 13))),
        (When(every=5), [5, 10]),
        (When(every=13), []),
        (When(chance=1.0), list(range(1, 13))),
        (When(chance=0.0), []),
    ],
)
def test_requests(when: When, expected: list[int]) -> None:
    """Requests count from 1: a range has both its ends, `every: n` is each n-th, a chance of 1 is all, of 0 none."""
    assert met(when, 12) == expected
    assert met(when, 12, elapsed=HOUR) == expected


@pytest.mark.parametrize(
    ("elapsed", "meets"),
    [
        (0, False), (10 * SECOND - 1, False), (10 * SECOND, True), (15 * SECOND, True),
        (20 * SECOND - 1, True), (20 * SECOND, False),
    ],
)  # fmt: skip
def test_seconds(elapsed: int, meets: bool) -> None:
    """A range of seconds is half-open, to the nanosecond, whatever the request's number."""
    when = When(during=(10 * SECOND, 20 * SECOND))
    assert met(when, 3, elapsed=elapsed) == ([1, 2, 3] if meets else [])


def test_seconds_from_zero() -> None:
    """A range from 0 applies to a request at time 0, and an empty range to none."""
    assert met(When(during=(0, 1)), 1, elapsed=0) == [1]
    assert met(When(during=(5, 5)), 1, elapsed=5) == []


def test_first_match_wins() -> None:
    """Of several faults that apply to a request the first one is returned, and None where none applies."""
    faults = [
        Fault(when=When(requests=(2, 2)), hang=True),
        Fault(when=When(every=2), disconnect="reset"),
        Fault(when=When(requests=(1, 4)), corrupt="garbage"),
    ]
    found = [matching(faults, number, 0, 1) for number in range(1, 8)]
    assert found == [faults[2], faults[0], faults[2], faults[1], None, faults[1], None]
    assert matching([], 1, 0, 1) is None


@pytest.mark.parametrize("probability", [0.001, 0.01, 0.1, 0.5, 0.9, 0.99])
@pytest.mark.parametrize("seed", [0, 1, 2**53 - 1])
def test_chance_is_near_its_probability(probability: float, seed: int) -> None:
    """Over 10,000 requests a chance is within four standard deviations of its probability."""
    hits = len(met(When(chance=probability), MANY, seed=seed))
    assert hits == pytest.approx(MANY * probability, abs=4 * math.sqrt(MANY * probability * (1 - probability)))


def test_chance_is_reproducible() -> None:
    """The same seed gives the same requests on every machine and in every release; another seed gives others."""
    assert met(When(chance=0.1), 60, seed=1) == [33, 35, 37, 45, 54, 59]
    assert met(When(chance=0.1), 60, seed=2) == [5, 12, 22, 29, 32, 48, 59]


def test_chance_grows() -> None:
    """A request with a fault at one chance has it at any higher chance."""
    chances = [set(met(When(chance=tenth / 10), 500)) for tenth in range(11)]
    assert all(lower < higher for lower, higher in pairwise(chances))


def test_chances_of_several_faults_are_independent() -> None:
    """The chances of different faults, and of different requests, are independent."""
    first, second = Fault(when=When(chance=0.5)), Fault(when=When(chance=0.5), hang=True)
    found = [matching([first, second], number, 0, 1) for number in range(1, MANY + 1)]
    assert found.count(second) == pytest.approx(MANY / 4, abs=200)
    assert found.count(None) == pytest.approx(MANY / 4, abs=200)
    twice = sum(one is first and other is first for one, other in pairwise(found))
    assert twice == pytest.approx(MANY / 4, abs=200)


@given(st.text())
def test_uniform_range(salt: str) -> None:
    """A number is at least 0 and below 1, and depends only on its salt."""
    assert 0 <= uniform(salt) < 1
    assert uniform(salt) == uniform(salt)


def test_uniform_is_even() -> None:
    """Ten thousand numbers fall evenly into ten parts."""
    parts = [0] * 10
    for number in range(MANY):
        parts[int(uniform(f"{number}") * 10)] += 1
    assert all(part == pytest.approx(1000, abs=120) for part in parts)


def lengths(delay: Delay, seed: int = 1) -> list[int]:
    return [length(delay, number, seed) for number in range(1, MANY + 1)]


@pytest.mark.parametrize("nanoseconds", [0, 1, 2 * SECOND, HOUR])
def test_constant_delay(nanoseconds: int) -> None:
    """A constant delay is the same for each request and each seed."""
    assert {length(Delay(kind="constant", a=nanoseconds), number, number) for number in range(1, 9)} == {nanoseconds}


def test_uniform_delay() -> None:
    """Uniform delays stay in their range, reach near both ends, and are evenly spread."""
    drawn = lengths(Delay(kind="uniform", a=2 * SECOND, b=6 * SECOND))
    assert 2 * SECOND <= min(drawn) < 2.01 * SECOND
    assert 5.99 * SECOND < max(drawn) <= 6 * SECOND
    assert fmean(drawn) == pytest.approx(4 * SECOND, rel=0.02)
    assert median(drawn) == pytest.approx(4 * SECOND, rel=0.03)


def test_uniform_delay_of_one_length() -> None:
    """A range of one length is that length."""
    assert set(lengths(Delay(kind="uniform", a=7, b=7))) == {7}


@pytest.mark.parametrize("sigma", [0.1, 0.5, 1.0])
def test_lognormal_delay(sigma: float) -> None:
    """The logarithms of lognormal delays have a normal distribution, by their quantiles."""
    drawn = lengths(Delay(kind="lognormal", a=2 * SECOND, sigma=sigma))
    logs = [math.log(one / (2 * SECOND)) for one in drawn]
    assert median(drawn) == pytest.approx(2 * SECOND, rel=0.05 * sigma)
    assert fmean(logs) == pytest.approx(0, abs=0.04 * sigma)
    assert pstdev(logs) == pytest.approx(sigma, rel=0.03)
    for part in (0.02, 0.16, 0.84, 0.98):
        below = sum(one < NormalDist(0, sigma).inv_cdf(part) for one in logs)
        assert below == pytest.approx(MANY * part, abs=4 * math.sqrt(MANY * part * (1 - part)))


def test_lognormal_delay_without_spread() -> None:
    """With sigma 0 each delay is the median."""
    assert set(lengths(Delay(kind="lognormal", a=3 * SECOND, sigma=0.0))) == {3 * SECOND}


def test_lognormal_delay_ends() -> None:
    """A lognormal delay is at most an hour, for any sigma."""
    drawn = lengths(Delay(kind="lognormal", a=60 * SECOND, sigma=5.0))
    assert max(drawn) == HOUR
    assert sum(one == HOUR for one in drawn) == pytest.approx(
        MANY * (1 - NormalDist(0, 5).cdf(math.log(60))), abs=4 * math.sqrt(MANY * 0.2 * 0.8)
    )


@pytest.mark.parametrize(
    "delay",
    [Delay(kind="uniform", a=0, b=SECOND), Delay(kind="lognormal", a=SECOND, sigma=1.0)],
    ids=["uniform", "lognormal"],
)
def test_delays_are_reproducible(delay: Delay) -> None:
    """A delay depends only on the seed and the number of the request."""
    assert lengths(delay, 5)[:50] == lengths(delay, 5)[:50]
    assert not set(lengths(delay, 5)[:50]) & set(lengths(delay, 6)[:50])
    assert len(set(lengths(delay, 5))) > MANY - 10


def test_delay_stays_the_same_in_every_release() -> None:
    """Delays of a seed are pinned, so that a recorded run can be played again."""
    assert [length(Delay(kind="uniform", a=0, b=1000), number, 1) for number in (1, 2, 3)] == [737, 609, 608]
    assert [length(Delay(kind="lognormal", a=1000, sigma=1.0), number, 1) for number in (1, 2, 3)] == [308, 3351, 858]


@pytest.mark.parametrize(
    ("how", "body", "expected"),
    [
        ("truncated_json", b'{"a": 1}', (b'{"a"', None)),
        ("truncated_json", b'{"a": 12}', (b'{"a"', None)),
        ("truncated_json", b"", (b"", None)),
        ("empty_body", b'{"a": 1}', (b"", None)),
        ("wrong_content_type", b'{"a": 1}', (b'{"a": 1}', b"text/html; charset=utf-8")),
    ],
)
def test_corrupted(how: str, body: bytes, expected: tuple[bytes, bytes | None]) -> None:
    """A corrupted answer is half its JSON, empty, or whole with another content type."""
    assert corrupted(body, how) == expected


@pytest.mark.parametrize("how", ["short_body", "garbage"])
def test_not_corrupted(how: str) -> None:
    """A fault on the connection doesn't change the body."""
    with pytest.raises(KeyError, match=how):
        corrupted(b"{}", how)
