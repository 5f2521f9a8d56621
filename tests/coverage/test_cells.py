"""The cells of coverage: each can be met alone, and is then counted, with those that it can't be without."""

from __future__ import annotations

import ast

import pytest
from tests.api_facts import OWN
from tests.apis.distributions import run_python
from tests.distributions.installed import installed
from tests.support import Mock

from jobmock.coverage import Cell, cells_of, coverage_of

from .bring_about import bring_about

CELLS = [cell for api in OWN for cell in cells_of(api)]


@pytest.mark.parametrize("cell", CELLS, ids=" ".join)
def test_a_cell_that_is_met_alone(mock: Mock, cell: Cell) -> None:
    """A request that brings one cell about meets that cell, those that it can't be without, and no other."""
    expected = bring_about(mock, cell)
    coverage = coverage_of(mock.namespace(cell.api).journal)
    assert (cell.group, cell.name) in expected
    assert {(met.group, met.name) for met in coverage.counts} == expected
    assert set(coverage.counts.values()) == {1}


def test_a_status_has_the_code_with_which_it_is_answered() -> None:
    """Where polls have several codes of success, each status is a cell of the code that the API answers it with."""
    code = "from jobmock.coverage import cells_of; print([c.name for c in cells_of('toast') if c.group == 'status'])"
    named = [f"200 {status}" for status in ("toasted", "burnt")]
    named += [f"202 {status}" for status in ("queued", "toasting", "unlisted status")]
    found = ast.literal_eval(run_python("-c", code, places=[installed("toast")]).stdout)
    assert [name for name in found if name[0] == "2"] == named
