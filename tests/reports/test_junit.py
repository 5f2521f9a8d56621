"""JUnit's XML keeps to the schema of Jenkins, whatever is in the texts."""

from __future__ import annotations

from xml.etree.ElementTree import fromstring

import pytest

from jobmock.reports.junit import Case, Failure, to_xml

from .junit_schema import breaks

HOSTILE = 'a<b>&"]]>\x00\x1b[31m\ud800\ufffe\u2028\n::error::ä'


@pytest.mark.parametrize("text", ["plain", HOSTILE, "", "\n"])
def test_every_text_is_valid_xml(text: str) -> None:
    """Any text may be in each place, and the XML stays valid and can be encoded."""
    case = Case(group=text, name=text, seconds=1234.5678, failure=Failure(text, text, text), output=text)
    root = fromstring(to_xml("jobmock", {text or "suite": [case, Case(group="g", name="n")]}).encode("utf-8"))
    assert breaks(root) == []
    failure = root.find("testsuite/testcase/failure")
    assert failure is not None and (failure.text or "").count("\n") == text.count("\n")


def test_times() -> None:
    """A suite has the sum of its cases' times, and none where no case has one."""
    timed = [Case(group="g", name="a", seconds=1.5), Case(group="g", name="b", seconds=0.25)]
    root = fromstring(to_xml("jobmock", {"timed": timed, "untimed": [Case(group="g", name="c")]}).encode())
    assert [suite.get("time") for suite in root] == ["1.750", None]
    assert [case.get("time") for case in root.iter("testcase")] == ["1.500", "0.250", None]


@pytest.mark.parametrize(
    ("xml", "found"),
    [('<testsuite name="a" tests="1" failures="0"/>', ["testsuite has no errors", "a has other counts than (0, 0)"]),
     ('<testcase name="a" time="1.2345"/>', ["time is 1.2345"]),
     ('<testcase name="a" file="b"><error/></testcase>', ["testcase has file", "testcase has <error>"])],
)  # fmt: skip
def test_the_schema_is_able_to_fail(xml: str, found: list[str]) -> None:
    """Missing and unknown attributes, unknown elements, wrong times and wrong counts are found."""
    assert breaks(fromstring(xml)) == found
