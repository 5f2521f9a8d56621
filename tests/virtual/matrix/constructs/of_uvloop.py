"""Libraries uvloop, whose clock can't be patched, and gevent, which patches the standard library itself."""

from __future__ import annotations

import asyncio
import threading
import warnings
from contextlib import suppress
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from tests.virtual.matrix.cell_run import CellRun
from tests.virtual.matrix.cells import Exact, Refused, construct
from tests.virtual.matrix.constructs.of_asyncio import NO_LOOP_IN_A_LOOP, SYNC

with suppress(ImportError):
    import uvloop
gevent: Any = import_module("gevent") if find_spec("gevent") else None

UVLOOP = ("uvloop",)
GEVENT = ("gevent",)


@construct(Refused("uvloop"), places=SYNC, reason=NO_LOOP_IN_A_LOOP, needs=UVLOOP)
def run(cell: CellRun) -> None:
    """`uvloop.run`"""
    uvloop.run(asyncio.sleep(cell.scale(62)))


@construct(Refused("uvloop"), places=SYNC, reason=NO_LOOP_IN_A_LOOP, needs=UVLOOP)
def new_event_loop(cell: CellRun) -> None:
    """`uvloop.new_event_loop().run_until_complete`"""
    uvloop.new_event_loop().run_until_complete(asyncio.sleep(cell.scale(62)))


@construct(Refused("uvloop"), places=SYNC, reason=NO_LOOP_IN_A_LOOP, needs=UVLOOP)
def runner(cell: CellRun) -> None:
    """`asyncio.Runner(loop_factory=uvloop.new_event_loop)`"""
    warnings.simplefilter("ignore")
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(asyncio.sleep(cell.scale(62)))


@construct(Refused("uvloop"), needs=UVLOOP)
def in_a_thread(cell: CellRun) -> None:
    """`uvloop.run` in a thread that is joined"""
    thread = threading.Thread(target=lambda: uvloop.run(asyncio.sleep(cell.scale(62))))
    thread.start()
    thread.join()


@construct(Refused("gevent|hub|sleep"), Exact(62), needs=GEVENT)
def gevent_sleep(cell: CellRun) -> None:
    """`gevent.sleep`"""
    gevent.sleep(cell.scale(62))


@construct(Refused("gevent|hub|wait|joinall"), Exact(62), needs=GEVENT)
def gevent_spawn(cell: CellRun) -> None:
    """`gevent.spawn`, `joinall`"""
    gevent.joinall([gevent.spawn(gevent.sleep, cell.scale(62))])


@construct(Refused("gevent|hub|sleep|Timeout"), Exact(62), needs=GEVENT)
def gevent_timeout(cell: CellRun) -> None:
    """`gevent.Timeout(62)`"""
    with gevent.Timeout(cell.scale(62), False):
        gevent.sleep(cell.scale(1000))
