"""One that waits: what wakes it, and what interrupts it."""

from __future__ import annotations

from typing import Any

import pytest

from jobmock.clock import Clock
from jobmock.virtual import World, real


def test_an_interruption_that_comes_with_a_wake(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who is interrupted just as it is woken has ended its wait, and waits and is woken as before the next time."""
    participant, acquire = World(Clock("manual")).join("one"), real.acquire

    def interrupted(lock: Any, *args: Any) -> bool:
        if args != (True, -1):
            assert acquire(lock, False) or args, "It would wait for itself."
            return True
        participant.wake()
        acquire(lock)
        raise KeyboardInterrupt

    with monkeypatch.context() as patches:
        patches.setattr(real, "acquire", interrupted)
        with pytest.raises(KeyboardInterrupt):
            participant.block(None)
    assert not participant.block(0.01)
    participant.wake()
    assert participant.block(1)
    assert not participant.block(0.01)
