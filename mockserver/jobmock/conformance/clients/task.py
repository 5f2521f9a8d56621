"""What a client is asked to do in one case, as its environment or its argument says it."""

from __future__ import annotations

from dataclasses import dataclass

from ..cases import Case

INTERVAL, TIMEOUT = 5.0, 100.0
"""The seconds of the mock's clock between two polls, and for one request, that a client in scaled time is told."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """What a client is asked to do.

    `action` is one of `poll`, `start`, `pages`, `cancel`, `more`, `profile` and `credits`. `job_id` is None for a
    start, and where no job is needed. `query` and `limit` are for a start, `limit` also for `more`; None means none.
    After `deadline` seconds the client must give up.
    """

    api: str
    action: str
    url: str
    api_key: str
    job_id: str | None
    query: str
    limit: int | None
    deadline: float

    def variables(self, *, speed: float | None = None) -> dict[str, str]:
        """Return the environment variables beside those of the mock. `speed` is that of scaled time."""
        factor = speed or 1
        found = {
            "JOBMOCK_API": self.api, "JOBMOCK_ACTION": self.action, "JOBMOCK_QUERY": self.query,
            "JOBMOCK_DEADLINE": f"{self.deadline / factor:g}",
        }  # fmt: skip
        if self.limit is not None:
            found["JOBMOCK_LIMIT"] = str(self.limit)
        if speed is not None:
            found |= {"JOBMOCK_INTERVAL": f"{INTERVAL / speed:g}", "JOBMOCK_TIMEOUT": f"{TIMEOUT / speed:g}"}
        return found


def task_of(case: Case, url: str, api_key: str, job_id: str | None) -> Task:
    """Return the task of a case."""
    return Task(
        api=case.api, action=case.action, url=url, api_key=api_key, job_id=job_id,
        query=case.query, limit=case.limit, deadline=case.deadline,
    )  # fmt: skip
