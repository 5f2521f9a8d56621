"""Modules select and selectors."""

from __future__ import annotations

import os
import select
import selectors
from collections.abc import Callable
from typing import Any

from tests.virtual.matrix.cell_run import CellRun
from tests.virtual.matrix.cells import Exact, Refused, construct


def _pipe(cell: CellRun) -> int:
    """Return the end of a pipe that has something after 30 s."""
    reading, writing = os.pipe()
    cell.run_after(30, lambda: os.write(writing, b"1"))
    return reading


@construct(Exact(62))
def select_nothing(cell: CellRun) -> None:
    """`select.select([], [], [], 62)`"""
    select.select([], [], [], cell.scale(62))


@construct(Exact(62))
def select_timeout(cell: CellRun) -> None:
    """`select.select([…], [], [], 62)`"""
    reading, _ = os.pipe()
    cell.expect(select.select([reading], [], [], cell.scale(62)) == ([], [], []), "something came")


@construct(Exact(30))
def select_ready(cell: CellRun) -> None:
    """`select.select([…], [], [], 62)`, ready after 30 s"""
    cell.expect(select.select([_pipe(cell)], [], [], cell.scale(62))[0], "nothing came")


@construct(Exact(62), Refused("poll"))
def poll_timeout(cell: CellRun) -> None:
    """`select.poll().poll(62_000)`"""
    poll = select.poll()
    poll.register(os.pipe()[0], select.POLLIN)
    cell.expect(not poll.poll(cell.scale(62_000)), "something came")


@construct(Exact(30), Refused("poll"))
def poll_ready(cell: CellRun) -> None:
    """`select.poll().poll(62_000)`, ready after 30 s"""
    poll = select.poll()
    poll.register(_pipe(cell), select.POLLIN)
    cell.expect(poll.poll(cell.scale(62_000)), "nothing came")


@construct(Exact(62), Refused("poll"))
def epoll_timeout(cell: CellRun) -> None:
    """`select.epoll().poll(62)`"""
    epoll = select.epoll()
    epoll.register(os.pipe()[0], select.EPOLLIN)
    cell.expect(not epoll.poll(cell.scale(62)), "something came")


@construct(Exact(30), Refused("poll"))
def epoll_ready(cell: CellRun) -> None:
    """`select.epoll().poll(62)`, ready after 30 s"""
    epoll = select.epoll()
    epoll.register(_pipe(cell), select.EPOLLIN)
    cell.expect(epoll.poll(cell.scale(62)), "nothing came")


def _times_out(cell: CellRun, kind: Callable[[], Any]) -> None:
    with kind() as selector:
        selector.register(os.pipe()[0], selectors.EVENT_READ)
        cell.expect(not selector.select(cell.scale(62)), "something came")


@construct(Exact(62))
def default_selector(cell: CellRun) -> None:
    """`DefaultSelector().select(62)`"""
    _times_out(cell, selectors.DefaultSelector)


@construct(Exact(62))
def select_selector(cell: CellRun) -> None:
    """`SelectSelector().select(62)`"""
    _times_out(cell, selectors.SelectSelector)


@construct(Exact(62))
def poll_selector(cell: CellRun) -> None:
    """`PollSelector().select(62)`"""
    _times_out(cell, selectors.PollSelector)


@construct(Exact(62))
def epoll_selector(cell: CellRun) -> None:
    """`EpollSelector().select(62)`"""
    _times_out(cell, selectors.EpollSelector)


@construct(Exact(30))
def selector_ready(cell: CellRun) -> None:
    """`DefaultSelector().select()`, ready after 30 s"""
    with selectors.DefaultSelector() as selector:
        selector.register(_pipe(cell), selectors.EVENT_READ)
        cell.expect(selector.select(), "nothing came")


OLD_POLL, OLD_EPOLL, OLD_SELECTOR = select.poll(), select.epoll(), selectors.DefaultSelector()


@construct(Exact(62), Refused("poll"))
def old_poll(cell: CellRun) -> None:
    """`poll(62_000)` of a poll object made before"""
    OLD_POLL.poll(cell.scale(62_000))


@construct(Exact(62), Refused("poll"))
def old_epoll(cell: CellRun) -> None:
    """`poll(62)` of an epoll object made before"""
    OLD_EPOLL.poll(cell.scale(62))


@construct(Exact(62))
def old_selector(cell: CellRun) -> None:
    """`select(62)` of a selector made before"""
    OLD_SELECTOR.select(cell.scale(62))
