"""Many processes on one clock of a `jobmock serve`, which has another event loop than the servers of tests."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from random import Random

import pytest
from tests.server.shared_time.client_process import ClientProcess
from tests.support import HANGS, Served, served

from jobmock.clock import SECOND

PROCESSES, POLLS = 6, 30


class Poller:
    """A client that polls after pauses of its own, and notes at which readings it has polled."""

    def __init__(self, url: str, number: int) -> None:
        self.process, self._random = ClientProcess(url), Random(number)
        self.process.join()
        self.agent, self.polled = f"poller-{number}", list[int]()
        self.thread = threading.Thread(target=self._run, daemon=True)

    def _run(self) -> None:
        """Poll, sometimes over a new connection, and wait; an answer is handled before the next wait."""
        process, now = self.process, 0
        connection = process.connect()
        for _ in range(POLLS):
            if self._random.random() < 0.2:
                connection = process.connect()
            request = process.poll("job")[:-2] + f"User-Agent: {self.agent}\r\n\r\n".encode()
            process.send(connection, request)
            if self._random.random() < 0.5:
                now, reason = process.wait(now + 99 * SECOND)
                assert reason == "activity", reason
            self.polled.append(now)
            process.receive(connection)
            until = now + self._random.choice((0, 1, SECOND, 5 * SECOND, 7 * SECOND // 3))
            while now < until:
                now, _ = process.wait(until)
        process.close()


@pytest.fixture
def serving() -> Iterator[Served]:
    with served("--time", "manual") as server:
        yield server


def test_each_process_polls_at_its_own_times(serving: Served) -> None:
    """Six processes with random pauses each poll at exactly their own readings, whatever the others do."""
    pollers = [Poller(serving.url, number) for number in range(PROCESSES)]
    for poller in pollers:
        poller.thread.start()
    for poller in pollers:
        poller.thread.join(HANGS)
        assert len(poller.polled) == POLLS
    reader = ClientProcess(serving.url)
    exchanges = reader.call("journal", None, method="GET")[1]["exchanges"]
    start = reader.join()["start"]
    for poller in pollers:
        times = [round(one["at"] * SECOND) for one in exchanges if one["agent"] == poller.agent]
        assert len(times) == POLLS
        assert all(abs(at - int(start) - now) < 500 for at, now in zip(times, poller.polled, strict=True))
    reader.close()
