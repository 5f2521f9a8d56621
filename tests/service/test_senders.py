"""The senders of requests: which of them are on the same connection."""

from __future__ import annotations

from typing import Any

from tests.support import Mock

from jobmock.models import Request


def senders(mock: Mock, *connections: Any) -> list[Any]:
    """Send a request on each connection; return the connections that the journal has."""
    key = ((b"authorization", b"Bearer lk_me"),)
    for connection in connections:
        mock.service.handle(Request("GET", b"/api/credits", b"", key, b"", connection))
    return [exchange.connection for exchange in mock.namespace("clado", "lk_me").journal]


def address() -> tuple[str, int]:
    """Return the address of a client in a new tuple, as the server has one for each connection."""
    return ("127.0.0.1", int("50000"))


def test_an_address_that_is_used_again(mock: Mock) -> None:
    """Systems give a port again. A later connection from the same address isn't taken for the one before."""
    first, second, third = address(), address(), address()
    found = senders(mock, first, first, second, second, third, third)
    assert found[0] == found[1] and found[2] == found[3] and found[4] == found[5]
    assert len(set(found)) == 3 and found[0] == address()


def test_a_thread_or_task_is_one_sender(mock: Mock) -> None:
    """In process a sender is a number or a name, of which each request has an object of its own."""
    found = senders(mock, int("1234567"), int("1234567"), "Task-" + str(1), "Task-" + str(1))
    assert found == [1234567, 1234567, "Task-1", "Task-1"]
