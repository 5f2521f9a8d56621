"""References to time.sleep in partials, defaults, closures and containers, made in the test or before it."""

from __future__ import annotations

import functools
import importlib
import threading
import time
from collections.abc import Callable
from typing import Any

from tests.virtual.matrix.cell_run import CellRun
from tests.virtual.matrix.cells import Exact, Refused, construct
from tests.virtual.matrix.late_imports import from_imports

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
def partial(cell: CellRun) -> None:
    """`partial(time.sleep, 62)()`"""
    functools.partial(time.sleep, cell.scale(62))()


@construct(Exact(62))
def default(cell: CellRun) -> None:
    """a default argument"""

    def nap(seconds: float, sleep: Callable[[float], None] = time.sleep) -> None:
        sleep(seconds)

    nap(cell.scale(62))


@construct(Exact(62))
def attribute(cell: CellRun) -> None:
    """an attribute of a class, and of an instance"""

    class Held:
        sleep: Any = time.sleep

        def __init__(self) -> None:
            self.nap = time.sleep

    Held.sleep(cell.scale(30))
    Held().sleep(cell.scale(2))
    Held().nap(cell.scale(30))


@construct(Exact(62))
def table(cell: CellRun) -> None:
    """a dict, a list"""
    {"sleep": time.sleep}["sleep"](cell.scale(30))
    [time.sleep][0](cell.scale(32))


@construct(Exact(62))
def mapped(cell: CellRun) -> None:
    """`list(map(time.sleep, [30, 32]))`"""
    list(map(time.sleep, [cell.scale(30), cell.scale(32)]))


@construct(*BEFORE)
def old_default(cell: CellRun) -> None:
    """a default argument of a function made before"""
    _default(cell.scale(62))


@construct(*BEFORE)
def old_keyword(cell: CellRun) -> None:
    """a default keyword argument of a function made before"""
    _keyword(cell.scale(62))


@construct(*BEFORE)
def old_closure(cell: CellRun) -> None:
    """a closure made before"""
    CLOSURE(cell.scale(62))


@construct(*BEFORE)
def old_class_attribute(cell: CellRun) -> None:
    """an attribute of a class made before"""
    _Held.sleep(cell.scale(62))


@construct(*BEFORE)
def old_instance_attribute(cell: CellRun) -> None:
    """an attribute of an instance made before"""
    HELD.nap(cell.scale(62))


@construct(Exact(62), Refused("sleep|PARTIAL"))
def old_partial(cell: CellRun) -> None:
    """a partial made before"""
    PARTIAL(cell.scale(62))


@construct(*BEFORE)
def old_table(cell: CellRun) -> None:
    """a dict made before"""
    TABLE["sleep"](cell.scale(62))


@construct(Exact(62), Refused("sleep|LIST"))
def old_list(cell: CellRun) -> None:
    """a list made before"""
    LIST[0](cell.scale(62))


@construct(Exact(62), Refused("sleep|METHOD"))
def old_method(cell: CellRun) -> None:
    """`time.sleep.__call__`, got before"""
    METHOD(cell.scale(62))


@construct(Exact(62), Refused("monotonic"))
def old_clock(cell: CellRun) -> None:
    """a partial of time.monotonic made before"""
    before = DEFAULT_CLOCK()
    time.sleep(cell.scale(62))
    cell.expect_seconds(DEFAULT_CLOCK() - before, 62)


@construct(*BEFORE)
def old_default_in_a_thread(cell: CellRun) -> None:
    """a default argument of a function made before, in a thread that is joined"""
    thread = threading.Thread(target=_default, args=(cell.scale(62),))
    thread.start()
    thread.join()


@construct(Exact(62))
def reloaded(cell: CellRun) -> None:
    """`importlib.reload` of a module with `from time import sleep`"""
    module: Any = importlib.reload(from_imports)
    module.nap(cell.scale(62))


@construct(Exact(62))
def executed(cell: CellRun) -> None:
    """`exec` of code with `from time import sleep`"""
    exec("from time import sleep\nsleep(seconds)", {"seconds": cell.scale(62)})
