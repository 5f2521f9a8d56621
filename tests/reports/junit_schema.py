"""The elements and attributes of JUnit's XML that Jenkins's schema (junit-10.xsd) allows, and GitLab reads."""

from __future__ import annotations

import re
from xml.etree.ElementTree import Element

_TIME = re.compile(r"(([0-9]{0,3},)*[0-9]{3}|[0-9]{0,3})*(\.[0-9]{0,3})?")
_ELEMENTS: dict[str, tuple[set[str], set[str], set[str]]] = {
    "testsuites": ({"testsuite"}, set(), {"name", "time", "tests", "failures", "errors"}),
    "testsuite": (
        {"testsuite", "properties", "testcase", "system-out", "system-err"},
        {"name", "tests", "failures", "errors"}, {"group", "time", "skipped", "timestamp", "hostname", "id", "package"},
    ),
    "testcase": ({"skipped", "failure", "system-out", "system-err"}, {"name"}, {"time", "classname", "group"}),
    "failure": (set(), set(), {"type", "message"}),
    "system-out": (set(), set(), set()),
}  # fmt: skip
"""Of each element: its children, and the attributes that it must have and may have."""


def breaks(element: Element) -> list[str]:
    """Return in words where an element, or one within it, breaks the schema."""
    children, required, optional = _ELEMENTS[element.tag]
    given = set(element.keys())
    found = [f"{element.tag} has no {name}" for name in required - given]
    found += [f"{element.tag} has {name}" for name in given - required - optional]
    found += [f"{element.tag} has <{child.tag}>" for child in element if child.tag not in children]
    if not _TIME.fullmatch(element.get("time", "")):
        found.append(f"time is {element.get('time')}")
    if element.tag == "testsuite":
        counts = len(element.findall("testcase")), len(element.findall("testcase/failure"))
        if (element.get("tests"), element.get("failures")) != tuple(map(str, counts)):
            found.append(f"{element.get('name')} has other counts than {counts}")
    return found + [text for child in element if child.tag in children for text in breaks(child)]
