"""A drip gives other answers their turn, and what is waited for is waited for, not polled."""

from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import MutableMapping
from contextlib import ExitStack
from typing import Any

import pytest
from tests.support import EPOCH, HANGS, JOBS, KEYS, Mock, scenario

from jobmock.clock import SECOND, Clock
from jobmock.models import Drip, Fault, Reply, When
from jobmock.server.app import create_app
from jobmock.server.held_answers import HeldAnswers
from jobmock.server.listeners import Host
from jobmock.server.wire_faults import play

BODY = bytes(range(256)) * 4


class Dripping:
    """A drip of BODY in single bytes, and the pieces that were sent."""

    def __init__(self, mode: str = "manual", every: int = SECOND) -> None:
        self.clock, self.held_answers = Clock(mode, start=EPOCH), HeldAnswers()
        self.pieces: list[bytes] = []
        fault = Fault(when=When(every=1), drip=Drip(size=1, every=every))
        self.reply = Reply(200, (), BODY, self.clock, fault=fault)

    async def send(self, message: MutableMapping[str, Any]) -> None:
        if message.get("body"):
            self.pieces.append(message["body"])

    async def receive(self) -> MutableMapping[str, Any]:
        await asyncio.Event().wait()
        return {"type": "http.disconnect"}

    def begin(self) -> asyncio.Task[None]:
        return asyncio.create_task(play(self.reply, None, self.receive, self.send, self.held_answers))


async def rest() -> None:
    for _ in range(20):
        await asyncio.sleep(0)


def test_late_pieces_go_together() -> None:
    """After an advance all pieces that are due are sent at once, and the next one when its time comes."""

    async def main() -> None:
        drip = Dripping()
        task = drip.begin()
        await rest()
        assert drip.pieces == [BODY[:1]]
        for seconds, sent in ((0.5, 1), (0.5, 2), (10.25, 12), (0.5, 12), (0.25, 13), (1e6, len(BODY))):
            drip.clock.advance(round(seconds * SECOND))
            await rest()
            assert b"".join(drip.pieces) == BODY[:sent]
        await asyncio.wait_for(task, HANGS)
        assert len(drip.pieces) == 5

    asyncio.run(main())


@pytest.mark.parametrize(("mode", "every"), [("skip-delays", SECOND), ("manual", 0)])
def test_others_get_their_turn(mode: str, every: int) -> None:
    """A drip that never has to wait lets another task run after each piece."""

    async def main() -> None:
        drip = Dripping(mode, every)
        task, turns = drip.begin(), 0
        while not task.done():
            await asyncio.sleep(0)
            turns += 1
        assert turns >= len(drip.pieces) > 1
        assert b"".join(drip.pieces) == BODY

    asyncio.run(main())


@pytest.mark.parametrize("mode", ["manual", "skip-delays"])
def test_the_rest_goes_when_the_server_ends(mode: str) -> None:
    """When the server ends, the rest of the body is one piece."""

    async def main() -> None:
        drip = Dripping(mode)
        task = drip.begin()
        await asyncio.sleep(0)
        begun = len(drip.pieces)
        drip.held_answers.release()
        await asyncio.wait_for(task, HANGS)
        assert b"".join(drip.pieces) == BODY
        assert begun <= 2 and len(drip.pieces) <= begun + 2

    asyncio.run(main())


def test_a_client_that_does_not_read_makes_no_work(mock: Mock) -> None:
    """`mid_body` waits for a client that doesn't read without looking after it. Then it gets the half, and a reset."""
    faults = [{"when": {"every": 1}, "disconnect": "mid_body"}]
    job = mock.play("clado", scenario("clado", "completed", results={"count": 1000}, faults=faults))
    half = len(mock.poll("clado", job).body) // 2
    head = f"GET {JOBS['clado']}/{job} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {KEYS['clado']}\r\n\r\n"
    host = Host()
    try:
        port = host.open(create_app(mock.service)).port
        with ExitStack() as clients:
            waiting = [clients.enter_context(socket.socket()) for _ in range(5)]
            for client in waiting:
                client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
                client.settimeout(HANGS)
                client.connect(("127.0.0.1", port))
                client.sendall(head.encode())
            while len(mock.namespace("clado").journal) < 7:
                time.sleep(0.01)
            turn = host.settle()
            time.sleep(0.6)
            assert host.settle() == turn
            for client in waiting:
                assert len(read_to_reset(client).partition(b"\r\n\r\n")[2]) == half
    finally:
        host.end()


def read_to_reset(client: socket.socket) -> bytes:
    """Return all that a client receives before the reset."""
    received = bytearray()
    while True:
        try:
            chunk = client.recv(65_536)
        except ConnectionResetError:
            return bytes(received)
        assert chunk, "The connection was closed without a reset."
        received += chunk
