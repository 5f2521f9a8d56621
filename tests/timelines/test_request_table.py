"""The table of requests has what matters, however many there are."""

from __future__ import annotations

from tests.support import Mock
from tests.timelines.clients import FAULTY, impatient, poll_every, timeline_of

from jobmock.timelines.elements import to_html
from jobmock.timelines.request_table import MOST_ROWS, request_table


def rows_of(mock: Mock) -> list[list[str]]:
    """Return the cells of all rows as text."""
    rows = list(request_table(timeline_of(mock)).iter("tr"))[1:]
    return [["".join(cell.itertext()).strip() for cell in row] for row in rows]


def test_rows(mock: Mock) -> None:
    """A row has number, time, request and answer, and the rest in words."""
    job = impatient(mock)
    rows = rows_of(mock)
    assert rows[0] == ["1", "0 s", "POST /api/search/deep_research", "200", ""]
    assert rows[3][1:] == [
        "+10 s", f"GET /api/search/deep_research/{job[:8]}…", "429 rate_limited",
        "respond rate_limited; Retry-After until +22 s",
    ]  # fmt: skip
    assert rows[5][4] == "corrupt short_body"
    assert rows[6][4] == "delay; held until +29 s"
    assert [row[4] for row in rows[-4:-1]] == ["page 1", "page 2", "page 3, the last"]


def test_equal_requests_are_folded(mock: Mock) -> None:
    """Of many equal requests in a row the first and the last are shown, and the others are counted."""
    job = mock.play("clado", "clado/slow")
    poll_every(mock, job, 5, 12)
    shown = [row[0] for row in rows_of(mock)]
    assert shown[:2] == ["1", "2"]
    assert shown[2].startswith("… 10 more like it, +5 s to +50 s")
    assert shown[3:] == ["13"]


def test_a_request_that_a_finding_names_is_never_folded(mock: Mock) -> None:
    """Among equal requests, those that findings name have rows of their own."""
    job = mock.play("clado", "clado/at-once")
    poll_every(mock, job, 5, 30)
    named = set(timeline_of(mock).evidence)
    shown = {int(row[0].split()[0]) for row in rows_of(mock) if row[0][0].isdecimal()}
    assert len(named) > 2
    assert named <= shown
    assert len(shown) < 31


def test_a_long_table_is_bounded(mock: Mock) -> None:
    """The middle of a very long table is left out, but not a request that a finding names."""
    job = mock.play("clado", {**FAULTY, "progression": [{"status": "pending", "after": {"seconds": 9000}},
                                                        {"status": "completed"}]})  # fmt: skip
    for number in range(2 * MOST_ROWS):
        mock.poll("clado", job, query=f"n={number}")
        mock.advance(0.001 if 1500 < number < 1600 else 5)
    timeline = timeline_of(mock)
    middle = [number for number in timeline.evidence if 1000 < number < 2000]
    rows = rows_of(mock)
    assert middle
    assert set(middle) <= {int(row[0].split()[0]) for row in rows if row[0][0].isdecimal()}
    assert len(rows) <= MOST_ROWS + 2 * len(middle) + 1
    assert len(to_html(request_table(timeline))) < 700_000
