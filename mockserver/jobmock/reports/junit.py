"""JUnit's XML, which CI systems show: suites of cases. The elements and attributes are those of Jenkins's schema."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from ..errors import printable
from .plain_text import printable_lines

_DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n'
"""ElementTree would name the locale's encoding."""


class Failure(NamedTuple):
    """Why a case failed: what kind of failure it is, one line, and the whole text."""

    kind: str
    message: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A test case, with its real time if that is known. It passed if it has no failure, and wasn't `skipped`.

    `skipped` says why it was.
    """

    group: str
    name: str
    seconds: float | None = None
    failure: Failure | None = None
    skipped: str | None = None
    output: str = ""


def to_xml(name: str, suites: Mapping[str, Sequence[Case]]) -> str:
    """Return suites as XML."""
    root = Element("testsuites", name=name)
    for suite, cases in suites.items():
        _add_suite(root, suite, cases)
    indent(root)
    return f"{_DECLARATION}{tostring(root, encoding='unicode')}\n"


def _add_suite(root: Element, name: str, cases: Sequence[Case]) -> None:
    failures, times = sum(case.failure is not None for case in cases), [case.seconds or 0 for case in cases]
    counts = {"tests": str(len(cases)), "failures": str(failures), "errors": "0"}
    if skipped := sum(case.skipped is not None for case in cases):
        counts["skipped"] = str(skipped)
    suite = SubElement(root, "testsuite", {"name": printable(name), **counts, **_time(sum(times) or None)})
    for case in cases:
        _add_case(suite, case)


def _add_case(suite: Element, case: Case) -> None:
    names = {"classname": printable(case.group), "name": printable(case.name.strip())}
    element = SubElement(suite, "testcase", {**names, **_time(case.seconds)})
    if case.failure:
        kind, message, text = map(printable_lines, case.failure)
        SubElement(element, "failure", type=kind, message=message).text = text
    if case.skipped is not None:
        SubElement(element, "skipped", message=printable_lines(case.skipped))
    if case.output:
        SubElement(element, "system-out").text = printable_lines(case.output)


def _time(seconds: float | None) -> dict[str, str]:
    return {} if seconds is None else {"time": f"{seconds:.3f}"}
