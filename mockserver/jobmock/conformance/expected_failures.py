"""A list of cases that a client is known to fail: a failure in it is no surprise, and a pass is one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

from ..errors import hint
from ..scenario.reading import read_file
from ..scenario.schema_check import check_document
from .cases import Case
from .judgement import FAILED, PASSED
from .scorecard import EXPECTED, OUTDATED, UNEXPECTED_PASS, CaseResult

_SCHEMA = "expected-failures.schema.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpectedFailure:
    """A case that a client is known to fail, why, and the last day on which that is accepted."""

    case: str
    reason: str
    until: date


def read_expected_failures(path: Path, cases: Sequence[Case]) -> list[ExpectedFailure]:
    """Return the entries of a file. Raises ScenarioError with a problem for each fault, at its line."""
    document = read_file(path, str(path))
    check_document(document, _SCHEMA, lambda data: _wrong_entries(data, [case.id for case in cases]))
    return [
        ExpectedFailure(case=entry["case"], reason=entry["reason"], until=date.fromisoformat(entry["until"]))
        for entry in document.data
    ]


def with_expected(results: Iterable[CaseResult], expected: Sequence[ExpectedFailure], today: date) -> list[CaseResult]:
    """Return the results as they are with a list of expected failures."""
    known = {one.case: one for one in expected}
    return [_with_expected(result, known.get(result.case.id), today) for result in results]


def _with_expected(result: CaseResult, expected: ExpectedFailure | None, today: date) -> CaseResult:
    if expected is None:
        return result
    if result.result == PASSED:
        note = f"It was expected to fail ({expected.reason}). Remove it from the expected failures."
        return replace(result, result=UNEXPECTED_PASS, note=note)
    if result.result == FAILED and today > expected.until:
        note = f"It was expected to fail until {expected.until} ({expected.reason}), and that day has gone by."
        return replace(result, result=OUTDATED, note=note)
    if result.result == FAILED:
        return replace(result, result=EXPECTED, note=f"{expected.reason} (until {expected.until})")
    return result


def _wrong_entries(data: Sequence[Mapping[str, Any]], known: Sequence[str]) -> Iterable[tuple[str, str, bool]]:
    """Yield a message and a JSON Pointer for each entry that names no case, a case twice, or no day."""
    seen = set[str]()
    for number, entry in enumerate(data):
        name, pointer = entry["case"], f"/{number}"
        if name not in known:
            yield f"There is no case {name!r}.{hint(name, known)}", f"{pointer}/case", False
        if name in seen:
            yield f"The case {name!r} stands twice.", f"{pointer}/case", False
        seen.add(name)
        try:
            date.fromisoformat(entry["until"])
        except ValueError:
            yield f"'until' is {entry['until']!r}. Allowed: a day, such as 2026-12-31.", f"{pointer}/until", False
