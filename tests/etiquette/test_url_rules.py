"""URLs that no route has, and an API key where everybody can read it."""

from __future__ import annotations

from typing import Any

import pytest
from tests.etiquette.journals import Row, found, poll, start, verdict


def unrouted(at: float, status: int = 404, **more: Any) -> Row:
    """A request that the API has no route for."""
    return {"at": at, "operation": None, "path": "/v1/jobs", "status": status, "job": None, **more}


@pytest.mark.parametrize(
    "row",
    [
        poll(5, "pending", "api_key=lk_…"),
        start(5, 401, path="/lk_…/jobs"),
    ],
)
def test_key_in_url(row: Row) -> None:
    """A key in a path or a query is seen, though the journal holds no more than its prefix."""
    assert found(start(0), row) == {"key-in-url": (2,)}


@pytest.mark.parametrize("status", [404, 405])
@pytest.mark.parametrize("count", [1, 5])
def test_a_client_that_never_finds_a_route(status: int, count: int) -> None:
    """If each request goes to an unknown path, or has a wrong method, that is an error, also if there is only one."""
    note = "no such route; the nearest is GET /api/credits"
    (finding,) = verdict(*(unrouted(9 * number, status, note=note) for number in range(count))).findings
    assert (finding.rule, finding.severity) == ("unknown-route", "error")
    requests = {1: "a request was", 5: "all 5 requests were"}[count]
    assert finding.evidence == f"{requests} answered 404 or 405: request 1 is GET /v1/jobs ({note})"


def test_a_single_unknown_route_is_a_warning() -> None:
    """A client that finds other routes, or whose first requests the journal dropped, is only warned."""
    found_route = verdict(start(0), unrouted(5), poll(9, "completed")).findings
    dropped = verdict(unrouted(5), dropped=3).findings
    assert [(one.rule, one.severity) for one in (*found_route, *dropped)] == [("unknown-route", "warning")] * 2
    assert verdict(start(0), poll(5, 404), poll(9, 405), poll(14, "completed")).findings == ()


def test_a_long_path_is_cut() -> None:
    """A path of thousands of characters doesn't fill the message."""
    (finding,) = verdict(unrouted(0, path="/x" * 4_000)).findings
    assert len(finding.evidence) < 200 and "/x/x…" in finding.evidence.replace("/…", "…")
