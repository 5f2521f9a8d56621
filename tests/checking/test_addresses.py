"""Addresses of live APIs are validated before anything is sent; errors say what is wrong, without passwords."""

from __future__ import annotations

import re

import pytest

from jobmock.checking.addresses import parse_address
from jobmock.errors import UsageError


@pytest.mark.parametrize("text", ["http://127.0.0.1:8087", "https://api.example/v2/", "http://[::1]:81", "HTTP://x."])
def test_address(text: str) -> None:
    """An address has a scheme, a host, and perhaps a port and a path."""
    assert str(parse_address(text)).lower().rstrip("/") == text.lower().rstrip("/")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "'' is no address of a live API: it doesn't begin with http"),
        ("127.0.0.1:8087", "it doesn't begin with http:// or https://"),
        ("ftp://x", "it doesn't begin with http:// or https://"),
        ("http://", "it names no host"),
        ("http://[", "it names no host"),
        ("http://a..b", "it names no host"),
        (f"http://{'a' * 64}.example", "it names no host"),
        ("http://[::1", "no URL is written like that"),
        ("http://x\n", "no URL is written like that"),
        ("http://x:99999", "its port isn't from 1 to 65535"),
        ("http://x:-1", "its port isn't from 1 to 65535"),
        ("http://u:pw@x", "'http://…@x' is no address of a live API: it holds a user or a password"),
        ("http://x/?a=pw", "'http://x/?…' is no address of a live API: it has a query or a fragment"),
        ("http://x?", "it has a query or a fragment"),
        ("http://x#pw", "it has a query or a fragment"),
    ],
)
def test_text_that_is_no_address(text: str, message: str) -> None:
    """A text that is no address is a usage error that names the fault and what is allowed."""
    with pytest.raises(UsageError, match=re.escape(message)) as caught:
        parse_address(text)
    assert str(caught.value).endswith(". Give http:// or https://, a host, and a path at most.")
    assert "pw" not in str(caught.value)
