"""A report fails by its worst kind of violation, and the number of its rows is limited."""

from __future__ import annotations

import pytest

from jobmock.checking.formats import FORMATS
from jobmock.checking.report import FAIL_ON
from jobmock.checking.report_builder import MOST_ROWS
from jobmock.checking.violation import KINDS

from .exchanges import checked, clado, status
from .planted_drifts import DRIFTS


@pytest.mark.parametrize(("kind", "fails"), [(kind, number) for number, kind in enumerate(KINDS)])
def test_fail_on(kind: str, fails: int) -> None:
    """A report fails if `fail_on` is its worst kind or a less bad one, and never for `never`."""
    names = {"breaking": "new status", "additive": "new phase", "cosmetic": "byte order mark"}
    report = checked(DRIFTS[names[kind]].exchanges)
    assert [report.fails(word) for word in FAIL_ON] == [number >= fails for number in range(3)] + [False]


def test_number_of_rows_is_limited() -> None:
    """There are at most 1,000 rows of a kind. Further violations are counted, and make the report fail too."""
    many = clado(status("pending", **{f"m{number}": 1 for number in range(MOST_ROWS + 5)}))
    report = checked([many, clado(status("ranking"), number=1)])
    assert (report.count("additive"), report.count("breaking"), report.more) == (MOST_ROWS, 1, {"additive": 5})
    assert "5 more beyond the bound of rows" in FORMATS.render(report, "text")
    accepted = [row.violation.identity for row in report.rows]
    again = checked([many], accepted=accepted)
    assert (list(again.rows), again.fails("additive"), again.fails("breaking")) == ([], True, False)
