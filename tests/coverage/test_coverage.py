"""Coverage as a value: percentages, merging and JSON; and the scenarios that bring cells about."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.api_facts import OWN
from tests.documents import coverage_scenarios
from tests.support import examples

from jobmock.catalogue import Catalogue
from jobmock.coverage import NOTHING_MET, Cell, Coverage, cells_of
from jobmock.coverage.bundled_scenarios import NO_SCENARIO
from jobmock.coverage.reports import FORMATS
from jobmock.errors import UsageError

CELLS = [cell for api in OWN for cell in cells_of(api)]
COVERAGES = st.dictionaries(st.sampled_from(CELLS), st.integers(1, 9)).map(Coverage)


@given(COVERAGES, COVERAGES)
@settings(max_examples=examples(100))
def test_merging(one: Coverage, other: Coverage) -> None:
    """Merged coverage has the sum of both counts of each cell, in whichever order they are merged."""
    merged = one.merge(other)
    assert merged.counts == {cell: n for cell in CELLS if (n := one.counts.get(cell, 0) + other.counts.get(cell, 0))}
    assert other.merge(one).counts == merged.counts


@given(COVERAGES)
@settings(max_examples=examples(100))
def test_json_gives_the_same_coverage(coverage: Coverage) -> None:
    """What is written as JSON is read again as the same coverage."""
    assert Coverage.from_json(json.loads(json.dumps(coverage.to_json()))) == coverage


@given(COVERAGES)
@settings(max_examples=examples(100))
def test_groups_add_up(coverage: Coverage) -> None:
    """The groups of an API have all its cells, each once; an API of which nothing was met doesn't count."""
    for api in coverage.apis:
        groups, whole = coverage.groups(api), coverage.of_api(api)
        assert (sum(one.met for one in groups), sum(one.all for one in groups)) == (whole.met, whole.all)
    share = coverage.in_all()
    assert share.met == len(coverage.counts)
    assert share.all == sum(len(cells_of(api)) for api in coverage.apis)
    assert len(coverage.missing()) == share.all - share.met


@pytest.mark.parametrize(("met", "percent"), [(0, 0.0), (1, 20.0), (4, 80.0), (5, 100.0)])
def test_percentage(met: int, percent: float) -> None:
    """A percentage is the share of the cells of its group."""
    faults = [cell for cell in cells_of("clado") if cell.group == "pages"]
    coverage = Coverage({Cell("clado", "start", "200"): 7, **dict.fromkeys(faults[:met], 2)})
    assert next(one for one in coverage.groups("clado") if one.group == "pages").percent == percent


def test_all_but_one_is_less_than_a_hundred() -> None:
    """A percentage is rounded down, so 100 means that nothing is missing."""
    cells = cells_of("orbit")
    assert Coverage(dict.fromkeys(cells, 1)).in_all().percent == 100.0
    assert Coverage(dict.fromkeys(cells[1:], 1)).in_all().percent == len(cells[1:]) * 1000 // len(cells) / 10 < 100


@pytest.mark.parametrize(
    "data", [None, [], {}, {"version": 2, "apis": {}}, {"version": 1}, {"version": 1, "apis": [1]}]
)
def test_json_of_something_else(data: Any) -> None:
    """JSON that is no coverage is refused in words."""
    with pytest.raises(UsageError, match="coverage"):
        Coverage.from_json(data)


def test_scenarios_of_cells_are_those_that_bring_them_about() -> None:
    """The file of scenarios is the one that playing all bundled scenarios gives."""
    assert all(page.read_text("utf-8") == text for page, text in coverage_scenarios.pages().items())


def test_reports_name_what_is_missing() -> None:
    """Each missing cell is in each report, with a scenario that exists, or with the words that there is none."""
    coverage = Coverage({Cell("clado", "start", "200"): 1})
    text, markdown = FORMATS.render(coverage, "text"), FORMATS.render(coverage, "markdown")
    data = json.loads(FORMATS.render(coverage, "json"))
    names, width = Catalogue().names(), max(len(row["name"]) for row in data["missing"])
    assert [(row["group"], row["name"]) for row in data["missing"]] == [cell[1:] for cell in cells_of("clado")[1:]]
    for row in data["missing"]:
        assert row["scenario"] is None or row["scenario"] in names
        assert f"{row['name']:{width}}  {row['scenario'] or NO_SCENARIO}\n" in text
        assert f"{row['scenario'] or NO_SCENARIO} |" in markdown
    assert "1 /   7    14.2" in text
    assert "| clado | start | 1 | 7 | 14.2 |" in markdown


@pytest.mark.parametrize("form", ["text", "markdown"])
def test_report_of_nothing(form: str) -> None:
    """A run without any request says so."""
    assert FORMATS.render(NOTHING_MET, form) == "No client has met anything of an API.\n"


def test_report_of_everything() -> None:
    """With all cells met, nothing is named as missing, and both APIs have a row for all their cells."""
    text = FORMATS.render(Coverage(dict.fromkeys(CELLS, 1)), "text")
    assert "Not met" not in text
    assert text.splitlines()[-1].split() == ["all", "in", "all", str(len(CELLS)), "/", str(len(CELLS)), "100.0"]
