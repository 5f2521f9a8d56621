"""How the calls of a client program have ended, where it has several jobs."""

from __future__ import annotations

from typing import Any, NamedTuple


class JobEnd(NamedTuple):
    """How the call for one job has ended; without an outcome it hasn't, or nobody knows."""

    job: str | None
    outcome: str | None
    returned: Any = None


class Several(list[JobEnd]):
    """What a program returns that has called for several jobs."""
