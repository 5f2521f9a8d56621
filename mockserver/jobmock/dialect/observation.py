"""How a recorder reads the bodies of an API."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple


class ObservedPeople(NamedTuple):
    """The people in a status answer: how many are visible, None where it has no results at all.

    `shown` are their records or ids. `page` and `size` say which page it is; 0 where it has no pages. `ids` are the ids
    of records, None for a record without one.
    """

    visible: int | None
    shown: tuple[Any, ...] = ()
    page: int = 0
    size: int = 0
    ids: tuple[Any, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Observation:
    """Functions that read the bodies of one API."""

    people: Callable[[Any], ObservedPeople]
    """Body with the results of a job → its people."""
    run_shape: Callable[[Mapping[str, Any]], str | None]
    """Body of a start → its run shape, None where there is none."""
