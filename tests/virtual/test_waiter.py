"""The wait of one thread: how it is woken and interrupted."""

from __future__ import annotations

from typing import Any

import pytest

from jobmock.virtual import real
from jobmock.virtual.waiter import Waiter


def test_an_interruption_at_the_moment_of_a_wake_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """A wait that is interrupted just as it is woken is over, and the next waits work as before."""
    waiter, acquire = Waiter("one"), real.acquire

    def interrupted(lock: Any, *args: Any) -> bool:
        if args != (True, -1):
            assert acquire(lock, False) or args, "It would wait for itself."
            return True
        waiter.wake()
        acquire(lock)
        raise KeyboardInterrupt

    with monkeypatch.context() as patches:
        patches.setattr(real, "acquire", interrupted)
        with pytest.raises(KeyboardInterrupt):
            waiter.block(None)
    assert not waiter.block(0.01)
    waiter.wake()
    assert waiter.block(1)
    assert not waiter.block(0.01)
