"""Memory of the process: after the start, and after a million polls, beside a bare Starlette that has none to keep."""

from __future__ import annotations

import sys
import tempfile
from contextlib import ExitStack
from itertools import cycle
from pathlib import Path
from typing import Any

import click
from tests.benchmarks import cases, load, subjects
from tests.benchmarks.cases import CASES
from tests.benchmarks.processes import resident_mib
from tests.benchmarks.subjects import OWN

MOST = {"at the start": 25, "after the polls": 40}
"""MiB that jobmock may have more than Starlette, at each time."""
_POLLS = 1_000_000
_PLAIN = "Starlette"
_TURN_SECONDS = 5.0


def run(polls: int = _POLLS) -> dict[str, Any]:
    """Measure and print; return the MiB. Ends with 1 where jobmock has more than it may."""
    with tempfile.TemporaryDirectory() as name, ExitStack() as stack:
        folder, wanted = Path(name), subjects.subjects()
        own = stack.enter_context(subjects.running(wanted[OWN], folder))
        cases.written(cases.prepare(own.url), folder)
        plain = stack.enter_context(subjects.running(wanted[_PLAIN], folder))
        found = {"at the start": _more(own.pid, plain.pid)}
        asked = _polled(own.url, polls)
        found["after the polls"] = _more(own.pid, plain.pid)
    for when, more in found.items():
        mark = "ok" if more <= MOST[when] else "OVER"
        print(f"jobmock has {more:.0f} MiB more than Starlette {when} (limit {MOST[when]}, {mark})")
    print(f"{asked:,} polls")
    over = [when for when, more in found.items() if more > MOST[when]]
    if over:
        raise SystemExit(f"jobmock has too much memory {' and '.join(over)}.")
    return {"mib_more": found, "polls": asked}


def _more(own: int, plain: int) -> float:
    return resident_mib(own) - resident_mib(plain)


def _polled(url: str, polls: int) -> int:
    """Poll the small answers in turn until there were so many; return how many there were."""
    small, asked = [case for case in CASES if case.name in ("pending", "orbit status")], 0
    with click.progressbar(length=polls, label="polls", file=sys.stderr) as shown:
        for case in cycle(small):
            count = load.put_on(url + case.target, case.headers, _TURN_SECONDS).requests
            asked += count
            shown.update(count)
            if asked >= polls:
                return asked
    raise AssertionError("A cycle has no end.")
