"""How a reply reaches a client is decided by pure functions, once for all libraries."""

from __future__ import annotations

from typing import Any

import pytest
from tests.support import EPOCH

from jobmock.clock import SECOND, Clock
from jobmock.errors import JobmockError, NeverAnswered
from jobmock.models import Drip, Fault, Reply, When
from jobmock.transport.plan import FAILURE_AFTER_HALF, FAILURE_BEFORE_HEAD, TIMED_OUT, Failure, Opening, opening, pieces

NOW, BODY = EPOCH, b"0123456789a"
BREAKS: list[dict[str, Any]] = [
    {"disconnect": "before_response"}, {"disconnect": "reset"}, {"disconnect": "mid_body"},
    {"corrupt": "short_body"}, {"corrupt": "garbage"},
]  # fmt: skip


def reply(due: int = 0, body: bytes = BODY, **fault: Any) -> Reply:
    broken = Fault(when=When(every=1), **fault) if fault else None
    return Reply(200, (), body, Clock("manual", start=EPOCH), due, broken)


def played(answer: Reply, timeout: int | None = None) -> list[int | bytes | Failure]:
    return list(pieces(answer, answer.clock, timeout))


@pytest.mark.parametrize(
    ("due", "timeout", "expected"),
    [
        (0, None, Opening(0)),
        (0, 0, Opening(0)),
        (NOW + 5, None, Opening(NOW + 5)),
        (NOW + 5, 5, Opening(NOW + 5)),
        (NOW + 5, 4, Opening(NOW + 4, TIMED_OUT)),
        (NOW - 5, 0, Opening(NOW - 5)),
    ],
)
def test_opening_of_a_held_answer(due: int, timeout: int | None, expected: Opening) -> None:
    """A head comes when it is due, unless that is later than the client's timeout, to the nanosecond."""
    assert opening(reply(due), NOW, timeout) == expected
    assert opening(reply(due, drip=Drip(size=1, every=1)), NOW, timeout) == expected


@pytest.mark.parametrize("due", [0, NOW + 3])
@pytest.mark.parametrize("fault", BREAKS, ids=str)
def test_opening_of_a_broken_answer(due: int, fault: dict[str, Any]) -> None:
    """A failure instead of a head comes at the time of the head, or the client times out before it."""
    (name,) = fault.values()
    assert opening(reply(due, **fault), NOW, 3) == Opening(due, FAILURE_BEFORE_HEAD.get(name))
    if due:
        assert opening(reply(due, **fault), NOW, 2) == Opening(NOW + 2, TIMED_OUT)


def test_every_break_has_its_exception() -> None:
    """Each fault that breaks an answer is in exactly one of the two tables."""
    tables = [*FAILURE_BEFORE_HEAD, *FAILURE_AFTER_HALF]
    assert sorted(tables) == sorted(name for fault in BREAKS for name in fault.values())


@pytest.mark.parametrize("due", [0, NOW + 1, NOW + 9 * SECOND])
def test_a_hang_lasts_as_long_as_the_client_waits(due: int) -> None:
    """A hang is a timeout after exactly the client's time, delayed or not."""
    assert opening(reply(due, hang=True), NOW, SECOND) == Opening(NOW + SECOND, TIMED_OUT)


def test_a_hang_without_a_timeout_is_said() -> None:
    """A hang for a client without a timeout raises an error that names the mistake."""
    with pytest.raises(NeverAnswered, match=r"no read timeout.*never comes") as caught:
        opening(reply(hang=True), NOW, None)
    assert isinstance(caught.value, JobmockError) and isinstance(caught.value, AssertionError)


@pytest.mark.parametrize("body", [b"", b"x", BODY])
def test_a_whole_body_is_one_piece(body: bytes) -> None:
    """A body without a fault comes in one piece."""
    assert played(reply(body=body)) == [body]


@pytest.mark.parametrize("name", ["mid_body", "short_body"])
@pytest.mark.parametrize(("body", "half"), [(b"x", b""), (b"xy", b"x"), (BODY, b"01234")])
def test_half_a_body_then_the_break(name: str, body: bytes, half: bytes) -> None:
    """A broken body ends after its first half, rounded down, and the failure has the number of received bytes."""
    fault: dict[str, Any] = {"disconnect": name} if name == "mid_body" else {"corrupt": name}
    first, last = played(reply(body=body, **fault))
    assert first == half and isinstance(last, Failure)
    assert last.kind == FAILURE_AFTER_HALF[name].kind
    assert (f"(received {len(half)} bytes, expected {len(body)})" in last.message) == (name == "short_body")


@pytest.mark.parametrize("fault", [*BREAKS[2:4], {"drip": Drip(size=1, every=1)}], ids=str)
def test_a_body_of_no_bytes_is_whole(fault: dict[str, Any]) -> None:
    """An answer without a body has no half, so it isn't broken."""
    assert b"".join(piece for piece in played(reply(body=b"", **fault), 0) if isinstance(piece, bytes)) == b""
    assert not [piece for piece in played(reply(body=b"", **fault), 0) if not isinstance(piece, bytes)]


@pytest.mark.parametrize("timeout", [None, 7, 8])
def test_a_drip_holds_each_piece_but_the_first(timeout: int | None) -> None:
    """The first piece comes at once, and each later one exactly `every` after the one before."""
    answer = reply(drip=Drip(size=4, every=7))
    assert _in_time(answer, timeout) == [BODY[:4], NOW + 7, BODY[4:8], NOW + 14, BODY[8:]]


def _in_time(answer: Reply, timeout: int | None) -> list[int | bytes | Failure]:
    """Return the pieces for a client that waits for each of them."""
    seen = []
    for piece in pieces(answer, answer.clock, timeout):
        seen.append(piece)
        if isinstance(piece, int):
            answer.clock.advance(piece - answer.clock.now())
    return seen


def test_a_drip_too_slow_for_the_client() -> None:
    """A piece later than the client's timeout is a timeout, and nothing follows."""
    assert played(reply(drip=Drip(size=4, every=7)), 6) == [BODY[:4], NOW + 6, TIMED_OUT]


def test_patience_begins_when_the_client_reads() -> None:
    """A client that reads later waits only for the rest of the interval."""
    answer = reply(drip=Drip(size=6, every=7))
    coming = pieces(answer, answer.clock, 3)
    assert next(coming) == BODY[:6]
    answer.clock.advance(4)
    assert list(coming) == [NOW + 7, BODY[6:]]
