"""Runs cells, each in a process of its own: forked from this one, which has imported everything and runs no thread.

A cell about what is first imported in a test begins in a fresh interpreter. Whatever isn't done in time is killed.
"""

from __future__ import annotations

import faulthandler
import json
import os
import re
import select
import signal
import sys
import tempfile
import threading
import time
import traceback
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, TypeVar

from tests.virtual.matrix.cells import Construct, Never
from tests.virtual.matrix.judging import Result, judged
from tests.virtual.matrix.playing import Report, play

LIMIT = 8.0
SECOND_LIMIT = 20.0
"""A cell that hung gets as long as this in a second try: the machine may have been busy."""

Cell = tuple[Construct, str]
Item = TypeVar("Item")


@dataclass(slots=True)
class _Child:
    """A process that plays something."""

    process: int
    pipe: int
    output: Any
    begun: float
    told: bytes = b""


def cells(constructs: Iterable[Construct], places: Iterable[str]) -> list[Cell]:
    """Return the cells that there are."""
    chosen = tuple(places)
    return [
        (construct, place)
        for construct in constructs
        if construct.missing() is None
        for place in chosen
        if not isinstance(construct.expects(place)[0], Never)
    ]


def run(chosen: Iterable[Cell], jobs: int = 4, *, again: bool = True) -> Iterator[Result]:
    """Yield the results as they come; what hung is tried `again`, with more time."""
    hung = list[Cell]()
    for (construct, place), report in side_by_side(chosen, _work, jobs, LIMIT):
        if again and report["end"] == "hanging":
            hung.append((construct, place))
        else:
            yield judged(construct.name, place, report, construct.expects(place))
    for (construct, place), report in side_by_side(hung, _work, jobs, SECOND_LIMIT):
        yield judged(construct.name, place, report, construct.expects(place))


def side_by_side(
    items: Iterable[Item], work: Callable[[Item], Callable[[int], None]], jobs: int, limit: float
) -> Iterator[tuple[Item, Report]]:
    """Do the work of each item in a process of its own, and yield the reports as they come."""
    waiting, running = deque(items), dict[int, tuple[Item, _Child]]()
    try:
        while waiting or running:
            while waiting and len(running) < jobs:
                item = waiting.popleft()
                child = begin(work(item))
                running[child.pipe] = item, child
            for pipe, (item, child) in tuple(running.items()):
                if (report := poll(child, limit)) is not None:
                    del running[pipe]
                    yield item, report
            if running:
                select.select(list(running), [], [], 0.05)
    finally:
        for _, child in running.values():
            _end(child)


def _work(cell: Cell) -> Callable[[int], None]:
    return _fresh(*cell) if cell[0].fresh else _forked(*cell)


def begin(work: Callable[[int], None]) -> _Child:
    """Fork a process that does some work, given the descriptor for its report."""
    assert threading.active_count() == 1, "A process with threads isn't forked."
    reading, writing = os.pipe()
    output = tempfile.TemporaryFile()  # noqa: SIM115
    process = os.fork()
    if not process:
        _do(work, writing, output)
    os.close(writing)
    os.set_blocking(reading, False)
    return _Child(process, reading, output, time.monotonic())


def _do(work: Callable[[int], None], writing: int, output: Any) -> None:
    try:
        os.setsid()
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        os.dup2(output.fileno(), 1)
        os.dup2(output.fileno(), 2)
        faulthandler.register(signal.SIGUSR2, file=output.fileno(), all_threads=True)
        work(writing)
    except BaseException:
        traceback.print_exc()
        sys.stderr.flush()
    os._exit(0)


def _forked(construct: Construct, place: str) -> Callable[[int], None]:
    def work(writing: int) -> None:
        sys.modules["__main__"].__dict__.update(__spec__=None, __file__=None)  # which spawned children would import
        report = play(construct, place)
        os.write(writing, json.dumps(report).encode() + b"\n")

    return work


def _fresh(construct: Construct, place: str) -> Callable[[int], None]:
    command = [sys.executable, "-m", "tests.virtual.matrix", "cell", construct.name, place]

    def work(writing: int) -> None:
        os.dup2(writing, 1)
        os.execv(sys.executable, command)

    return work


def poll(child: _Child, limit: float) -> Report | None:
    """Return the report of a process that is done, or is ended because of its limit."""
    gone = bool(os.waitpid(child.process, os.WNOHANG)[0])
    with suppress(BlockingIOError):
        while piece := os.read(child.pipe, 65_536):
            child.told += piece
    if child.told.endswith(b"\n"):
        _end(child, gone=gone)
        report: Report = json.loads(child.told)
        return report
    if gone:
        _end(child, gone=True)
        return {"end": "raised", "errors": [f"the process died: {_written(child)[-2000:] or 'without a word'}"]}
    if time.monotonic() - child.begun > limit:
        with suppress(ProcessLookupError):
            os.kill(child.process, signal.SIGUSR2)
        time.sleep(0.1)
        _end(child)
        return {"end": "hanging", "said": _standing(_written(child))}
    return None


def _end(child: _Child, *, gone: bool = False) -> None:
    with suppress(ProcessLookupError):
        os.killpg(child.process, signal.SIGKILL)
    if not gone:
        os.waitpid(child.process, 0)
    os.close(child.pipe)


def _written(child: _Child) -> str:
    child.output.seek(0)
    return str(child.output.read().decode(errors="replace"))


def _standing(written: str) -> str:
    """Return where each thread stands, from what faulthandler wrote: its last two lines."""
    threads = re.split(r"hread 0x", written)
    lines = [[line.strip() for line in part.splitlines()[1:3]] for part in threads[1:]]
    return " | ".join(" < ".join(part) for part in lines) or "standing nowhere"
