"""Timers and clocks of Node under the preload."""

from __future__ import annotations

import pytest
from tests.preloads.node_process import environment, needs_node, run
from tests.support import KEYS, Mock

pytestmark = needs_node
KEY = KEYS["clado"]
DURATIONS = {
    "setTimeout": 5000,
    "setTimeout with a value": 4000,
    "timers.setTimeout": 3000,
    "required timers": 2000,
    "promisify(setTimeout)": 1500,
    "timers/promises": 7000,
    "timers.promises": 1250,
    "scheduler.wait": 1750,
    "setInterval": 4000,
    "setInterval as an iterator": 6000,
    "refresh": 3500,
    "clearTimeout by number": 300,
    "a fraction": 10,
    "zero": 1,
    "setImmediate": 0,
    "AbortSignal.timeout ends a sleep": 5500,
    "AbortSignal.timeout ends events.once": 2500,
}


def test_each_way_to_wait_takes_its_duration(server: str) -> None:
    """Each way to wait that Node has takes exactly its duration by the client's Date."""
    assert run("waits.mjs", "none", env=environment(server, KEY)).value == DURATIONS


def test_timers_fire_in_the_order_of_node(server: str) -> None:
    """Timers, immediates, ticks and promises come in the order in which Node calls them."""
    assert run("order.mjs", server, env=environment(server, KEY)).value == [
        "10", "text", "20 first", "tick of 20 first", "promise of 20 first", "20 second", "20.7 third",
        "immediate of 20 first", "20 + 1", "interval", "interval", "interval", "throws", "meant", "after the error",
    ]  # fmt: skip


def test_the_time_before_the_first_request_counts_from_the_start(mock: Mock, server: str) -> None:
    """Before its first request a process's clocks stand, but for what its own timers have waited."""
    seen = run("before.mjs", server, env=environment(server, KEY)).value
    assert seen == {"start": 1_767_225_600_000, "stood": 0, "slept": 20, "at first answer": 20}
    assert mock.namespace("clado").clock.elapsed == 20 * 10**6


@pytest.mark.parametrize("what", ["nothing", "an unref'd interval", "an unref'd sleep", "a signal", "a closed timer"])
def test_a_process_ends_with_its_last_timer_that_keeps_it_alive(server: str, what: str) -> None:
    """A process stays alive for a virtual timer, and ends when only unref'd ones are left, as without the preload."""
    assert run("ending.mjs", server, what, env=environment(server, KEY)).value == {"slept": 60_000, "ended": 60_000}


def test_an_unrefd_interval_ticks_while_something_else_waits(server: str) -> None:
    """An unref'd timer fires at its own time while the client sleeps."""
    assert run("heartbeat.mjs", server, env=environment(server, KEY)).value == [1000, 2000, 3000, 4000, 5000]


def test_a_loop_that_reads_the_clock_ends(server: str) -> None:
    """A client that waits by reading the clock again and again gets further after a real second."""
    assert run("busy.mjs", server, env=environment(server, KEY)).value == "done"


def test_the_context_of_a_timer_is_kept(server: str) -> None:
    """A timer's callback has the AsyncLocalStorage of the code that set the timer."""
    seen = run("contexts.mjs", server, env=environment(server, KEY)).value
    assert seen == ["first", "second", "first", "second"]


def test_date_is_still_nodes_date(server: str) -> None:
    """Date has the shape that programs rely on, and shows virtual time in every context."""
    now = 1_767_225_601_500
    assert run("dates.mjs", server, env=environment(server, KEY)).value == {
        "now": now, "new": now, "called": True, "parsed": "2020-02-02T00:00:00.000Z",
        "parts": "2020-02-02T00:00:00.000Z", "invalid": True, "instance": True, "constructor": True,
        "context": f"{now},{now},true", "origin": now,
    }  # fmt: skip
