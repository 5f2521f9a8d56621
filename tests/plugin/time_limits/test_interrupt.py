"""A client that catches every error is left at the end of its handler, whatever its loop looks like."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable
from contextlib import ExitStack, suppress
from functools import partial

import pytest

from pytest_jobmock.time_limits.errors import DeadlineExceeded, deadline_exceeded
from pytest_jobmock.time_limits.interrupt import Interrupter

Wait = Callable[[], None]
ERROR = deadline_exceeded("The client was still running.", in_property=True)


def with_a_condition(wait: Wait, going_on: Callable[[], bool]) -> None:
    while going_on():
        try:  # noqa: SIM105
            wait()
        except:  # noqa: E722
            pass


def without_a_condition(wait: Wait, going_on: Callable[[], bool]) -> None:
    while True:
        try:
            wait()
            going_on()
        except BaseException as error:
            if not going_on():
                raise KeyError from error


def with_suppress(wait: Wait, going_on: Callable[[], bool]) -> None:
    for _ in iter(going_on, False):
        with suppress(BaseException):
            wait()


def safely(function: Callable[[], object]) -> object:
    try:
        return function()
    except BaseException:
        return None


def in_two_functions(wait: Wait, going_on: Callable[[], bool]) -> None:
    while going_on():
        safely(wait)


def in_two_loops(wait: Wait, going_on: Callable[[], bool]) -> None:
    while going_on():
        safely(lambda: with_a_condition(wait, going_on))


def with_a_raise_at_the_end(wait: Wait, going_on: Callable[[], bool]) -> None:
    while going_on():
        try:
            safely(wait)
            raise ValueError
        except BaseException:
            continue


def with_finally(wait: Wait, going_on: Callable[[], bool]) -> None:
    while going_on():
        try:
            try:
                wait()
            finally:
                going_on()
        except BaseException:
            continue


LOOPS = (
    with_a_condition, without_a_condition, with_suppress, in_two_functions, in_two_loops, with_a_raise_at_the_end,
    with_finally,
)  # fmt: skip


@pytest.mark.parametrize("loop", LOOPS)
def test_a_loop_that_catches_everything_is_left(loop: Callable[[Wait, Callable[[], bool]], None]) -> None:
    """A loop that catches every error gets the next one where it can't catch it; what is open is closed meanwhile."""
    closed, waits, trace = list[str](), list[None](), sys.gettrace()

    def wait() -> None:
        waits.append(None)
        interrupter.count(ERROR)
        raise ERROR

    def run() -> None:
        with interrupter, ExitStack() as stack:
            stack.callback(closed.append, "closed")
            loop(wait, lambda: len(waits) < 100)

    interrupter = Interrupter()
    with pytest.raises(DeadlineExceeded):
        run()
    assert (closed, len(waits)) == (["closed"], 21)
    assert sys.gettrace() is trace


def test_an_error_that_comes_while_it_stops(monkeypatch: pytest.MonkeyPatch) -> None:
    """An error that comes up while the interrupter stops doesn't keep it from that: no later error comes."""
    errors = [ERROR]

    def interrupted(stop: Callable[[], None]) -> None:
        if errors:
            raise errors.pop()
        stop()

    interrupter, before = Interrupter(), set(threading.enumerate())
    with interrupter:
        interrupter.start(ERROR, at_once=False)
        (raising,) = set(threading.enumerate()) - before
        assert interrupter._started is not None
        monkeypatch.setattr(interrupter._started, "set", partial(interrupted, interrupter._started.set))
    raising.join(5)
    assert not raising.is_alive() and not errors
