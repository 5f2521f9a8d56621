"""TLS: with a server of the test's own in virtual time, with one elsewhere in real time, and never too early."""

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
VERSIONS = (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3)


class Contexts:
    """One authority, and contexts that know it."""

    def __init__(self) -> None:
        self.authority = trustme.CA()
        self.certificate = self.authority.issue_cert("localhost")

    def server(self, version: ssl.TLSVersion) -> ssl.SSLContext:
        """Return a server's context, which speaks up to a version."""
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
    """Answer each message after so many seconds, in two parts, in the time that the caller has; yields the port."""

    def serve_one(connection: ssl.SSLSocket) -> None:
        with suppress(OSError), connection:
            while connection.recv(100):
                time.sleep(seconds)
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
def foreign(request: pytest.FixtureRequest, contexts: Contexts) -> Iterator[int]:
    """The port of a server that takes no part, and answers after 0.15 real seconds."""
    with serving(contexts.server(request.param), 0.15) as port:
        yield port


@pytest.mark.parametrize("version", VERSIONS, ids=["1.2", "1.3"])
def test_a_server_of_the_tests_own(version: ssl.TLSVersion, contexts: Contexts, virtual: VirtualTime) -> None:
    """It answers in virtual time, to the nanosecond; a timeout is exact."""
    with (
        serving(contexts.server(version), 60) as port,
        socket.create_connection(("127.0.0.1", port), 100) as plain,
        contexts.client().wrap_socket(plain, server_hostname="localhost") as connection,
    ):
        for number in range(1, 4):
            connection.sendall(b"?")
            assert connection.recv(1) + connection.recv(2) == b"xyz"
            assert virtual.now == 60 * number
        connection.settimeout(7)
        connection.sendall(b"?")
        with pytest.raises(TimeoutError):
            connection.recv(1)
        assert virtual.now == 187


def test_a_loop_and_a_server_elsewhere(foreign: int, contexts: Contexts, virtual: VirtualTime) -> None:
    """While it is about to answer a loop, in parts, no timeout fires; before and after it holds up nothing."""

    async def main() -> None:
        context = contexts.client()
        reader, writer = await asyncio.open_connection("127.0.0.1", foreign, ssl=context, server_hostname="localhost")
        await _sleep(900)
        for _ in range(3):
            writer.write(b"?")
            assert await asyncio.wait_for(reader.readexactly(3), 10) == b"xyz"
        await _sleep(900)
        writer.close()
        with suppress(OSError):
            await writer.wait_closed()

    asyncio.run(main())
    assert 1800 <= virtual.now < 1810


def test_anyio_and_a_server_elsewhere(foreign: int, contexts: Contexts, virtual: VirtualTime) -> None:
    """So it is with several connections of anyio's at once."""

    async def ask(context: ssl.SSLContext) -> None:
        plain = await anyio.connect_tcp("127.0.0.1", foreign)
        stream = await TLSStream.wrap(plain, hostname="localhost", ssl_context=context, standard_compatible=False)
        for _ in range(2):
            await stream.send(b"?")
            with anyio.fail_after(10):
                assert await stream.receive(1) + await stream.receive(2) == b"xyz"
        await stream.aclose()

    async def main() -> None:
        context = contexts.client()
        async with anyio.create_task_group() as group:
            for _ in range(3):
                group.start_soon(ask, context)
        await _sleep(900)

    asyncio.run(main())
    assert 900 <= virtual.now < 910


async def _sleep(seconds: float) -> None:
    """Sleep, and see that hardly any real time passes."""
    began = real_seconds()
    await asyncio.sleep(seconds)
    assert real_seconds() - began < 60
