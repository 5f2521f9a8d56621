"""One thread's wait: what wakes it, and what interrupts it."""

from __future__ import annotations

from typing import Any

import pytest

from jobmock.virtual import real
from jobmock.virtual.waiter import Waiter


def test_an_interruption_that_comes_with_a_wake(monkeypatch: pytest.MonkeyPatch) -> None:
    """A wait that is interrupted just as it is woken is over; the next one waits and is woken as before."""
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
