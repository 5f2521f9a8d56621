"""Run one cell in this process, and report the result."""

from __future__ import annotations

import os
import re
import sys
import threading
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from tests.virtual.matrix import places
from tests.virtual.matrix.cell_run import CellRun, prepare, processor_wait, real_seconds
from tests.virtual.matrix.cells import Construct

from jobmock.errors import VirtualTimeError

Report = dict[str, Any]


def play(construct: Construct, place: str) -> Report:
    """Run a construct in a place, in virtual time, as the only test of this process; return a report."""
    threading.excepthook = lambda args: None
    errors: list[str] = []
    run_in_older = places.older() if place == "older" else None
    with prepare(construct, virtual=place != "older") as (cell, virtual_time):
        run_in_place = places.runner_of(construct.kind, place, run_in_older)
        run = _recorded(cell, construct, errors)
        started, refusal = real_seconds(), None
        try:
            with virtual_time as cell.scheduler:
                run_in_place(run)
                final = cell.clock.elapsed
        except BaseException as error:
            refusal = _refusal(error)
            if refusal is None:
                errors.append("".join(traceback.format_exception(error)))
        ended = real_seconds()
        begun = cell.began or (0, started)
        waited = cell.processor_wait + _processor_wait()
        report: Report = {"failed_checks": cell.failed_checks, "processor_wait": waited, "errors": errors}
        if refusal is not None:
            report |= {"end": "refused", "message": _full_message(refusal), "real": ended - begun[1]}
            return report | {"located": _located(refusal, construct)}
        if errors or cell.ended is None:
            return report | {"end": "raised" if errors else "lost"}
        elapsed, real = cell.ended[0] - begun[0], cell.ended[1] - begun[1]
        return report | {"end": "returned", "virtual": elapsed, "real": real, "final": final - begun[0]}


def _recorded(cell: CellRun, construct: Construct, errors: list[str]) -> Callable[[], Any]:
    """Return a function that runs the construct, and records begin, end and errors. A VirtualTimeError is raised."""

    def run() -> None:
        cell.begin()
        try:
            construct.function(cell)
            cell.end()
        except Exception as error:
            _record(error, errors)

    async def run_async() -> None:
        cell.begin()
        try:
            await construct.function(cell)
            cell.end()
        except Exception as error:
            _record(error, errors)

    return run if construct.kind == "sync" else run_async


def _record(error: Exception, errors: list[str]) -> None:
    if _refusal(error) is not None:
        raise error
    errors.append("".join(traceback.format_exception(error)))


def _refusal(error: BaseException) -> VirtualTimeError | None:
    """Return the error if it is a VirtualTimeError, or else the first one in its group."""
    if isinstance(error, BaseExceptionGroup):
        return next((found for one in error.exceptions if (found := _refusal(one)) is not None), None)
    return error if isinstance(error, VirtualTimeError) else None


def _full_message(error: BaseException) -> str:
    """Return the message of an error with its notes."""
    return " ".join([str(error), *getattr(error, "__notes__", ())])


def _located(error: BaseException, construct: Construct) -> bool:
    """Say whether the message or the traceback names a line of the construct's file.

    Any line of the file is accepted, for a construct may call other functions of its file.
    """
    file, lines = Path(construct.function.__code__.co_filename).name, construct.lines()
    if re.search(rf"\b{re.escape(file)}:\d+", _full_message(error)):
        return True
    return any(frame.f_code.co_filename.endswith(file) and line in lines for frame, line in _frames(error))


def _frames(error: BaseException | None) -> Iterator[tuple[Any, int]]:
    seen = set[int]()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield from traceback.walk_tb(error.__traceback__)
        error = error.__cause__ or error.__context__


def _processor_wait() -> float:
    """Return for how many seconds the present threads had to wait for a processor."""
    try:
        tasks = os.listdir("/proc/self/task")
    except OSError:
        return 0.0
    return sum(processor_wait(f"/proc/self/task/{task}/schedstat") for task in tasks)


def play_and_print(name: str, place: str) -> None:
    """Run a cell in this fresh interpreter, and print the report as JSON."""
    import faulthandler
    import json
    import signal

    from tests.virtual.matrix.cells import load

    faulthandler.register(signal.SIGUSR2, all_threads=True)
    construct = load(name.partition(".")[0])[name]
    sys.stdout.write(json.dumps(play(construct, place)) + "\n")
    sys.stdout.flush()
    os._exit(0)
