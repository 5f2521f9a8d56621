"""An exchange is written as a line of JSON and read back as the same; errors say what is wrong."""

from __future__ import annotations

import pytest

from jobmock.checking.exchange import LiveExchange, Source, error_without_values, from_line, to_line
from jobmock.checking.json_bodies import loads
from jobmock.clock import SECOND
from jobmock.errors import UsageError


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


def test_header_in_a_list() -> None:
    """Several values of a header may be in a list, and are joined."""
    line = b'{"at": 1, "method": "GET", "path": "/", "status": 200, "headers": {"A": ["1", 2], "B": "3"}}'
    assert from_line(line).headers == {"a": "1, 2", "b": "3"}


def test_error_message_has_no_values() -> None:
    """An error's message has no quoted values, because they may be personal data, but it names a missing member."""
    message = error_without_values(ValueError("Invalid isoformat string: 'Jane Doe'."))
    assert message == "ValueError: Invalid isoformat string: …"
    internal = AttributeError("'NoneType' object has no attribute 'get'")
    assert error_without_values(internal).startswith("a value in it hasn't")
    assert error_without_values(KeyError("url")) == "KeyError: 'url'"
