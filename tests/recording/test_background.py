"""Work that nobody waits for: at most once at a time, and once more for whatever came meanwhile."""

from __future__ import annotations

import threading

from tests.support import HANGS

from jobmock.recording.background import BackgroundWork


def test_what_comes_meanwhile_is_done_at_once_and_together() -> None:
    """However often it is woken while the work is under way, that is done once more, and never twice at a time."""
    begun, done, under_way, go_on = list[int](), list[int](), threading.Event(), threading.Event()

    def work() -> None:
        begun.append(1)
        under_way.set()
        assert go_on.wait(HANGS)
        done.append(1)

    background = BackgroundWork(work)
    background.request()
    assert under_way.wait(HANGS)
    for _ in range(50):
        background.request()
    assert (begun, done) == ([1], [])
    go_on.set()
    background.wait()
    assert (begun, done) == ([1, 1], [1, 1])


def test_each_wake_after_the_work_is_done_anew() -> None:
    """When nothing is under way, the work begins again; to settle without a wake waits for nothing."""
    done = list[int]()
    background = BackgroundWork(lambda: done.append(1))
    background.wait()
    for number in range(1, 4):
        background.request()
        background.wait()
        assert len(done) == number
