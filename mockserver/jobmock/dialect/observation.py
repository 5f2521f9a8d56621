"""What an API's bodies tell somebody who only listens: the part of a dialect that a recorder needs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple


class Heard(NamedTuple):
    """What a status answer tells of its people: how many are visible, None where it has no results at all.

    `shown` are the records, or ids, in it; `page` and `size` say which page of them, 0 where it isn't paged.
    """

    visible: int | None
    shown: tuple[Any, ...] = ()
    page: int = 0
    size: int = 0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Hearing:
    """What the bodies of one API tell a recorder, who has nothing else to go by."""

    people: Callable[[Mapping[str, Any]], Heard]
    """A status body → its people."""
    run_shape: Callable[[Mapping[str, Any]], str | None]
    """A start's body → the run shape that it asks for, None where there is none."""
