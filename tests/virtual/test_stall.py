"""Sleeps that virtual time can't reach are named: who holds them, and what to do."""

from __future__ import annotations

import functools
import time
from collections.abc import Callable
from typing import Any

import pytest
from tests.virtual.conftest import Env, Opened

from jobmock.errors import VirtualTimeError
from jobmock.virtual import come_by

SLEEP = time.sleep
held: Any = None


class Held:
    """Clients that hold on to the real sleep in all ways there are."""

    in_class = time.sleep

    def __init__(self, sleep: Callable[[float], None]) -> None:
        self.in_instance = sleep


def defaulted(seconds: float, sleep: Callable[[float], None] = SLEEP) -> None:
    sleep(seconds)


def keyword(seconds: float, *, sleep: Callable[[float], None] = SLEEP) -> None:
    sleep(seconds)


def enclosed(sleep: Callable[[float], None]) -> Callable[[float], None]:
    return lambda seconds: sleep(seconds)


CLOSED, INSTANCE, PARTIAL = enclosed(time.sleep), Held(time.sleep), functools.partial(time.sleep, 0.1)
WAYS: dict[str, tuple[Callable[[float], Any], str]] = {
    "default": (defaulted, r"a default argument of [\w.]*test_stall\.defaulted"),
    "keyword": (keyword, r"a default argument of [\w.]*test_stall\.keyword"),
    "class": (lambda seconds: Held.in_class(seconds), r"the class attribute [\w.]*test_stall\.Held\.in_class"),
    "instance": (lambda seconds: INSTANCE.in_instance(seconds), r"the attribute in_instance of a [\w.]*\.Held"),
    "partial": (lambda _: [PARTIAL() for _ in range(4)], r"functools\.partial\(0\.1,\)"),
    "closure": (CLOSED, "a closure"),
}


@pytest.mark.parametrize(("sleep", "named"), WAYS.values(), ids=WAYS)
def test_a_sleep_out_of_reach_is_named(still: Env, sleep: Callable[[float], Any], named: str) -> None:
    """A client that really sleeps is told at its next wait where the sleep is held, and what to do."""
    sleep(0.35)
    with pytest.raises(VirtualTimeError, match=rf"(?s)really waited 0\.[34] s.*{named}.*time='real'"):
        time.sleep(1)


def test_short_sleeps_add_up(still: Env) -> None:
    """Many short sleeps while virtual time stands still are one long one; where time moves on they are none."""
    for _ in range(4):
        defaulted(0.09)
        time.sleep(1)

    def several() -> None:
        for _ in range(5):
            defaulted(0.09)
            come_by()

    with pytest.raises(VirtualTimeError, match=r"defaulted"):
        several()


def test_what_works_or_is_meant_to_wait_is_no_stall(still: Env) -> None:
    """Neither a client that works for long, nor one that waits for a process, is told that it sleeps."""
    import subprocess

    began = time.process_time()
    while time.process_time() - began < 0.35:
        pass
    time.sleep(1)
    subprocess.run(["sleep", "0.35"], check=True)
    time.sleep(1)
    assert still.now == 2


def test_come_by_elsewhere(env: Opened) -> None:
    """Whoever takes no part is never told."""
    come_by()
    defaulted(0.01)
    come_by()
