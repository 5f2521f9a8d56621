"""A drip gives other answers their turn, and what is waited for is waited for, not polled."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import MutableMapping
from typing import Any

import pytest
from tests.support import EPOCH, HANGS

from jobmock.clock import SECOND, Clock
from jobmock.models import Drip, Fault, Reply, When
from jobmock.server import wire_faults
from jobmock.server.held_answers import HeldAnswers
from jobmock.server.wire_faults import cut, play

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


@pytest.mark.parametrize(("mode", "every"), [("jumping", SECOND), ("manual", 0)])
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


@pytest.mark.parametrize("mode", ["manual", "jumping"])
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


class Transport:
    """A connection whose client has so much left to read each time that it is looked at."""

    def __init__(self, *left: int) -> None:
        self.left, self.aborted = list(left), False
        self.socket = socket.socket()

    def get_extra_info(self, name: str) -> socket.socket:
        return self.socket

    def is_closing(self) -> bool:
        return self.aborted

    def get_write_buffer_size(self) -> int:
        return self.left.pop(0)

    def abort(self) -> None:
        self.aborted = True
        self.socket.close()


def test_waits_longer_for_a_client_that_does_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """While a client reads nothing, each wait is twice as long, up to a quarter of a second; then short again."""
    waits: list[float] = []

    async def sleep(seconds: float) -> None:
        waits.append(seconds)

    async def left() -> MutableMapping[str, Any]:
        return {"type": "http.disconnect"}

    monkeypatch.setattr(wire_faults, "_unsent", lambda connection: 0)
    monkeypatch.setattr(asyncio, "sleep", sleep)
    transport = Transport(*[900] * 11, 700, 700, 0)
    asyncio.run(cut(transport, left, reset=True))
    assert waits == [0.001, 0.002, 0.004, 0.008, 0.016, 0.032, 0.064, 0.128, 0.25, 0.25, 0.25, 0.001, 0.002]
    assert transport.aborted
