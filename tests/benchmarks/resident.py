"""Memory of the server's process after the start and after a million polls, compared with a bare Starlette."""

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
"""The most MiB that jobmock may have above Starlette, at each time."""
_POLLS = 1_000_000
_PLAIN = "Starlette"
_TURN_SECONDS = 5.0


def run(polls: int = _POLLS) -> dict[str, Any]:
    """Print and return the differences in MiB. Raises SystemExit above a limit."""
    with tempfile.TemporaryDirectory() as name, ExitStack() as stack:
        folder, wanted = Path(name), subjects.subjects()
        own = stack.enter_context(subjects.running(wanted[OWN], folder))
        cases.write_answers(cases.prepare(own.url), folder)
        plain = stack.enter_context(subjects.running(wanted[_PLAIN], folder))
        found = {"at the start": _difference(own.pid, plain.pid)}
        count = _poll(own.url, polls)
        found["after the polls"] = _difference(own.pid, plain.pid)
    for when, more in found.items():
        mark = "ok" if more <= MOST[when] else "OVER"
        print(f"jobmock has {more:.0f} MiB more than Starlette {when} (limit {MOST[when]}, {mark})")
    print(f"{count:,} polls")
    over = [when for when, more in found.items() if more > MOST[when]]
    if over:
        raise SystemExit(f"jobmock has too much memory {' and '.join(over)}.")
    return {"mib_more": found, "polls": count}


def _difference(own: int, plain: int) -> float:
    return resident_mib(own) - resident_mib(plain)


def _poll(url: str, polls: int) -> int:
    """Request the small answers in turn, at least so many in all; return the number of requests."""
    small, count = [case for case in CASES if case.name in ("pending", "orbit status")], 0
    with click.progressbar(length=polls, label="polls", file=sys.stderr) as shown:
        for case in cycle(small):
            sent = load.measure(url + case.target, case.headers, _TURN_SECONDS).requests
            count += sent
            shown.update(sent)
            if count >= polls:
                return count
    raise AssertionError("A cycle never ends.")
