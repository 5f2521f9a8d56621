"""Retry-After, the headers of every answer, and the form of keys."""

from __future__ import annotations

import pytest
from tests.support import EPOCH

from jobmock.clock import SECOND
from jobmock.engine.headers import bearer, is_key, merged, retry_due, retry_headers
from jobmock.models import RetryAfter

NOW = EPOCH + SECOND // 2


@pytest.mark.parametrize(
    ("value", "due"),
    [
        (b"30", NOW + 30 * SECOND), (b"0", NOW), (b"Thu, 01 Jan 2026 00:01:00 GMT", EPOCH + 60 * SECOND),
        (b"soon", None),
    ],
)  # fmt: skip
def test_retry_after_is_read(value: bytes, due: int | None) -> None:
    """Seconds count from now, a date is a time, and any other value is ignored."""
    assert retry_due(((b"retry-after", value),), NOW) == due
    assert retry_due(((b"age", value),), NOW) is None


@pytest.mark.parametrize("as_date", [False, True])
def test_who_waits_as_told_has_waited_long_enough(as_date: bool) -> None:
    """Retry-After, as seconds or a date, never allows a request earlier than it should."""
    due = retry_due(retry_headers(RetryAfter(seconds=30, as_date=as_date), NOW), NOW)
    assert due is not None and 0 <= due - NOW - 30 * SECOND < SECOND


def test_usual_headers_give_way() -> None:
    """A default header isn't added if the answer has its own."""
    own, usual = ((b"date", b"then"),), ((b"date", b"now"), (b"via", b"us"))
    assert merged(own, usual) == ((b"date", b"then"), (b"via", b"us"))


@pytest.mark.parametrize(
    ("header", "token"),
    [
        (b"Bearer lk_a", "lk_a"), (b"bearer  lk_a ", "lk_a"), (b"BEARER lk_a", "lk_a"), (b"Basic lk_a", None),
        (None, None),
    ],
)  # fmt: skip
def test_the_scheme_may_be_written_in_any_way(header: bytes | None, token: str | None) -> None:
    """`Bearer` in upper or lower case is followed by the token; another scheme has no token."""
    assert bearer(header) == token


@pytest.mark.parametrize(
    ("token", "key"),
    [("lk_a", True), ("lk_" + "a" * 500, True), ("lk_", False), ("lk_" + "a" * 501, False), ("lk_a b", False)],
)
def test_a_key_is_more_than_its_prefix(token: str, key: bool) -> None:
    """A key has 1 to 500 visible characters after the prefix."""
    assert is_key(token, "lk_") is key
    assert not is_key(token, "sk_orb_")
