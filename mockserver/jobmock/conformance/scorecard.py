"""The scorecard of a client: the result of each case, counted by groups, and whether the client conforms."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from ..coverage import NOTHING_MET, Coverage
from ..redaction import redact
from .cases import Case
from .judgement import FAILED, NOT_JUDGED, PASSED, Failure, Judgement

UNSTABLE, NOT_SUPPORTED, EXPECTED = "unstable", "not supported", "failed as expected"
UNEXPECTED_PASS, OUTDATED = "passed unexpectedly", "failed past its date"
RESULTS = (PASSED, FAILED, UNSTABLE, UNEXPECTED_PASS, OUTDATED, EXPECTED, NOT_JUDGED, NOT_SUPPORTED)
"""All results of a case."""
_WRONG = frozenset({FAILED, UNSTABLE, UNEXPECTED_PASS, OUTDATED})
_JUDGED = frozenset({PASSED, EXPECTED, *_WRONG})
OK, NOT_OK, NOTHING_JUDGED = 0, 1, 2


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseResult:
    """The result of one case. A case that wasn't played has no judgement; `note` says what to know beside it."""

    case: Case
    result: str
    judgement: Judgement | None = None
    note: str | None = None

    @property
    def failures(self) -> Sequence[Failure]:
        """How the client failed the case."""
        return self.judgement.failures if self.judgement else ()

    @property
    def is_wrong(self) -> bool:
        """Whether the client must be mended for this result, or the list of expected failures."""
        return self.result in _WRONG

    @property
    def reason(self) -> str | None:
        """Why the result isn't a pass, in a sentence; None for a pass."""
        if self.note:
            return self.note
        if self.result == NOT_SUPPORTED:
            return f"The client doesn't say that it can do {self.case.action!r} (--capability)."
        if self.result == NOT_JUDGED and self.judgement:
            return " ".join(f"{rule}: {reason}" for rule, reason in self.judgement.not_judged.items())
        return "; ".join(map(str, self.failures)) or None


class GroupScore(NamedTuple):
    """How many cases of a group passed, and how many were judged. `others` has the number of each other result."""

    group: str
    passed: int
    judged: int
    others: Mapping[str, int]


@dataclass(frozen=True, kw_only=True)
class Scorecard:
    """The results of a client. `client` is its command or its name, without keys.

    `fail_on` is the least severity that fails the client. `options` are those of the command line that a case needs
    when it is played alone. `with_coverage` says whether the reports have what the client met of the API.
    """

    api: str
    client: str
    results: Sequence[CaseResult]
    fail_on: str = "must"
    options: str = ""
    with_coverage: bool = False

    def __post_init__(self) -> None:
        object.__setattr__(self, "client", redact(self.client))

    @cached_property
    def scores(self) -> list[GroupScore]:
        """The score of each group, in the order of the cases."""
        return [_score(name, [one for one in self.results if one.case.group == name]) for name in self._names]

    @cached_property
    def total(self) -> GroupScore:
        """The score of all cases."""
        return _score("all", self.results)

    @property
    def coverage(self) -> Coverage | None:
        """What the client met of the API in all cases; None if that isn't wanted."""
        if not self.with_coverage:
            return None
        return NOTHING_MET.merge(*(one.judgement.met for one in self.results if one.judgement))

    @property
    def _names(self) -> list[str]:
        return list(dict.fromkeys(result.case.group for result in self.results))

    @property
    def exit_code(self) -> int:
        """0 if a `must` case was judged and nothing that counts is wrong, 2 if none was judged, else 1."""
        if any(result.is_wrong and self._counts(result.case) for result in self.results):
            return NOT_OK
        judged = any(one.case.severity == "must" and one.result in _JUDGED for one in self.results)
        return OK if judged else NOTHING_JUDGED

    def _counts(self, case: Case) -> bool:
        return case.severity == "must" or self.fail_on == "should"

    @property
    def meaning(self) -> str:
        """The whole result in a sentence."""
        counts = ", ".join(f"{number} {result}" for result, number in self.total.others.items())
        text = f"{self.total.passed} of {self.total.judged} cases passed{f' ({counts})' if counts else ''}."
        return {
            OK: f"The client conforms in all that was judged: {text}", NOT_OK: f"The client doesn't conform: {text}",
            NOTHING_JUDGED: f"No `must` case was judged, so nothing is known: {text}",
        }[self.exit_code]  # fmt: skip


def _score(name: str, results: Sequence[CaseResult]) -> GroupScore:
    counts = {result: sum(one.result == result for one in results) for result in RESULTS}
    judged = sum(counts[result] for result in _JUDGED)
    others = {result: number for result, number in counts.items() if number and result != PASSED}
    return GroupScore(name, counts[PASSED], judged, others)
