"""Run cells, each in a process of its own, forked from this one, which has imported everything and has no threads.

A cell about a late import begins in a fresh interpreter. A process that isn't done in time is killed.
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

from tests.virtual.matrix.cells import Construct, Impossible
from tests.virtual.matrix.player import Report, play
from tests.virtual.matrix.verdicts import Result, judge

LIMIT = 8.0
SECOND_LIMIT = 20.0
"""A cell that hung gets as long as this in a second try: the machine may have been busy."""

Cell = tuple[Construct, str]
Item = TypeVar("Item")


@dataclass(slots=True)
class _Child:
    """A process that runs a cell, or a batch of races."""

    process: int
    pipe: int
    output: Any
    begun: float
    received: bytes = b""


def cells(constructs: Iterable[Construct], places: Iterable[str]) -> list[Cell]:
    """Return the cells of some constructs and places that can run here."""
    chosen = tuple(places)
    return [
        (construct, place)
        for construct in constructs
        if construct.missing() is None
        for place in chosen
        if not isinstance(construct.expects(place)[0], Impossible)
    ]


def run(chosen: Iterable[Cell], jobs: int = 4, *, again: bool = True) -> Iterator[Result]:
    """Yield the results as they come. With `again`, a cell that hung is tried a second time, with more time."""
    hung = list[Cell]()
    for (construct, place), report in run_parallel(chosen, _work_of, jobs, LIMIT):
        if again and report["end"] == "hanging":
            hung.append((construct, place))
        else:
            yield judge(construct.name, place, report, construct.expects(place))
    for (construct, place), report in run_parallel(hung, _work_of, jobs, SECOND_LIMIT):
        yield judge(construct.name, place, report, construct.expects(place))


def run_parallel(
    items: Iterable[Item], work: Callable[[Item], Callable[[int], None]], jobs: int, limit: float
) -> Iterator[tuple[Item, Report]]:
    """Do the work of each item in a process of its own, up to `jobs` at once; yield the reports as they come."""
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


def _work_of(cell: Cell) -> Callable[[int], None]:
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
        sys.modules["__main__"].__dict__.update(__spec__=None, __file__=None)  # spawned children would import it
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
    """Return the report of a process that is done, or that was killed at its limit; None while it runs."""
    gone = bool(os.waitpid(child.process, os.WNOHANG)[0])
    with suppress(BlockingIOError):
        while piece := os.read(child.pipe, 65_536):
            child.received += piece
    if child.received.endswith(b"\n"):
        _end(child, gone=gone)
        report: Report = json.loads(child.received)
        return report
    if gone:
        _end(child, gone=True)
        return {"end": "raised", "errors": [f"the process died: {_output(child)[-2000:] or 'without a word'}"]}
    if time.monotonic() - child.begun > limit:
        with suppress(ProcessLookupError):
            os.kill(child.process, signal.SIGUSR2)
        time.sleep(0.1)
        _end(child)
        return {"end": "hanging", "message": _positions(_output(child))}
    return None


def _end(child: _Child, *, gone: bool = False) -> None:
    with suppress(ProcessLookupError):
        os.killpg(child.process, signal.SIGKILL)
    if not gone:
        os.waitpid(child.process, 0)
    os.close(child.pipe)


def _output(child: _Child) -> str:
    child.output.seek(0)
    return str(child.output.read().decode(errors="replace"))


def _positions(dump: str) -> str:
    """Return where each thread is, the last two lines of its stack in faulthandler's dump."""
    threads = re.split(r"hread 0x", dump)
    lines = [[line.strip() for line in part.splitlines()[1:3]] for part in threads[1:]]
    return " | ".join(" < ".join(part) for part in lines) or "no thread was dumped"
