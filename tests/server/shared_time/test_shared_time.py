"""A clock that processes share, over real sockets: when it moves, when it doesn't, and what a wait answers."""

from __future__ import annotations

import gc
import threading

import pytest
from tests.server.shared_time.client_process import ClientProcess, Start
from tests.support import EPOCH, HANGS, KEYS, Mock, scenario

from jobmock.clock import SECOND, Clock
from jobmock.server.app import App, create_app
from jobmock.server.serving import running
from jobmock.server.shared_time.connections import Connections
from jobmock.server.shared_time.owner import Owner

HELD = scenario("clado", "pending", faults=[{"when": {"request": 1}, "delay": "12s"}])


def clock_of(mock: Mock, api: str = "clado") -> Clock:
    return mock.namespace(api).clock


# --- moves ---------------------------------------------------------------------------------------------------------

def test_a_process_alone_moves_the_clock_to_where_it_waits(mock: Mock, start: Start) -> None:
    """The clock of a process alone reads what it waits for, to the nanosecond."""
    process = start()
    assert process.join() == {"start": str(EPOCH), "now": 0, "others": []}
    assert process.wait(5 * SECOND + 1) == (5 * SECOND + 1, "time")
    assert clock_of(mock).elapsed == 5 * SECOND + 1


def test_the_clock_moves_to_the_earliest_reading_once_all_wait(mock: Mock, start: Start) -> None:
    """With two processes the clock stands until both wait, and both get the reading of the earlier one."""
    first, second = start(), start()
    waiting = first.waiting(60 * SECOND)
    assert not waiting.is_over() and clock_of(mock).elapsed == 0
    assert second.wait(5 * SECOND) == (5 * SECOND, "time")
    assert waiting.result() == (5 * SECOND, "time")


def test_a_reading_that_is_reached_needs_no_other_process(start: Start) -> None:
    """A wait for the present reading ends although another process is at work."""
    first, second = start(), start()
    assert first.wait(0) == (0, "time")
    second.join()


def test_a_first_process_may_be_ahead(mock: Mock, start: Start) -> None:
    """The first process moves the clock to its own reading; later ones get the clock's."""
    first, second = start(join=False), start(join=False)
    assert first.join(now=3 * SECOND)["now"] == 3 * SECOND
    assert second.join(now=9 * SECOND)["now"] == 3 * SECOND == clock_of(mock).elapsed


def test_a_held_answer_goes_out_at_its_reading(start: Start) -> None:
    """The clock stops at the reading at which a held answer goes out, and the wait reports that it was sent."""
    process = start()
    job = process.call("jobs", {"scenario": HELD})[1]["id"]
    connection = process.connect()
    process.send(connection, process.poll(job))
    now, reason = process.wait(60 * SECOND)
    assert (now, reason) == (12 * SECOND, "activity")
    assert process.receive(connection)["status"] == "pending"
    assert process.wait(60 * SECOND) == (60 * SECOND, "time")


def test_a_control_call_that_moves_the_clock_ends_waits(mock: Mock, start: Start) -> None:
    """Whoever else moves the clock: each wait gets the new reading."""
    first, second = start(), start()
    waiting = first.waiting(60 * SECOND)
    assert not waiting.is_over()
    second.call("clock/advance", {"seconds": 2})
    assert waiting.result() == (2 * SECOND, "time")


# --- doesn't move --------------------------------------------------------------------------------------------------

def test_a_request_that_the_server_has_not_received_holds_the_clock(mock: Mock, start: Start) -> None:
    """The clock stands while a process has written more than the server has received, and goes on when it has come."""
    process = start()
    connection = process.connect()
    request = process.poll("job")
    port = connection.getsockname()[1]
    process.written[port] += len(request)
    waiting = process.waiting(5 * SECOND)
    assert not waiting.is_over(0.2) and clock_of(mock).elapsed == 0
    connection.sendall(request)
    assert waiting.result() == (0, "activity")
    process.receive(connection)
    assert process.wait(5 * SECOND) == (5 * SECOND, "time")


def test_a_request_that_was_just_sent_is_answered_first(mock: Mock, start: Start) -> None:
    """A request is answered at the reading at which it was sent, however soon its process waits."""
    process = start()
    connection = process.connect()
    for number in range(100):
        process.send(connection, process.poll("job"))
        assert process.wait((number + 1) * SECOND) == (number * SECOND, "activity")
        process.receive(connection)
        assert process.wait((number + 1) * SECOND) == ((number + 1) * SECOND, "time")
    assert [exchange.at - EPOCH for exchange in mock.namespace("clado").journal] == [n * SECOND for n in range(100)]


def test_an_answer_that_was_not_handled_holds_the_clock_once(start: Start) -> None:
    """A process that doesn't say what it has read is reminded of an answer once."""
    process = start()
    connection = process.connect()
    process.send(connection, process.poll("job"))
    process.receive(connection)
    assert process.wait(5 * SECOND, read=False) == (0, "activity")
    assert process.wait(5 * SECOND, read=False) == (5 * SECOND, "time")


def test_a_connection_that_the_server_closes_is_activity(start: Start) -> None:
    """A process that doesn't know yet that the server has closed its connection looks before the clock moves."""
    process = start()
    connection = process.connect()
    process.send(connection, b"no HTTP\r\n\r\n")
    assert process.wait(5 * SECOND) == (0, "activity")
    port = connection.getsockname()[1]
    del process.written[port], process.read[port]
    assert process.wait(5 * SECOND, closed=[port]) == (5 * SECOND, "time")


