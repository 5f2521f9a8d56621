"""Answers are held until their clock reaches their time, their client leaves, or the server ends."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

import pytest
from tests.support import EPOCH, HANGS

from jobmock.clock import SECOND, Clock
from jobmock.server.held_answers import HeldAnswers

DUE = EPOCH + 10 * SECOND


class Client:
    """The `receive` of a client that stays until `leave` is called."""

    def __init__(self) -> None:
        self.left = asyncio.Event()

    async def receive(self) -> MutableMapping[str, Any]:
        await self.left.wait()
        return {"type": "http.disconnect"}


class Play:
    """The held answers, a clock that stands still, and a client, for one test."""

    def __init__(self) -> None:
        self.held_answers, self.clock, self.client = HeldAnswers(), Clock("manual", start=EPOCH), Client()

    def until(self, due: int = DUE) -> asyncio.Future[bool]:
        return asyncio.ensure_future(self.held_answers.until(self.clock, due, self.client.receive))

    def gone(self) -> asyncio.Future[bool]:
        return asyncio.ensure_future(self.held_answers.gone(self.client.receive))


async def rest() -> None:
    """Let all ready tasks run."""
    for _ in range(20):
        await asyncio.sleep(0)


def played(main: Callable[[Play], Awaitable[None]]) -> None:
    """Run a test in a loop of its own; no task and no listener may be left at its end."""

    async def whole() -> None:
        play = Play()
        await asyncio.wait_for(main(play), HANGS)
        await rest()
        assert asyncio.all_tasks() == {asyncio.current_task()}
        assert not play.clock._listeners and not play.held_answers._waking

    asyncio.run(whole())


@pytest.mark.parametrize("due", [EPOCH - 1, EPOCH])
def test_what_is_due_is_not_held(due: int) -> None:
    """An answer that is due isn't held."""

    async def main(play: Play) -> None:
        assert await play.until(due) is True

    played(main)


def test_held_until_the_clock_is_advanced() -> None:
    """On a manual clock an answer is held until an advance reaches its time."""

    async def main(play: Play) -> None:
        held = play.until()
        for seconds in (0, 4, 5):
            play.clock.advance(seconds * SECOND)
            await rest()
            assert not held.done()
        play.clock.advance(SECOND)
        assert await held is True

    played(main)


def test_held_until_the_clock_skips_delays() -> None:
    """An answer follows a change of mode: a clock that is set to skip delays lets it go."""

    async def main(play: Play) -> None:
        held = play.until()
        await rest()
        play.clock.set("skip-delays")
        assert await held is True and play.clock.now() >= DUE

    played(main)


def test_a_client_that_leaves_ends_the_hold() -> None:
    """When its client leaves, an answer is no longer held and isn't sent."""

    async def main(play: Play) -> None:
        held = play.until()
        await rest()
        assert not held.done()
        play.client.left.set()
        assert await held is False and play.clock.elapsed == 0

    played(main)


def test_release_lets_every_held_answer_go() -> None:
    """A release lets all held answers go, whatever their clocks say, and moves no clock."""

    async def main(play: Play) -> None:
        held = [play.until(), play.until(DUE + SECOND)]
        await rest()
        play.held_answers.release()
        assert await asyncio.gather(*held) == [True, True] and play.clock.elapsed == 0

    played(main)


def test_nothing_is_held_after_a_release() -> None:
    """Once released, an answer that would be held goes at once, and nobody waits for a client to leave."""

    async def main(play: Play) -> None:
        play.held_answers.release()
        assert await play.until() is True and await play.gone() is False

    played(main)


def test_a_release_is_for_one_loop() -> None:
    """A new server in another loop holds its answers again."""
    held_answers = HeldAnswers()

    async def first() -> None:
        held_answers.release()

    async def second() -> None:
        play = Play()
        play.held_answers = held_answers
        held = play.until()
        await rest()
        assert not held.done()
        play.clock.advance(10 * SECOND)
        assert await held is True

    asyncio.run(first())
    asyncio.run(asyncio.wait_for(second(), HANGS))


def test_gone_waits_for_the_client() -> None:
    """A hang lasts until the client leaves."""

    async def main(play: Play) -> None:
        hanging = play.gone()
        await rest()
        assert not hanging.done()
        play.client.left.set()
        assert await hanging is True

    played(main)


def test_release_ends_a_hang() -> None:
    """A release ends a hang whose client is still there."""

    async def main(play: Play) -> None:
        hanging = play.gone()
        await rest()
        assert not hanging.done()
        play.held_answers.release()
        assert await hanging is False

    played(main)
