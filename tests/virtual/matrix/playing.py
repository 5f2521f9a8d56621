"""Plays one cell in this process, and says what became of it."""

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
from tests.virtual.matrix.cells import Construct
from tests.virtual.matrix.ground import Ground, ground, really, withheld

from jobmock.errors import VirtualTimeError

Report = dict[str, Any]


def play(construct: Construct, place: str) -> Report:
    """Call a construct in a place, in virtual time, as the only test of this process."""
    threading.excepthook = lambda args: None
    errors: list[str] = []
    aged = places.older() if place == "older" else None
    with ground(construct, virtual=place != "older") as (at, virtual_time):
        carry = places.carrier(construct.kind, place, aged)
        run = _noted(at, construct, errors)
        started, refusal = really(), None
        try:
            with virtual_time as at.scheduler:
                carry(run)
                final = at.clock.elapsed
        except BaseException as error:
            refusal = _refusal(error)
            if refusal is None:
                errors.append("".join(traceback.format_exception(error)))
        ended = really()
        begun = at.began or (0, started)
        report: Report = {"faults": at.faults, "withheld": at.withheld + _withheld(), "errors": errors}
        if refusal is not None:
            report |= {"end": "refused", "said": _everything(refusal), "real": ended - begun[1]}
            return report | {"located": _located(refusal, construct)}
        if errors or at.ended is None:
            return report | {"end": "raised" if errors else "lost"}
        elapsed, real = at.ended[0] - begun[0], at.ended[1] - begun[1]
        return report | {"end": "returned", "virtual": elapsed, "real": real, "final": final - begun[0]}


def _noted(at: Ground, construct: Construct, errors: list[str]) -> Callable[[], Any]:
    """Return the construct with its beginning and end noted. A VirtualTimeError goes its own way."""

    def run() -> None:
        at.begin()
        try:
            construct.function(at)
            at.end()
        except Exception as error:
            _note(error, errors)

    async def arun() -> None:
        at.begin()
        try:
            await construct.function(at)
            at.end()
        except Exception as error:
            _note(error, errors)

    return run if construct.kind == "sync" else arun


def _note(error: Exception, errors: list[str]) -> None:
    if _refusal(error) is not None:
        raise error
    errors.append("".join(traceback.format_exception(error)))


def _refusal(error: BaseException) -> VirtualTimeError | None:
    """Return the VirtualTimeError that an error is, or that is in the group that it is."""
    if isinstance(error, BaseExceptionGroup):
        return next((found for one in error.exceptions if (found := _refusal(one)) is not None), None)
    return error if isinstance(error, VirtualTimeError) else None


def _everything(error: BaseException) -> str:
    return " ".join([str(error), *getattr(error, "__notes__", ())])


def _located(error: BaseException, construct: Construct) -> bool:
    """Say whether the error leads to the construct: by `file.py:line` in its words, or by its traceback.

    A line of the same file will do: what a construct does may be in a function beside it.
    """
    file, lines = Path(construct.function.__code__.co_filename).name, construct.lines()
    if re.search(rf"\b{re.escape(file)}:\d+", _everything(error)):
        return True
    return any(frame.f_code.co_filename.endswith(file) and line in lines for frame, line in _frames(error))


def _frames(error: BaseException | None) -> Iterator[tuple[Any, int]]:
    seen = set[int]()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield from traceback.walk_tb(error.__traceback__)
        error = error.__cause__ or error.__context__


def _withheld() -> float:
    """Return for how many seconds the threads that there are had to wait for a processor."""
    try:
        tasks = os.listdir("/proc/self/task")
    except OSError:
        return 0.0
    return sum(withheld(f"/proc/self/task/{task}/schedstat") for task in tasks)


def alone(name: str, place: str) -> None:
    """Play a cell in this fresh interpreter, and write the report."""
    import faulthandler
    import json
    import signal

    from tests.virtual.matrix.cells import load

    faulthandler.register(signal.SIGUSR2, all_threads=True)
    construct = load(name.partition(".")[0])[name]
    sys.stdout.write(json.dumps(play(construct, place)) + "\n")
    sys.stdout.flush()
    os._exit(0)
