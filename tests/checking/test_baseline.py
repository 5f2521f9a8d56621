"""A baseline accepts known violations, and errors say why a file is none."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from jobmock.checking.baseline import read_baseline, save_baseline
from jobmock.checking.formats import FORMATS
from jobmock.errors import UsageError

from .exchanges import checked
from .planted_drifts import DRIFTS, report_of_each_kind


def test_baseline_round_trip(tmp_path: Path) -> None:
    """Violations in a baseline are accepted, those that no longer occur are stale, and new ones are reported."""
    path = tmp_path / "known.json"
    assert save_baseline(path, report_of_each_kind()) == 3
    again = checked([*DRIFTS["new phase"].exchanges, *DRIFTS["new status"].exchanges], accepted=read_baseline(path))
    assert [row.violation.rule for row in again.rows] == ["status-unknown"]
    assert [row.violation.rule for row in again.accepted] == ["value-new"]
    assert len(again.stale) == 2
    assert "The baseline accepts what didn't occur: clado status 200 byte-order-mark." in FORMATS.render(again, "text")


@pytest.mark.parametrize(
    ("text", "message"),
    [("", "is no baseline: it is no JSON."),
     ("[]", "is no baseline: a value in it hasn't the form that it should have."),
     ('{"accepted": [{}]}', "is no baseline: it has no 'api'."),
     ('{"accepted": [{"api": "", "operation": "", "status": 1, "rule": "new", "pointer": "", "found": ""}]}',
      "names an unknown rule 'new'")],
)  # fmt: skip
def test_broken_baseline_is_a_usage_error(text: str, message: str, tmp_path: Path) -> None:
    """A file that is no baseline is a usage error that says why."""
    (tmp_path / "known.json").write_text(text)
    with pytest.raises(UsageError, match=re.escape(message)):
        read_baseline(tmp_path / "known.json")
