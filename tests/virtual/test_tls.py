"""TLS: a server of the client answers in virtual time, an outside server in real time, and no timeout fires early."""

from __future__ import annotations

import asyncio
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import anyio
import pytest
from anyio.streams.tls import TLSStream
from tests.virtual.conftest import VirtualTime, real_seconds

trustme = pytest.importorskip("trustme")
NAP, MAX_REAL = 90, 60
"""The virtual seconds of an idle sleep, and the real seconds that it may take at most on a busy machine."""
VERSIONS = (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3)


class Contexts:
    """A certificate authority, and the contexts of servers and clients that trust it."""

    def __init__(self) -> None:
        self.authority = trustme.CA()
        self.certificate = self.authority.issue_cert("localhost")

    def server(self, version: ssl.TLSVersion) -> ssl.SSLContext:
        """Return a server's context for up to such a version."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.maximum_version = version
        self.certificate.configure_cert(context)
        return context

    def client(self) -> ssl.SSLContext:
        """Return a client's context."""
        context = ssl.create_default_context()
        self.authority.configure_trust(context)
        return context


@pytest.fixture(scope="session")
def contexts() -> Contexts:
    return Contexts()


@contextmanager
def serving(context: ssl.SSLContext, seconds: float) -> Iterator[int]:
    """Serve on the yielded port; each message is a digit, answered in two parts after that many times `seconds`."""

    def serve_one(connection: ssl.SSLSocket) -> None:
        with suppress(OSError), connection:
            while message := connection.recv(100):
                time.sleep(int(message) * seconds)
                connection.sendall(b"x")
                connection.sendall(b"yz")

    def serve() -> None:
        with suppress(OSError):
            while True:
                connection = context.wrap_socket(listener.accept()[0], server_side=True)
                threading.Thread(target=serve_one, args=[connection], daemon=True).start()

    listener = socket.create_server(("127.0.0.1", 0))
    threading.Thread(target=serve, daemon=True).start()
    try:
        yield listener.getsockname()[1]
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()


@pytest.fixture(params=VERSIONS, ids=["1.2", "1.3"])
def outside_server(request: pytest.FixtureRequest, contexts: Contexts) -> Iterator[int]:
    """The port of a server outside virtual time that answers after 0.15 real seconds for each unit."""
    with serving(contexts.server(request.param), 0.15) as port:
        yield port


@pytest.mark.parametrize("version", VERSIONS, ids=["1.2", "1.3"])
def test_a_server_of_the_client(version: ssl.TLSVersion, contexts: Contexts, virtual: VirtualTime) -> None:
    """A server that the client runs answers in virtual time, to the nanosecond, and a timeout is exact."""
    with (
        serving(contexts.server(version), NAP) as port,
        socket.create_connection(("127.0.0.1", port), 100) as plain,
        contexts.client().wrap_socket(plain, server_hostname="localhost") as connection,
    ):
        for number in range(1, 4):
            began = real_seconds()
            connection.sendall(b"1")
            assert connection.recv(1) + connection.recv(2) == b"xyz"
            assert virtual.now == NAP * number and real_seconds() - began < MAX_REAL
        connection.settimeout(7)
        connection.sendall(b"1")
        with pytest.raises(TimeoutError):
            connection.recv(1)
        assert virtual.now == 3 * NAP + 7


def test_a_loop_and_an_outside_server(outside_server: int, contexts: Contexts, virtual: VirtualTime) -> None:
    """While an outside server is about to answer, no timeout fires, even if session tickets come first.

    Before and after that, its connection doesn't keep virtual time from moving.
    """

    async def main() -> None:
        context = contexts.client()
        address = ("127.0.0.1", outside_server)
        for pause, messages in ((0, [b"4"]), (NAP, [b"1", b"1", b"1"])):  # tickets come after a message, or before
            reader, writer = await asyncio.open_connection(*address, ssl=context, server_hostname="localhost")
            await _sleep(pause)
            for message in messages:
                writer.write(message)
                assert await asyncio.wait_for(reader.readexactly(3), 10) == b"xyz"
            await _sleep(NAP)
            writer.close()
            with suppress(OSError):
                await writer.wait_closed()

    asyncio.run(main())
    assert 3 * NAP <= virtual.now < 3 * NAP + 10


def test_anyio_and_an_outside_server(outside_server: int, contexts: Contexts, virtual: VirtualTime) -> None:
    """The same holds for several connections of anyio at once."""

    async def ask(context: ssl.SSLContext) -> None:
        plain = await anyio.connect_tcp("127.0.0.1", outside_server)
        stream = await TLSStream.wrap(plain, hostname="localhost", ssl_context=context, standard_compatible=False)
        for _ in range(2):
            await stream.send(b"1")
            with anyio.fail_after(10):
                assert await stream.receive(1) + await stream.receive(2) == b"xyz"
        await stream.aclose()

    async def main() -> None:
        context = contexts.client()
        async with anyio.create_task_group() as group:
            for _ in range(3):
                group.start_soon(ask, context)
        await _sleep(NAP)

    asyncio.run(main())
    assert NAP <= virtual.now < NAP + 10


async def _sleep(seconds: float) -> None:
    """Sleep, and check that hardly any real time passes."""
    began = real_seconds()
    await asyncio.sleep(seconds)
    assert real_seconds() - began < MAX_REAL
