"""Answers that need much work: they are made in pages, and off the loop, so that other requests don't wait."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, NamedTuple

from ...engine.namespace import Namespace
from ...errors import JobmockError
from .fields import Problem

FEW = 200
"""So many exchanges or jobs are read on the loop, because a thread would take longer."""


class LargeRead(NamedTuple):
    """An answer that is still to be made of so many exchanges or jobs. `make` changes nothing."""

    size: int
    make: Callable[[], Any]


async def finished(answer: Any, status: int) -> tuple[Any, int]:
    """Return an answer and its status. A large read is made in a thread. Raises Problem.

    The loop doesn't wait meanwhile, it only gives way: virtual time would take a loop that waits for idle.
    """
    if not isinstance(answer, LargeRead):
        return answer, status
    try:
        if answer.size <= FEW:
            return answer.make(), status
        made = asyncio.ensure_future(asyncio.to_thread(answer.make))
        while not made.done():
            await asyncio.sleep(0)
        return made.result(), status
    except JobmockError as error:
        raise Problem(400, str(error)) from None


def opened_after(namespaces: list[Namespace], cursor: int) -> list[Namespace]:
    """Return the namespaces that were opened after one, in the order in which they were opened."""
    return sorted((one for one in namespaces if one.opened > cursor), key=lambda one: one.opened)


def cursor(text: str, parts: int) -> tuple[int, ...]:
    """Return the numbers of a cursor, which `next` of the page before has. Raises Problem."""
    numbers = text.split("-")
    digits = all(number.isascii() and number.isdecimal() for number in numbers)
    if len(numbers) != parts or not digits or len(text) > 80:
        raise Problem(400, "'after' is the value of 'next' in the page before.")
    return tuple(map(int, numbers))
