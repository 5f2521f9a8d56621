"""Chooses the fault of a request and the length of a delay. Pure: the same seed gives the same result."""

from __future__ import annotations

import math
from collections.abc import Sequence
from hashlib import blake2b

from ..clock import SECOND
from ..models import Delay, Fault, When

_MAX_DELAY = 3600 * SECOND


def matching(faults: Sequence[Fault], number: int, elapsed: int, seed: int) -> Fault | None:
    """Return the first fault that applies to request `number` (from 1) at `elapsed` nanoseconds, or None."""
    for index, fault in enumerate(faults):
        if _applies(fault.when, number, elapsed, f"{seed}/{index}/{number}"):
            return fault
    return None


def _applies(when: When, number: int, elapsed: int, salt: str) -> bool:
    if when.requests is not None:
        return when.requests[0] <= number <= when.requests[1]
    if when.every is not None:
        return number % when.every == 0
    if when.during is not None:
        return when.during[0] <= elapsed < when.during[1]
    return uniform(salt) < (when.chance or 0.0)


def uniform(salt: str) -> float:
    """Return a number in [0, 1) that depends on `salt` alone."""
    return int.from_bytes(blake2b(salt.encode(), digest_size=6).digest(), "big") / 2**48


def corrupted(body: bytes, how: str) -> tuple[bytes, bytes | None]:
    """Return a corrupted body and its content type, None where that stays.

    `truncated_json` is half the JSON, `empty_body` nothing, `wrong_content_type` calls the JSON a web page.
    """
    return {
        "truncated_json": (body[: len(body) // 2], None),
        "empty_body": (b"", None),
        "wrong_content_type": (body, b"text/html; charset=utf-8"),
    }[how]


def length(delay: Delay, number: int, seed: int) -> int:
    """Return the delay of request `number` in nanoseconds. A lognormal delay is at most an hour."""
    if delay.kind == "constant":
        return delay.a
    salt = f"{seed}/delay/{number}"
    if delay.kind == "uniform":
        return delay.a + int((delay.b - delay.a) * uniform(salt))
    normal = math.sqrt(-2 * math.log(1 - uniform(salt))) * math.cos(2 * math.pi * uniform(salt + "/angle"))
    return min(int(delay.a * math.exp(delay.sigma * normal)), _MAX_DELAY)
