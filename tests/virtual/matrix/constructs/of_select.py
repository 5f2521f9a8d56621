"""Modules select and selectors."""

from __future__ import annotations

import os
import select
import selectors
from collections.abc import Callable
from typing import Any

from tests.virtual.matrix.cells import Exact, Refused, construct
from tests.virtual.matrix.ground import Ground


def _pipe(at: Ground) -> int:
    """Return the end of a pipe that has something after 30 s."""
    reading, writing = os.pipe()
    at.later(30, lambda: os.write(writing, b"1"))
    return reading


@construct(Exact(62))
def select_nothing(at: Ground) -> None:
    """`select.select([], [], [], 62)`"""
    select.select([], [], [], at.span(62))


@construct(Exact(62))
def select_timeout(at: Ground) -> None:
    """`select.select([…], [], [], 62)`"""
    reading, _ = os.pipe()
    at.holds(select.select([reading], [], [], at.span(62)) == ([], [], []), "something came")


@construct(Exact(30))
def select_ready(at: Ground) -> None:
    """`select.select([…], [], [], 62)`, ready after 30 s"""
    at.holds(select.select([_pipe(at)], [], [], at.span(62))[0], "nothing came")


@construct(Exact(62), Refused("poll"))
def poll_timeout(at: Ground) -> None:
    """`select.poll().poll(62_000)`"""
    poll = select.poll()
    poll.register(os.pipe()[0], select.POLLIN)
    at.holds(not poll.poll(at.span(62_000)), "something came")


@construct(Exact(30), Refused("poll"))
def poll_ready(at: Ground) -> None:
    """`select.poll().poll(62_000)`, ready after 30 s"""
    poll = select.poll()
    poll.register(_pipe(at), select.POLLIN)
    at.holds(poll.poll(at.span(62_000)), "nothing came")


@construct(Exact(62), Refused("poll"))
def epoll_timeout(at: Ground) -> None:
    """`select.epoll().poll(62)`"""
    epoll = select.epoll()
    epoll.register(os.pipe()[0], select.EPOLLIN)
    at.holds(not epoll.poll(at.span(62)), "something came")


@construct(Exact(30), Refused("poll"))
def epoll_ready(at: Ground) -> None:
    """`select.epoll().poll(62)`, ready after 30 s"""
    epoll = select.epoll()
    epoll.register(_pipe(at), select.EPOLLIN)
    at.holds(epoll.poll(at.span(62)), "nothing came")


def _times_out(at: Ground, kind: Callable[[], Any]) -> None:
    with kind() as selector:
        selector.register(os.pipe()[0], selectors.EVENT_READ)
        at.holds(not selector.select(at.span(62)), "something came")


@construct(Exact(62))
def default_selector(at: Ground) -> None:
    """`DefaultSelector().select(62)`"""
    _times_out(at, selectors.DefaultSelector)


@construct(Exact(62))
def select_selector(at: Ground) -> None:
    """`SelectSelector().select(62)`"""
    _times_out(at, selectors.SelectSelector)


@construct(Exact(62))
def poll_selector(at: Ground) -> None:
    """`PollSelector().select(62)`"""
    _times_out(at, selectors.PollSelector)


@construct(Exact(62))
def epoll_selector(at: Ground) -> None:
    """`EpollSelector().select(62)`"""
    _times_out(at, selectors.EpollSelector)


@construct(Exact(30))
def selector_ready(at: Ground) -> None:
    """`DefaultSelector().select()`, ready after 30 s"""
    with selectors.DefaultSelector() as selector:
        selector.register(_pipe(at), selectors.EVENT_READ)
        at.holds(selector.select(), "nothing came")


OLD_POLL, OLD_EPOLL, OLD_SELECTOR = select.poll(), select.epoll(), selectors.DefaultSelector()


@construct(Exact(62), Refused("poll"))
def old_poll(at: Ground) -> None:
    """`poll(62_000)` of a poll object made before"""
    OLD_POLL.poll(at.span(62_000))


@construct(Exact(62), Refused("poll"))
def old_epoll(at: Ground) -> None:
    """`poll(62)` of an epoll object made before"""
    OLD_EPOLL.poll(at.span(62))


@construct(Exact(62))
def old_selector(at: Ground) -> None:
    """`select(62)` of a selector made before"""
    OLD_SELECTOR.select(at.span(62))
