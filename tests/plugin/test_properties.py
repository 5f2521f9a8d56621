"""A failing property takes a limited time, and its report says what was left out."""

from __future__ import annotations

import pytest

from jobmock.strategies.shrink_limit import DEFAULT_SECONDS
from pytest_jobmock import properties
from pytest_jobmock.options import Options

from .conftest import Project

PROPERTY = """
from hypothesis import Phase, given, settings, strategies as st
from polling import client

SETTINGS = settings(database=None, derandomize=True, deadline=None)

@SETTINGS
@given(number=st.integers(0, 10**6), other=st.integers())
def test_property(clado_example, number, other):
    with clado_example() as mock, client(mock) as http:
        http.get("/api/credits")
        assert number < 1000
"""
ALONE = """
from hypothesis import given, settings, strategies as st

@settings(database=None, derandomize=True)
@given(number=st.integers(0, 10**6), other=st.integers())
def test_property(number, other):
    assert number < 1000
"""
MACHINE = """
from hypothesis import settings
from jobmock.strategies import ClientMachine
from polling import client

class Machine(ClientMachine):
    api = "clado"

    def connect(self, mock):
        self.http = client(mock)

    def start_job(self):
        return "no job"

TestMachine = Machine.TestCase
TestMachine.settings = settings(database=None, derandomize=True, deadline=None)
"""
EXPLAINED = "or any other generated value"
"""What the phase `explain` writes beside a value that doesn't matter."""
LEFT_OUT = "phase `explain` was left out"
CUT = "*There may be a smaller one: the search for it ended after 1e-09 s*"
TITLE = "*- jobmock property -*"


def test_the_default_is_that_of_the_strategies() -> None:
    """The option and `assert_client_survives` have the same default."""
    assert Options().shrink == DEFAULT_SECONDS


@pytest.mark.parametrize("is_slow", [False, True], ids=["quick", "slow"])
def test_explain_is_left_out_where_it_is_slow(
    is_slow: bool, project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the phase `explain` traces each line, it is left out of a property with a mock, and the report says so."""
    monkeypatch.setattr(properties, "_EXPLAIN_IS_SLOW", is_slow)
    project.write("test_sample.py", PROPERTY)
    ran = project.run()
    ran.assert_outcomes(failed=1)
    printed = ran.stdout.str()
    assert (EXPLAINED in printed, LEFT_OUT in printed) == (not is_slow, is_slow)


def test_other_properties_are_as_before(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    """A property without a mock has the phase `explain`, and Hypothesis's own limit."""
    monkeypatch.setattr(properties, "_EXPLAIN_IS_SLOW", True)
    project.write("test_sample.py", ALONE)
    ran = project.run("--jobmock-shrink=1e-9")
    ran.assert_outcomes(failed=1)
    assert EXPLAINED in ran.stdout.str()
    ran.stdout.no_fnmatch_line(TITLE)


@pytest.mark.parametrize("text", [PROPERTY, MACHINE], ids=["property", "machine"])
def test_a_failure_that_was_cut_says_so(text: str, project: Project) -> None:
    """With a time that is over at once, the report says that there may be a smaller counterexample."""
    project.write("test_sample.py", text)
    ran = project.run("--jobmock-shrink=1e-9")
    ran.assert_outcomes(failed=1)
    ran.stdout.fnmatch_lines([TITLE, CUT])


def test_the_settings_stay(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    """A property's settings are as before after its test."""
    monkeypatch.setattr(properties, "_EXPLAIN_IS_SLOW", True)
    check = """
def test_later():
    assert Phase.explain in test_property._hypothesis_internal_use_settings.phases
"""
    project.write("test_sample.py", PROPERTY + check)
    project.run().assert_outcomes(failed=1, passed=1)
