"""uvloop, whose clock can't be reached, and gevent, which puts its own functions in place."""

from __future__ import annotations

import asyncio
import threading
import warnings
from contextlib import suppress
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from tests.virtual.matrix.cells import Exact, Refused, construct
from tests.virtual.matrix.constructs.of_asyncio import NO_LOOP_IN_A_LOOP, SYNC
from tests.virtual.matrix.ground import Ground

with suppress(ImportError):
    import uvloop
gevent: Any = import_module("gevent") if find_spec("gevent") else None

UVLOOP = ("uvloop",)
GEVENT = ("gevent",)


@construct(Refused("uvloop"), places=SYNC, because=NO_LOOP_IN_A_LOOP, needs=UVLOOP)
def run(at: Ground) -> None:
    """`uvloop.run`"""
    uvloop.run(asyncio.sleep(at.span(62)))


@construct(Refused("uvloop"), places=SYNC, because=NO_LOOP_IN_A_LOOP, needs=UVLOOP)
def new_event_loop(at: Ground) -> None:
    """`uvloop.new_event_loop().run_until_complete`"""
    uvloop.new_event_loop().run_until_complete(asyncio.sleep(at.span(62)))


@construct(Refused("uvloop"), places=SYNC, because=NO_LOOP_IN_A_LOOP, needs=UVLOOP)
def runner(at: Ground) -> None:
    """`asyncio.Runner(loop_factory=uvloop.new_event_loop)`"""
    warnings.simplefilter("ignore")
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(asyncio.sleep(at.span(62)))


@construct(Refused("uvloop"), needs=UVLOOP)
def in_a_thread(at: Ground) -> None:
    """`uvloop.run` in a thread that is joined"""
    thread = threading.Thread(target=lambda: uvloop.run(asyncio.sleep(at.span(62))))
    thread.start()
    thread.join()


@construct(Refused("gevent|hub|sleep"), Exact(62), needs=GEVENT)
def gevent_sleep(at: Ground) -> None:
    """`gevent.sleep`"""
    gevent.sleep(at.span(62))


@construct(Refused("gevent|hub|wait|joinall"), Exact(62), needs=GEVENT)
def gevent_spawn(at: Ground) -> None:
    """`gevent.spawn`, `joinall`"""
    gevent.joinall([gevent.spawn(gevent.sleep, at.span(62))])


@construct(Refused("gevent|hub|sleep|Timeout"), Exact(62), needs=GEVENT)
def gevent_timeout(at: Ground) -> None:
    """`gevent.Timeout(62)`"""
    with gevent.Timeout(at.span(62), False):
        gevent.sleep(at.span(1000))