def test_a_process_at_work_holds_the_clock(mock: Mock, start: Start) -> None:
    """A process that has joined and doesn't wait holds the clock, until it ends."""
    first, second = start(), start()
    waiting = first.waiting(5 * SECOND)
    assert not waiting.is_over(0.2) and clock_of(mock).elapsed == 0
    second.close()
    assert waiting.result() == (5 * SECOND, "time")


def test_a_process_that_is_killed_while_it_waits_is_gone(start: Start) -> None:
    """The wait of a process that has ended doesn't hold the others."""
    first, second = start(), start()
    gone = first.waiting(1 * SECOND)
    assert not gone.is_over()
    first.share().shutdown(2)
    assert second.wait(5 * SECOND) == (5 * SECOND, "time")


def test_an_unclaimed_connection_holds_the_clock(mock: Mock, start: Start) -> None:
    """A request on a connection that nobody has claimed yet holds the clock until its process joins and waits."""
    first, second = start(), start(join=False)
    connection = second.connect(claim=False)
    second.send(connection, second.poll("job"))
    second.receive(connection)
    waiting = first.waiting(5 * SECOND)
    assert not waiting.is_over(0.2) and clock_of(mock).elapsed == 0
    second.join(connection.getsockname()[1])
    assert not waiting.is_over(0.2) and clock_of(mock).elapsed == 0
    assert second.wait(7 * SECOND) == (5 * SECOND, "time") == waiting.result()


@pytest.mark.parametrize("http", ["h11", "httptools"])
def test_a_server_ends_while_processes_wait(mock: Mock, http: str, caplog: pytest.LogCaptureFixture) -> None:
    """A wait whose server ends gets no answer, and nothing of it is left."""
    with running(create_app(mock.service), http=http) as url:
        first, second = ClientProcess(url), ClientProcess(url)
        first.join()
        second.join()
        waiting = first.waiting(5 * SECOND)
        assert not waiting.is_over()
    assert isinstance(waiting.result(), (OSError, EOFError))
    gc.collect()
    assert not caplog.records
    first.close()
    second.close()


# --- the owner -----------------------------------------------------------------------------------------------------

@pytest.mark.usefixtures("quick_limits")
def test_a_stranger_is_reported(app: App, mock: Mock, start: Start) -> None:
    """The owner gets port and User-Agent of a connection that nobody claims, and the others go on."""
    strangers: list[tuple[int, str | None]] = []
    group = app.shared_time.group(clock_of(mock))
    group.owner = Owner(lambda port, agent: strangers.append((port, agent)), lambda: None)
    process, stranger = start(), start(join=False)
    connection = stranger.connect(claim=False)
    request = stranger.poll("job")
    stranger.send(connection, request[:-2] + b"User-Agent: curl/8.5\r\n\r\n")
    stranger.receive(connection)
    assert process.wait(5 * SECOND) == (5 * SECOND, "time")
    assert strangers == [(connection.getsockname()[1], "curl/8.5")]
    assert [one.name for one in group.processes] == ["a client"]


@pytest.mark.usefixtures("quick_limits")
def test_a_wait_that_nothing_can_end_is_reported(app: App, mock: Mock, start: Start) -> None:
    """The owner is called once if all processes wait, and nothing is due; a request that comes later ends the wait."""
    stalled = threading.Event()
    app.shared_time.group(clock_of(mock)).owner = Owner(lambda port, agent: None, stalled.set)
    process = start()
    waiting = process.waiting(None)
    assert stalled.wait(HANGS) and not waiting.is_over()
    clock_of(mock).advance(SECOND)
    assert waiting.result() == (SECOND, "time")


def test_keys_share_a_clock(mock: Mock, start: Start) -> None:
    """A process that joins with more keys gives them one clock."""
    process = start(join=False)
    process.join(keys=[KEYS["orbit"]])
    process.wait(5 * SECOND)
    assert clock_of(mock, "orbit") is clock_of(mock) and clock_of(mock, "orbit").elapsed == 5 * SECOND


# --- systems that don't count bytes --------------------------------------------------------------------------------

def test_without_the_counts_of_the_system(monkeypatch: pytest.MonkeyPatch, mock: Mock, start: Start) -> None:
    """Where the system doesn't count bytes, a request that has arrived is still answered before the clock moves."""
    monkeypatch.setattr("jobmock.server.shared_time.connections.tcp_info", lambda end: None)
    process = start()
    connection = process.connect()
    for number in range(20):
        process.send(connection, process.poll("job"))
        assert process.wait((number + 1) * SECOND, read=False) == (number * SECOND, "activity")
        process.receive(connection)
        assert process.wait((number + 1) * SECOND, read=False) == ((number + 1) * SECOND, "time")


def test_a_connection_that_the_server_never_saw(start: Start) -> None:
    """A connection that a process names, and that the server doesn't get, holds the clock for a moment only."""
    process = start()
    process.written[1], process.read[1] = 10, 0
    assert process.wait(5 * SECOND) == (0, "activity")
    assert process.wait(5 * SECOND) == (5 * SECOND, "time")
    assert Connections().written({}) == {}
