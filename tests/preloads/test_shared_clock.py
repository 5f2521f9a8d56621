"""A clock that this process shares with others: clients in processes of their own, each at its exact times."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from tests.server.shared_time.client_process import ClientProcess
from tests.support import EPOCH, HANGS, KEYS, Mock, scenario

from jobmock.clock import SECOND
from jobmock.errors import StartError
from jobmock.preloads.control_client import ControlClient
from jobmock.preloads.shared_clock import SharedClock
from jobmock.server.shared_time import awaited_answers
from jobmock.virtual.in_flight import Traffic

KEY = KEYS["clado"]
CLIENT = Path(__file__).with_name("sharing_client.py")


class Clients:
    """Clients in processes of their own."""

    def __init__(self, mock: Mock, url: str) -> None:
        self.mock, self.url = mock, url

    def run(self, *hows: tuple[str, float]) -> list[str]:
        """Run clients side by side, each with its seconds between two polls, and return what they print."""
        namespace = self.mock.namespace("clado")
        job = self.mock.service.place(namespace, self.plan).id
        processes = [self._start(job, how, interval) for how, interval in hows]
        try:
            for process in processes:
                assert process.stdout is not None and process.stdout.readline() == "joined\n"
            return [process.communicate("\n", timeout=HANGS)[0] for process in self._begun(processes)]
        finally:
            for process in processes:
                process.kill()
                process.communicate()

    def play(self, wanted: object) -> None:
        """Let the next job play a scenario."""
        self.plan = self.mock.service.catalogue.resolve(wanted, "clado")  # type: ignore[arg-type]
        self.mock.namespace("clado").use(self.plan)

    def times(self) -> list[float]:
        """Return when each poll came, in seconds."""
        return [(exchange.at - EPOCH) / SECOND for exchange in self.mock.namespace("clado").journal]

    def _begun(self, processes: list[subprocess.Popen[str]]) -> list[subprocess.Popen[str]]:
        """Let all clients begin before one is waited for."""
        for process in processes:
            assert process.stdin is not None
            process.stdin.write("\n")
            process.stdin.flush()
        return processes

    def _start(self, job: str, how: str, interval: float) -> subprocess.Popen[str]:
        command = [sys.executable, str(CLIENT), self.url, KEY, job, str(interval), how]
        return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


@pytest.fixture
def clients(mock: Mock, server: str) -> Clients:
    return Clients(mock, server)


@pytest.mark.parametrize(("how", "count"), [("session", 1), ("single", 1), ("tasks", 2)])
def test_a_client_in_its_own_process_polls_at_exact_times(clients: Clients, how: str, count: int) -> None:
    """A poller of 5 s takes exactly 900 s by its own clock, in threads and tasks, with one connection or many."""
    clients.play("clado/slow")
    assert float(clients.run((how, 5))[0]) == 900
    assert clients.times() == [at for at in range(0, 901, 5) for _ in range(count)]


def test_processes_share_a_clock(clients: Clients) -> None:
    """Pollers of 7 s and 60 s in two processes each poll at their own exact times."""
    clients.play("clado/slow")
    assert [float(time) for time in clients.run(("session", 7), ("single", 60))] == [903, 900]
    assert clients.times() == sorted([*range(0, 904, 7), *range(0, 901, 60)])


def test_a_held_answer_is_handled_at_its_reading(clients: Clients) -> None:
    """A client reads the time at which a delayed answer goes out, while another process polls every second."""
    held = {"when": {"request": 1}, "delay": "3.5s"}
    clients.play(scenario("clado", {"status": "pending", "after": {"seconds": 9}}, "completed", faults=[held]))
    printed = clients.run(("session", 1), ("session", 1))
    assert sorted(float(time) for time in printed) == [9, 9.5]


def test_an_answer_that_never_comes(clients: Clients) -> None:
    """A client without a timeout gets an error for an answer that never comes."""
    clients.play(scenario("clado", "completed", faults=[{"when": {"request": 1}, "hang": True}]))
    assert clients.run(("endless", 1))[0].splitlines()[0] == "NeverAnswered"


# --- one clock -----------------------------------------------------------------------------------------------------

@pytest.fixture
def clock(server: str) -> Iterator[SharedClock]:
    client = ControlClient(server, KEY)
    yield SharedClock(client)
    client.close()


def other_process(url: str) -> ClientProcess:
    """Return another process, which has joined and is at work."""
    process = ClientProcess(url)
    process.join()
    return process


def test_the_clock_of_a_process_alone_moves_as_it_says(mock: Mock, clock: SharedClock) -> None:
    """The clock reads what the process waits for, and those who listen are called at each move."""
    readings: list[int] = []
    stop = clock.on_change(lambda: readings.append(clock.elapsed))
    assert clock.move(clock.now() + 5 * SECOND, lambda seconds: False)
    assert (clock.started, clock.elapsed, clock.now()) == (EPOCH, 5 * SECOND, EPOCH + 5 * SECOND)
    clock.advance(2 * SECOND)
    stop()
    until = clock.now() + SECOND
    while clock.now() < until:
        assert clock.move(until, lambda seconds: False)
    assert readings == [5 * SECOND, 7 * SECOND] and mock.namespace("clado").clock.elapsed == 8 * SECOND
    assert (clock.wait(clock.now()), clock.wait(clock.now() + 1), clock.next_due()) == (0, None, None)


def test_work_of_its_own_ends_a_wait(mock: Mock, server: str, clock: SharedClock) -> None:
    """A process that gets work while it waits takes its wait back, and time stands until it waits again."""
    other = other_process(server)
    looks: list[float] = []

    def pause(seconds: float) -> bool:
        looks.append(seconds)
        return True

    assert clock.move(clock.now() + 5 * SECOND, pause) and looks == [0, 0]
    other.close()
    assert mock.namespace("clado").clock.elapsed == clock.elapsed == 0
    assert clock.move(clock.now() + 5 * SECOND, lambda seconds: False) and clock.elapsed == 5 * SECOND


@pytest.mark.parametrize("call", ["claim", "others", "share", "restart"])
def test_another_thread_makes_a_call_while_this_process_waits(server: str, clock: SharedClock, call: str) -> None:
    """A call in another thread, such as for a new connection, ends the wait; each thread gets its own answer."""
    other = other_process(server)
    arguments: dict[str, list[object]] = {"claim": [1], "share": [["sk_orb_any"]]}
    made: list[object] = []

    def pause(seconds: float) -> bool:
        if not made:
            thread = threading.Thread(target=lambda: made.append(getattr(clock, call)(*arguments.get(call, []))))
            thread.start()
            thread.join(HANGS)
        return False

    assert clock.move(clock.now() + 5 * SECOND, pause) and clock.elapsed == 0
    assert made == [[None] if call == "others" else None]
    other.close()
    assert clock.move(clock.now() + 5 * SECOND, lambda seconds: False) and clock.elapsed == 5 * SECOND


def test_a_wait_that_another_thread_ends_for_good(server: str, clock: SharedClock) -> None:
    """If another thread closes the connection during a wait, the process takes no part again by itself."""
    other = other_process(server)

    def close(seconds: float) -> bool:
        clock.close()
        return False

    with pytest.raises((StartError, OSError, ValueError)):
        clock.move(clock.now() + 5 * SECOND, close)
    other.say("wait", until=SECOND, sent={})
    assert other.answer("reason")["now"] == SECOND
    other.close()


def test_an_error_in_a_wait_takes_it_back(mock: Mock, server: str, clock: SharedClock) -> None:
    """An error that ends a wait, such as KeyboardInterrupt, leaves nothing behind that later calls would get."""
    other = other_process(server)

    def interrupt(seconds: float) -> bool:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        clock.move(clock.now() + 5 * SECOND, interrupt)
    other.close()
    clock.advance(SECOND)
    assert clock.elapsed == mock.namespace("clado").clock.elapsed == SECOND


def test_ports_that_the_server_sees_as_others(mock: Mock, server: str, clock: SharedClock) -> None:
    """Where ports are translated, bytes aren't compared: a request that has just come is answered first."""
    clock._join({"control": 1})
    clock.add_source(lambda: Traffic({1: 500}, {1: 0}, ()))
    request = threading.Thread(target=httpx.get, args=[server], kwargs={"trust_env": False})
    request.start()
    while clock.elapsed < 3 * SECOND:
        assert clock.move(EPOCH + 3 * SECOND, lambda seconds: False)
    request.join()


def test_request_on_its_way_through_a_proxy(
    mock: Mock, server: str, clock: SharedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where ports are translated, the clock stands while an awaited answer is on its way."""
    monkeypatch.setattr(awaited_answers, "_LONGEST_WAY", HANGS)
    clock._join({"control": 1})
    clock.add_source(lambda: Traffic({1: 500}, {1: 0}, ()))
    headers = {"Authorization": f"Bearer {KEY}"}
    request = threading.Timer(0.3, httpx.get, [f"{server}/api/credits"], {"headers": headers, "trust_env": False})
    request.start()
    assert clock.move(EPOCH + 3 * SECOND, lambda seconds: False)
    assert clock.elapsed == 0
    request.join()


def test_answer_that_never_comes_through_a_proxy(
    mock: Mock, server: str, clock: SharedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The clock doesn't stand for ever: a process may have written something else than a request."""
    monkeypatch.setattr(awaited_answers, "_LONGEST_WAY", 0.05)
    clock._join({"control": 1})
    clock.add_source(lambda: Traffic({1: 500}, {1: 0}, ()))
    assert clock.move(EPOCH + 3 * SECOND, lambda seconds: False)
    assert clock.elapsed == 3 * SECOND
