"""An exchange is written as a line of JSON and read back as the same; errors say what is wrong."""

from __future__ import annotations

from dataclasses import replace
from json import JSONDecodeError

import pytest
from tests.checking.exchanges import clado, status

from jobmock.checking.check import Check
from jobmock.checking.exchange import LiveExchange, OddEntry, Source, from_line, reason_without_values, to_line
from jobmock.checking.json_bodies import loads
from jobmock.clock import SECOND
from jobmock.errors import UsageError


def json_error(text: str) -> Exception:
    """Return the error of a text that is no JSON."""
    with pytest.raises(JSONDecodeError) as caught:
        loads(text.encode())
    return caught.value


@pytest.mark.parametrize("body", [b"", b'{"status":"pending"}', b"<html>", b'"text"', b"null", b"[1,2]"])
def test_line_is_read_back_as_written(body: bytes) -> None:
    """Bodies that are JSON, text or empty are read back byte for byte."""
    written = LiveExchange(
        at=12 * SECOND, method="GET", path="/a%2Fb", query="page=1", sent=body, status=200,
        headers={"retry-after": "3"}, body=body, arrived=13 * SECOND,
    )  # fmt: skip
    assert from_line(to_line(written)) == written


@pytest.mark.parametrize("line", [b"", b"{}", b"[1]", b'{"at": "now"}', b"not JSON"])
def test_line_that_is_no_exchange(line: bytes) -> None:
    """A line that is no exchange is a usage error with the source, the fault and the expected members."""
    with pytest.raises(UsageError, match=r"log\.jsonl:3 is no exchange in JSON: .*Expected: at, method, path"):
        from_line(line, Source("log.jsonl", line=3))


@pytest.mark.parametrize(
    ("text", "value"),
    [
        (rb'"\ud83d"', "\ufffd"), (rb'"\uDE00\ud83d!"', "\ufffd\ufffd!"), (rb'"\ud83d\ude00"', "\U0001f600"),
        (rb'["\\ud83d", "\ud83d"]', ["\\ud83d", "\ufffd"]), (rb'["\ud83d\ude00", "\ud83d"]', ["\U0001f600", "\ufffd"]),
    ],
)  # fmt: skip
def test_lone_surrogate_is_json(text: bytes, value: object) -> None:
    """A lone surrogate, which JSON allows, is read as U+FFFD, and a pair as its character."""
    assert loads(text) == value


def test_body_that_replaces_another_is_parsed() -> None:
    """An exchange whose body is replaced is judged by that body, and not by the one that its reader has parsed."""
    read = from_line(to_line(clado(status("pending"))))
    assert read.parsed is not None
    assert Check().judge(replace(read, body=clado(status("ranking")).body))


def test_header_in_a_list() -> None:
    """Several values of a header may be in a list, and are joined."""
    line = b'{"at": 1, "method": "GET", "path": "/", "status": 200, "headers": {"A": ["1", 2], "B": "3"}}'
    assert from_line(line).headers == {"a": "1, 2", "b": "3"}


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (ValueError("Invalid isoformat string: 'Jane Doe'."), "a value in it hasn't the form that it should have"),
        (AttributeError("'NoneType' object has no attribute 'get'"), "a value in it hasn't the form"),
        (KeyError("url"), "it has no 'url'"), (OddEntry("its status is no number"), "its status is no number"),
        (json_error("{x"), "it is no JSON"),
    ],
)  # fmt: skip
def test_reason_has_no_values(error: Exception, reason: str) -> None:
    """A reason is in words: no value, because it may be personal data, and no name of an exception."""
    assert reason_without_values(error).startswith(reason)
