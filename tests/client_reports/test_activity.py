"""What a client did with one API: its requests with every key, and what of them is of that API."""

from __future__ import annotations

from tests.support import KEYS, Mock

from jobmock.client_reports.activity import client_activity
from jobmock.client_reports.story import heading, story
from jobmock.etiquette import RuleSettings

WRONG_KEY = "lk_another"


def polled_after_end(mock: Mock, key: str) -> None:
    """Poll a job that has ended, three times more."""
    job = mock.play("clado", "clado/at-once", key)
    for _ in range(4):
        mock.poll("clado", job, key)
        mock.advance(5, key=key)


def test_each_api_has_its_own_requests(mock: Mock) -> None:
    """A service that plays both APIs has the requests and scenarios of each apart, with all keys."""
    polled_after_end(mock, WRONG_KEY)
    mock.play("orbit", "orbit/usual")
    mock.send("GET", "/api/search/deep_research/none")
    found = {
        api: client_activity(
            mock.service.namespaces, mock.namespace(api), settings=RuleSettings(min_interval=0), time="manual"
        )
        for api in KEYS
    }
    assert [(len(one.journal), one.titles) for one in found.values()] == [
        (6, ("clado/at-once",)), (1, ("orbit/usual",)),
    ]  # fmt: skip
    assert [finding.rule for finding in found["clado"].findings] == ["polled-after-end"]
    assert found["orbit"].findings == ()
    assert [heading(one) for one in found.values()] == [
        "clado: clado/at-once; 6 requests in 0 s", "orbit: orbit/usual; 1 request in 0 s",
    ]  # fmt: skip
    assert "  ! polled-after-end (error): " in story([found["clado"]], all_findings="")
