"""Listeners with TLS, and relays that pass a connection's bytes on to another server."""

from __future__ import annotations

import logging
import socket
import ssl
import struct
import threading
from collections.abc import Iterator
from typing import Any

import pytest
import trustme

from jobmock.server.listeners import Host
from jobmock.server.relay import RelayListener, Upstream

_ASKED = b"GET / HTTP/1.1\r\nHost: mock\r\n\r\n"
_RESET = struct.pack("ii", 1, 0)
BROKEN = ssl.SSLEOFError, ConnectionResetError


@pytest.fixture
def host() -> Iterator[Host]:
    host = Host()
    yield host
    host.end()


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def tls(authority: trustme.CA) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("mock").configure_cert(context)
    return context


def connected(port: int, authority: trustme.CA) -> ssl.SSLSocket:
    """Return a connection with TLS. If it ends out of order, reading raises one of `BROKEN`."""
    context = ssl.create_default_context()
    authority.configure_trust(context)
    raw = socket.create_connection(("127.0.0.1", port), 10)
    return context.wrap_socket(raw, server_hostname="mock", suppress_ragged_eofs=False)


async def app(scope: Any, receive: Any, send: Any) -> None:
    await send({"type": "http.response.start", "status": 204, "headers": [(b"scheme", scope["scheme"].encode())]})
    await send({"type": "http.response.body", "body": b""})


def test_listener_with_tls(host: Host, authority: trustme.CA, tls: ssl.SSLContext) -> None:
    """An application is served with TLS, also after a client that broke its handshake off, and nothing is logged."""
    listener = host.open(app, tls=tls)
    with socket.create_connection(("127.0.0.1", listener.port), 10) as plain:
        plain.sendall(_ASKED)
        plain.recv(100)
    with connected(listener.port, authority) as client:
        client.sendall(_ASKED)
        assert b"scheme: https" in client.recv(1000)
    assert listener.errors == []


def test_listener_that_is_shut_during_a_handshake(
    host: Host, tls: ssl.SSLContext, caplog: pytest.LogCaptureFixture
) -> None:
    """A client that has only connected is cut off when its listener is shut."""
    listener = host.open(app, tls=tls)
    with caplog.at_level(logging.WARNING), socket.create_connection(("127.0.0.1", listener.port), 10) as idle:
        host.settle()
        host.shut(listener)
        assert not listener.connected
        assert idle.recv(1) == b""
    assert caplog.records == []


def test_relay_to_an_application(host: Host, authority: trustme.CA, tls: ssl.SSLContext) -> None:
    """Requests go on to the other server, and its answers come back, over one connection."""
    upstream = Upstream("127.0.0.1", host.open(app).port)
    relay = host.open(upstream, tls=tls, kind=RelayListener)
    with connected(relay.port, authority) as client:
        for _ in range(3):
            client.sendall(_ASKED)
            assert b"scheme: http\r\n" in client.recv(1000)


@pytest.mark.parametrize("reset", [True, False], ids=["reset", "end"])
def test_end_of_a_relayed_connection(reset: bool, host: Host, authority: trustme.CA, tls: ssl.SSLContext) -> None:
    """If the other server resets its connection, the client's is reset; if it ends it, the client's ends."""

    def answer() -> None:
        connection = server.accept()[0]
        connection.recv(1000)
        if reset:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
        connection.close()

    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=answer)
        thread.start()
        relay = host.open(Upstream("127.0.0.1", server.getsockname()[1]), tls=tls, kind=RelayListener)
        with connected(relay.port, authority) as client:
            client.sendall(_ASKED)
            if reset:
                with pytest.raises(BROKEN):
                    client.recv(1000)
            else:
                assert client.recv(1000) == b""
        thread.join()


def test_relay_without_a_server(host: Host, authority: trustme.CA, tls: ssl.SSLContext) -> None:
    """If the other server doesn't listen, the client's connection ends."""
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        relay = host.open(Upstream("127.0.0.1", bound.getsockname()[1]), tls=tls, kind=RelayListener)
        with connected(relay.port, authority) as client, pytest.raises(BROKEN):
            client.recv(1000)
