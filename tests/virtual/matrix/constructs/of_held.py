"""time.sleep, held by something: made in the test, or before it."""

from __future__ import annotations

import functools
import importlib
import threading
import time
from collections.abc import Callable
from typing import Any

from tests.virtual.matrix.cells import Exact, Refused, construct
from tests.virtual.matrix.ground import Ground
from tests.virtual.matrix.late import top

BEFORE = (Exact(62), Refused("sleep"))


def _default(seconds: float, sleep: Callable[[float], None] = time.sleep) -> None:
    sleep(seconds)


def _keyword(seconds: float, *, sleep: Callable[[float], None] = time.sleep) -> None:
    sleep(seconds)


def _closed() -> Callable[[float], None]:
    held = time.sleep
    return lambda seconds: held(seconds)


class _Held:
    sleep: Any = time.sleep

    def __init__(self) -> None:
        self.nap = time.sleep


PARTIAL, TABLE, CLOSURE, HELD = functools.partial(time.sleep), {"sleep": time.sleep}, _closed(), _Held()
LIST, DEFAULT_CLOCK = [time.sleep], functools.partial(time.monotonic)
METHOD: Any = time.sleep.__call__  # type: ignore[operator]


@construct(Exact(62))
def partial(at: Ground) -> None:
    """`partial(time.sleep, 62)()`"""
    functools.partial(time.sleep, at.span(62))()


@construct(Exact(62))
def default(at: Ground) -> None:
    """a default argument"""

    def nap(seconds: float, sleep: Callable[[float], None] = time.sleep) -> None:
        sleep(seconds)

    nap(at.span(62))


@construct(Exact(62))
def attribute(at: Ground) -> None:
    """an attribute of a class, and of an instance"""

    class Held:
        sleep: Any = time.sleep

        def __init__(self) -> None:
            self.nap = time.sleep

    Held.sleep(at.span(30))
    Held().sleep(at.span(2))
    Held().nap(at.span(30))


@construct(Exact(62))
def table(at: Ground) -> None:
    """a dict, a list"""
    {"sleep": time.sleep}["sleep"](at.span(30))
    [time.sleep][0](at.span(32))


@construct(Exact(62))
def mapped(at: Ground) -> None:
    """`list(map(time.sleep, [30, 32]))`"""
    list(map(time.sleep, [at.span(30), at.span(32)]))


@construct(*BEFORE)
def old_default(at: Ground) -> None:
    """a default argument of a function made before"""
    _default(at.span(62))


@construct(*BEFORE)
def old_keyword(at: Ground) -> None:
    """a default keyword argument of a function made before"""
    _keyword(at.span(62))


@construct(*BEFORE)
def old_closure(at: Ground) -> None:
    """a closure made before"""
    CLOSURE(at.span(62))


@construct(*BEFORE)
def old_class_attribute(at: Ground) -> None:
    """an attribute of a class made before"""
    _Held.sleep(at.span(62))


@construct(*BEFORE)
def old_instance_attribute(at: Ground) -> None:
    """an attribute of an instance made before"""
    HELD.nap(at.span(62))


@construct(Exact(62), Refused("sleep|PARTIAL"))
def old_partial(at: Ground) -> None:
    """a partial made before"""
    PARTIAL(at.span(62))


@construct(*BEFORE)
def old_table(at: Ground) -> None:
    """a dict made before"""
    TABLE["sleep"](at.span(62))


@construct(Exact(62), Refused("sleep|LIST"))
def old_list(at: Ground) -> None:
    """a list made before"""
    LIST[0](at.span(62))


@construct(Exact(62), Refused("sleep|METHOD"))
def old_method(at: Ground) -> None:
    """`time.sleep.__call__`, got before"""
    METHOD(at.span(62))


@construct(Exact(62), Refused("monotonic"))
def old_clock(at: Ground) -> None:
    """a partial of time.monotonic made before"""
    before = DEFAULT_CLOCK()
    time.sleep(at.span(62))
    at.tells(DEFAULT_CLOCK() - before, 62)


@construct(*BEFORE)
def old_default_in_a_thread(at: Ground) -> None:
    """a default argument of a function made before, in a thread that is joined"""
    thread = threading.Thread(target=_default, args=(at.span(62),))
    thread.start()
    thread.join()


@construct(Exact(62))
def reloaded(at: Ground) -> None:
    """`importlib.reload` of a module with `from time import sleep`"""
    module: Any = importlib.reload(top)
    module.nap(at.span(62))


@construct(Exact(62))
def executed(at: Ground) -> None:
    """`exec` of code with `from time import sleep`"""
    exec("from time import sleep\nsleep(seconds)", {"seconds": at.span(62)})
