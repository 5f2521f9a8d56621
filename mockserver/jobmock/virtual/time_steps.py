"""When time moves: to the earliest reading that anybody waits for, once all who take part wait.

The thread that waits last decides that, and so does whoever is woken to look again. At one reading, whatever has come
goes first; then whoever has slept; then event loops; then those who give up, one after the other.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..clock import SECOND
from ..errors import NeverAnswered
from .current import apart
from .participant import Participant

if TYPE_CHECKING:
    from .world import World

_LOOK_AGAIN_SECONDS = 0.2
_PACE_SECONDS = 0.02
"""How often the clock is looked at while it goes at the pace of real time."""
_ENDING_SECONDS = 0.0001
"""After how long a thread that has returned from its last call is looked at again."""
_LONGEST = 366 * 86_400 * SECOND


def wait_on(world: World, me: Participant) -> None:
    """Move time if all wait; else block until one of the others, or the server, has done something."""
    if world.ending and _is_somebody_ending(world):
        world.let_go(me, _ENDING_SECONDS)
    elif not _all_wait(world):
        world.let_go(me, None)
    else:
        work_done = _settle(world, me)
        if not _let_others_go(world, me):
            _move(world, me, work_done)


def _settle(world: World, me: Participant) -> object:
    """Wait until the server has done what it can, and return what changes whenever it has done anything.

    A lone thread that only sleeps, and has no connection to the mock, needn't wait for that.
    """
    if len(world.participants) == 1 and not me.descriptors and not world.connected and world.clock.next_due() is None:
        return None
    return world.settle()


def _let_others_go(world: World, me: Participant) -> bool:
    """Let everybody go for whom something has come, or else the first of those who give up now; False if nobody."""
    now = world.clock.now()
    called, late = [], []
    for one in world.participants:
        if one.called(now):
            called.append(one)
        elif one.due is not None and one.due <= now:
            late.append(one)
    if late and not called:
        called = [min(late, key=lambda one: (one.rank, one.due, one.turn))]
        called[0].granted = True
    if called and me not in called:
        for participant in called:
            participant.wake()
        if any(participant.blocks for participant in called):
            world.let_go(me, None)
    return bool(called)


def _move(world: World, me: Participant, work_done: object) -> None:
    """Move time to the next reading that anybody waits for; at the pace of real time where that is waited for.

    `work_done` is what the server had done before. Bytes that were on their way then may have arrived since.
    """
    now = world.clock.now()
    ahead = _ahead(world, now)
    pause = world.pace.left(now, ahead)
    if pause is None or pause > 0:
        with world.pace.passing():
            world.let_go(me, _PACE_SECONDS if pause is None else min(pause, _PACE_SECONDS))
    elif world.connected and _has_anything_come(world, me, work_done):
        return
    elif ahead is None:
        _wait_without_end(world, me)
    else:
        with apart():
            world.clock.advance(ahead - now)


def _has_anything_come(world: World, me: Participant, work_done: object) -> bool:
    """Say whether anything has come for a participant, or for the server, since the server had done `work_done`."""
    now = world.clock.now()
    return any(one.called(now) for one in world.participants) or _settle(world, me) != work_done


def _ahead(world: World, now: int) -> int | None:
    """Return the earliest reading that anybody waits for; what is more than a year away is for ever."""
    ahead = world.clock.next_due()
    for one in world.participants:
        if one.due is not None and (ahead is None or one.due < ahead):
            ahead = one.due
    return ahead if ahead is not None and ahead - now <= _LONGEST else None


def _all_wait(world: World) -> bool:
    for one in world.participants:  # noqa: SIM110
        if not one.waiting:
            return False
    return True


def _is_somebody_ending(world: World) -> bool:
    """Say whether a thread has returned from its last call and isn't over yet; take out those that are."""
    for participant in tuple(world.ending):
        with apart():
            if participant.over is not None and participant.over():
                world.remove(participant)
    return bool(world.ending)


def _wait_without_end(world: World, me: Participant) -> None:
    """Really wait for something from outside, unless all that is waited for are answers that never come."""
    if world.let_go(me, _LOOK_AGAIN_SECONDS) or not _all_wait(world):
        return
    if not me.asking:
        world.dead_end()
        return
    world.settle()
    others = [participant for participant in world.participants if participant.descriptors]
    if me.ready() or world.clock.next_due() is not None or not all(participant.asking for participant in others):
        return
    raise NeverAnswered("The client waits without a timeout, and the answer never comes: give it a read timeout.")
