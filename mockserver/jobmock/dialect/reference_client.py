"""The reference client of an API, with which jobmock starts jobs and reads their results."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ReferenceClient:
    """The smallest correct client of one API. Its functions take an `httpx.Client` with base URL and key.

    `more` continues a job; it is None where the API has no continuations. `collect` reads the results of a job, and
    returns the numbers of pages and of people. Both take the job's id.
    """

    start: Callable[[str | None], dict[str, Any]]
    """Run shape → the body that starts such a job."""
    more: Callable[[Any, str], None] | None
    collect: Callable[[Any, str], tuple[int, int]]
