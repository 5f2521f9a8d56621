"""The verdict on a cell in one word, and whether it is one that its construct expects."""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass
from typing import Any

from tests.virtual.matrix.cells import Exact, Expected, Impossible, Real, Refused

from jobmock.clock import SECOND

WORDS = ("exact", "refused", "real", "silent", "hanging", "crashed")
REFUSED_WITHIN = 4.0
REAL_LONGER = 3.0
"""Real seconds, to which the time is added that the threads had to wait for a processor."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """The result of one cell."""

    construct: str
    place: str
    verdict: str
    fine: bool
    detail: str

    def data(self) -> dict[str, Any]:
        """Return the result as data for JSON."""
        return asdict(self)


def judge(construct: str, place: str, report: dict[str, Any], expected: tuple[Expected, ...]) -> Result:
    """Return the result of a cell from its report."""
    verdict, detail = _JUDGES[report["end"]](report, expected)
    allowed = {str(one) for one in expected}
    fine = verdict in allowed and not detail.startswith("!")
    if not fine and verdict in WORDS[:3]:
        detail = f"{detail}; expected: {' or '.join(describe(one) for one in expected)}"
    return Result(construct=construct, place=place, verdict=verdict, fine=fine, detail=detail)


def describe(expected: Expected) -> str:
    """Return an expected result in words."""
    match expected:
        case Exact(seconds=seconds):
            return f"exactly {seconds:g} s"
        case Refused(words=words):
            return f"refused with {words!r}"
        case Real(reason=reason, seconds=seconds):
            return f"{seconds:g} real s, for {reason}"
        case Impossible(reason=reason):
            return f"not possible: {reason}"


def _returned(report: dict[str, Any], expected: tuple[Expected, ...]) -> tuple[str, str]:
    elapsed, final = report["virtual"] / SECOND, report["final"] / SECOND
    took = f"{elapsed:g} virtual s, {report['real']:.2f} real s, {final:g} at the end"
    if report["failed_checks"]:
        return "silent", f"{'; '.join(report['failed_checks'])} ({took})"
    for one in expected:
        if isinstance(one, Exact) and _exact(report, one):
            return "exact", took
        if isinstance(one, Real) and _real(report, one):
            return "real", took
    return "silent", f"{took}; expected: {' or '.join(describe(one) for one in expected)}"


def _exact(report: dict[str, Any], expected: Exact) -> bool:
    until = expected.seconds if expected.until is None else expected.until
    most = round(expected.more * SECOND)
    return all(
        0 <= report[name] - round(seconds * SECOND) <= most
        for name, seconds in (("virtual", expected.seconds), ("final", until))
    )


def _real(report: dict[str, Any], expected: Real) -> bool:
    most = expected.seconds + REAL_LONGER + report["processor_wait"]
    in_time = expected.seconds * 0.95 <= report["real"] <= most
    return bool(in_time and 0 <= report["virtual"] <= report["real"] * SECOND + 1)


def _refused(report: dict[str, Any], expected: tuple[Expected, ...]) -> tuple[str, str]:
    words = [one.words for one in expected if isinstance(one, Refused)]
    message = str(report["message"])
    problems = []
    if words and not any(re.search(word, message) for word in words):
        problems.append(f"doesn't contain {' or '.join(map(repr, words))}")
    if not report["located"]:
        problems.append("doesn't say where")
    if report["real"] > REFUSED_WITHIN + report["processor_wait"]:
        problems.append(f"only after {report['real']:.1f} s")
    return "refused", f"! {', '.join(problems)}: {message}" if problems else message


def _raised(report: dict[str, Any], expected: tuple[Expected, ...]) -> tuple[str, str]:
    return "crashed", report["errors"][0].strip().splitlines()[-1] if report["errors"] else report.get("message", "")


def _lost(report: dict[str, Any], expected: tuple[Expected, ...]) -> tuple[str, str]:
    return "silent", "a VirtualTimeError was raised, and never reached the test"


def _hanging(report: dict[str, Any], expected: tuple[Expected, ...]) -> tuple[str, str]:
    return "hanging", report["message"]


_JUDGES = {"returned": _returned, "refused": _refused, "raised": _raised, "lost": _lost, "hanging": _hanging}
