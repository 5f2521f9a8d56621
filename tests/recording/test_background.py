"""Background work: one run at a time, and one more for all requests in between."""

from __future__ import annotations

import threading

from tests.support import HANGS

from jobmock.recording.background import BackgroundWork


def test_requests_during_a_run_lead_to_one_more_run() -> None:
    """All requests while the work runs lead to one more run, and never to two at a time."""
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


def test_request_after_a_run_begins_another() -> None:
    """A request while no work runs begins a run. Without a request, there is nothing to wait for."""
    done = list[int]()
    background = BackgroundWork(lambda: done.append(1))
    background.wait()
    for number in range(1, 4):
        background.request()
        background.wait()
        assert len(done) == number
