"""The `change` of a fault: what it does to the JSON of an answer."""

from __future__ import annotations

import json
from typing import Any

import pytest

from jobmock.engine.body_changes import changed_body, describe_change
from jobmock.models import Change

BODY: dict[str, Any] = {"a": {"b": 1}, "rows": [{"n": 1, "x": {"y": 0}}, {"n": 2}], "*": 0}


@pytest.mark.parametrize(("change", "expected"), [
    ({"set": {"/a/b": "x"}}, {**BODY, "a": {"b": "x"}}),
    ({"set": {"/a/new": None}}, {**BODY, "a": {"b": 1, "new": None}}),
    ({"set": {"/rows/*/n": 0}}, {**BODY, "rows": [{"n": 0, "x": {"y": 0}}, {"n": 0}]}),
    ({"set": {"/rows/*/x/y": 9}}, {**BODY, "rows": [{"n": 1, "x": {"y": 9}}, {"n": 2}]}),
    ({"set": {"/rows/2": {}}}, {**BODY, "rows": [*BODY["rows"], {}]}),
    ({"set": {"/rows/7": {}, "/rows/7/n": 1, "/rows/x": 1, "/none/b": 1}}, BODY),
    ({"set": {"/*": 5}}, {**BODY, "*": 5}),
    ({"set": {"/a/*": 5}}, {**BODY, "a": {"b": 5}}),
    ({"set": {"": []}}, []),
    ({"set": {"/a": {"c": []}, "/a/c/0": 1}}, {**BODY, "a": {"c": [1]}}),
    ({"omit": ["/a/b", "/none/c"]}, {**BODY, "a": {}}),
    ({"omit": ["/rows/0", "/rows/1/n", "/rows/9"]}, {**BODY, "rows": [{}]}),
    ({"omit": ["/rows/*/n"]}, {**BODY, "rows": [{"x": {"y": 0}}, {}]}),
    ({"omit": ["/rows/*"]}, {**BODY, "rows": []}),
])  # fmt: skip
def test_changed_body(change: dict[str, Any], expected: Any) -> None:
    """Values are set and omitted where the pointers lead; a place that isn't there stays away."""
    made = Change(**{**change, "omit": tuple(change.get("omit", ()))})
    before = json.dumps(change)
    assert json.loads(changed_body(json.dumps(BODY).encode(), made)) == expected
    assert json.dumps(change) == before


def test_bytes_that_are_no_json() -> None:
    """A body that is no JSON keeps its bytes, but for a byte order mark."""
    assert changed_body(b"<html>", Change(set={"/a": 1})) == b"<html>"
    assert changed_body(b"{}", Change(byte_order_mark=True)) == b"\xef\xbb\xbf{}"


def test_description() -> None:
    """A change is described by all its parts, and by its first pointers."""
    change = Change(
        status=201, headers={"content-type": "text/plain"}, set={f"/{number}": 0 for number in range(5)}, omit=("/x",),
        byte_order_mark=True,
    )  # fmt: skip
    assert describe_change(change) == [
        "status 201", "sets /0, /1, /2 and 2 more", "omits /x", "sends content-type: text/plain",
        "begins with a byte order mark",
    ]  # fmt: skip
