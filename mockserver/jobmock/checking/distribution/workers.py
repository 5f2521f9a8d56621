"""Processes that work: each does one task after another, and the results come in the order of the tasks."""

from __future__ import annotations

import multiprocessing
import signal
import sys
import threading
import traceback
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from multiprocessing.connection import Connection, wait
from typing import Any, Generic, NamedTuple, TypeVar, cast

from ...errors import StartError

Task = TypeVar("Task")
Result = TypeVar("Result")
_AHEAD = 2
"""How many tasks a process has at a time: it begins the next one while its result is taken."""
_MOST_RESULTS = 8
"""How many tasks may be done out of order, for each process. Their results are kept."""


class _Failed(NamedTuple):
    """An exception that a task raised, in place of a result."""

    error: Exception


class _Process(NamedTuple):
    """A process, and the connection to it."""

    process: Any
    connection: Any


def results_in_order(
    tasks: Iterable[Task], work: Callable[[Task], Result], count: int
) -> Generator[Result, None, None]:  # fmt: skip
    """Yield the results of tasks, in order, from so many processes. At the end, the processes are ended.

    Raises what `work` raises, and StartError if a process ends by itself.
    """
    with _started(work, count) as processes:
        yield from _Schedule(processes, iter(tasks)).results()


class _Schedule(Generic[Task, Result]):
    """Gives tasks to processes, and keeps the results whose turn hasn't come."""

    def __init__(self, processes: Sequence[_Process], tasks: Iterator[Task]) -> None:
        self._processes = {process.connection: process.process for process in processes}
        self._tasks, self._given, self._next = tasks, 0, 0
        self._turns: dict[Any, list[int]] = {connection: [] for connection in self._processes}
        """The numbers of the tasks that each process has, by its connection."""
        self._done: dict[int, Result | _Failed] = {}

    def results(self) -> Iterator[Result]:
        """Yield the results in the order of the tasks."""
        while True:
            self._give()
            if self._next == self._given:
                return
            while self._next not in self._done:
                self._receive()
                self._give()
            result = self._done.pop(self._next)
            self._next += 1
            if isinstance(result, _Failed):
                raise result.error
            yield result

    def _give(self) -> None:
        """Give tasks to processes that have too few."""
        most = _MOST_RESULTS * len(self._processes)
        for _ in range(_AHEAD):
            for connection, turns in self._turns.items():
                if len(turns) >= _AHEAD or self._given - self._next >= most:
                    continue
                try:
                    task = next(self._tasks)
                except StopIteration:
                    return
                turns.append(self._given)
                self._given += 1
                with suppress(BrokenPipeError, ConnectionResetError):  # the next `_receive` sees it
                    connection.send(task)

    def _receive(self) -> None:
        """Wait for results. Raises StartError if a process has ended."""
        for connection in wait([connection for connection, turns in self._turns.items() if turns]):
            try:
                result: Result | _Failed = cast("Any", connection).recv()
            except (EOFError, ConnectionResetError):
                raise StartError(_end(self._processes[connection])) from None
            self._done[self._turns[connection].pop(0)] = result


def _end(process: Any) -> str:
    """Return in words that a process has ended by itself."""
    process.join(1)
    code = process.exitcode
    how = f"was ended by the signal {-code}" if code is not None and code < 0 else f"ended with {code}"
    return f"One of the processes that check {how}, so the check isn't complete. Try again, with fewer --jobs."


@contextmanager
def _started(work: Callable[[Any], Any], count: int) -> Iterator[list[_Process]]:
    """Start processes, and end them at the end. A copy of this process is quickest, but only Linux makes safe ones."""
    is_alone = sys.platform == "linux" and threading.active_count() == 1
    context: Any = multiprocessing.get_context("fork" if is_alone else "spawn")
    started: list[_Process] = []
    try:
        for _ in range(count):
            ours, theirs = context.Pipe()
            inherited = [*(one.connection for one in started), ours] if is_alone else []
            process = context.Process(target=_serve, args=(work, theirs, inherited), daemon=True)
            started.append(_Process(process, ours))
            process.start()
            theirs.close()
        yield started
    finally:
        for one in started:
            one.connection.close()
        running = [one.process for one in started if one.process.pid is not None]
        for process in running:
            process.kill()
        for process in running:
            process.join()


def _serve(work: Callable[[Any], Any], connection: Connection, inherited: Sequence[Connection]) -> None:
    """Do the tasks that come, until the other process closes the connection. It also ends this one at Ctrl-C."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    for other in inherited:
        other.close()
    with suppress(EOFError, BrokenPipeError, ConnectionResetError):
        while True:
            connection.send(_result(work, connection.recv()))


def _result(work: Callable[[Any], Any], task: Any) -> Any:
    try:
        return work(task)
    except Exception as error:
        error.add_note(traceback.format_exc())
        return _Failed(error)
