"""The value that a client's call returned, beside what its requests showed."""

from __future__ import annotations

from typing import Any

import pytest
from tests.etiquette.journals import Row, change, found, poll, start, verdict

from jobmock.etiquette import ReturnedValue, describe


@pytest.mark.parametrize("nothing", [None, [], {}, "", ()])
@pytest.mark.parametrize("end", ["error", "cancelled"])
def test_failure_as_nothing(nothing: Any, end: str) -> None:
    """A job that failed or was cancelled is not nothing: a warning."""
    finding, = verdict(start(0), poll(5, end), outcome="returned", returned=describe(nothing)).findings  # fmt: skip
    assert (finding.rule, finding.severity) == ("failure-as-nothing", "warning")
    assert finding.evidence == f"the call returned nothing; request 2 had shown {end!r}"


@pytest.mark.parametrize(
    ("rows", "value", "expected"),
    [
        ([poll(5, "completed")], [], {}),
        ([poll(5, "error")], {"status": "error"}, {}),
        ([poll(5, "pending"), change(6, "cancel"), poll(7, "cancelled")], None, {}),
        ([poll(5, 404)], None, {"failure-as-nothing": (2,)}),
        ([poll(5, 503)], None, {"gave-up-early": (2,)}),
        ([poll(5, 503)], {"error": "x"}, {"error-as-result": (2,)}),
        ([poll(5, "pending")], None, {"gave-up-early": (2,)}),
        ([poll(5, "cancelled")], {"status": "completed"}, {"wrong-status": (2,)}),
        ([poll(5, "cancelled")], {"status": "cancelled"}, {}),
        ([poll(5, "cancelled")], {"status": "gone"}, {}),
        ([poll(5, "completed", partial="search_chunk_done")], [{"a": 1}], {"partial-as-whole": (2,)}),
        ([poll(5, "completed", partial="search_chunk_done")], {"meta": {"search_chunk_done": 2}}, {}),
        ([poll(5, "completed", partial="search_chunk_done")], None, {}),
    ],
)
def test_returned_values(rows: list[Row], value: Any, expected: dict[str, Any]) -> None:
    """The last answer decides what a returned value may be."""
    assert found(start(0), *rows, outcome="returned", returned=describe(value)) == expected


@pytest.mark.parametrize(
    ("value", "severities"), [(None, []), ({}, []), ({"detail": "x"}, ["error"]), (..., ["warning"])]
)
def test_a_refused_start(value: Any, severities: list[str]) -> None:
    """A refused start may be returned as nothing; where the value isn't known, it is only a warning."""
    known: dict[str, Any] = {} if value is ... else {"returned": describe(value)}
    findings = verdict(start(0, 402), outcome="returned", **known).findings
    assert [finding.severity for finding in findings] == severities


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, ReturnedValue(empty=True)),
        ([], ReturnedValue(empty=True, count=0, repeated=0)),
        (0, ReturnedValue()),
        ([{"a": 1}, {"a": 1}, {"b": 1}], ReturnedValue(count=3, repeated=1)),
        ({"status": "x", "people": [{"a": object()}]},
         ReturnedValue(status="x", count=1, repeated=0, members=frozenset({"status", "people"}))),
        ({"one": [{}], "two": [{}]}, ReturnedValue(members=frozenset({"one", "two"}))),
        ({"status": 3, "a": {"b": {"c": {"d": 1}}}}, ReturnedValue(members=frozenset("abcd") | {"status"})),
        (["x"], ReturnedValue()),
    ],
)  # fmt: skip
def test_what_is_known_of_a_value(value: Any, expected: ReturnedValue) -> None:
    """Only shapes and names are kept of a value, never its content."""
    assert describe(value) == expected
