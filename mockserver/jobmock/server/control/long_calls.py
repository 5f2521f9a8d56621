"""Control calls that need much work: they are made in a thread, and in pages, so that other requests don't wait."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import accumulate
from math import inf
from typing import Any, NamedTuple

from starlette.responses import Response

from ...engine.namespace import Namespace
from ..off_loop import off_loop
from .fields import Problem
from .formats import response_as

FEW = 200
"""So many exchanges or jobs are read on the loop, because a thread would take longer."""


class LongCall(NamedTuple):
    """An answer that is still to be made of `size` exchanges or jobs, or of a scenario, which counts as many.

    `make` changes nothing. `then` gets what it made, changes namespaces, and returns the answer. Both may raise.
    """

    make: Callable[[], Any]
    then: Callable[[Any], Any] | None = None
    size: float = inf


async def response_of(answer: Any, status: int) -> Response:
    """Return the response of an answer. A long call is made, and written, in a thread."""
    if not isinstance(answer, LongCall):
        return response_as(answer, status)
    if answer.then is not None:
        return response_as(answer.then(await off_loop(answer.make)), status)
    if answer.size <= FEW:
        return response_as(answer.make(), status)
    return await off_loop(lambda: response_as(answer.make(), status))


def page_of(
    namespaces: Iterable[Namespace], after: str, size: Callable[[Namespace], int], most: int
) -> tuple[list[Namespace], str | None]:
    """Return the namespaces of a page, and the cursor of the next page or None. Raises Problem.

    Namespaces are in the order in which they were opened. A page ends with the one that completes a size of `most`.
    """
    (last,) = cursor(after, 1)
    left = sorted((one for one in namespaces if one.opened > last), key=lambda one: one.opened)
    sizes = accumulate(map(size, left))
    page = left[: next((number for number, total in enumerate(sizes, 1) if total >= most), len(left))]
    return page, str(page[-1].opened) if len(page) < len(left) else None


def cursor(text: str, parts: int) -> tuple[int, ...]:
    """Return the numbers of a cursor, which `next` of the page before has. Raises Problem."""
    numbers = text.split("-")
    digits = all(number.isascii() and number.isdecimal() for number in numbers)
    if len(numbers) != parts or not digits or len(text) > 80:
        raise Problem(400, "'after' is the value of 'next' in the page before.")
    return tuple(map(int, numbers))
