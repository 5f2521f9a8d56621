"""How many scripts a second `jobmock exhaust` can play to a client that is a function or a command.

The same small client runs as a function, as a command that runs once for each script, and as a persistent one, in
Python and in Node. All take turns. The persistent ones are started before real time is counted.
"""

from __future__ import annotations

import os
import resource
import shutil
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from statistics import median
from typing import NamedTuple

import tests.strategies.command_clients
from tests.campaigns.reporting import progress_bar
from tests.strategies.command_clients import client

from jobmock.clock import TIME
from jobmock.strategies.command_runner import CommandRunner, CommandTime
from jobmock.strategies.runner import Budget, ClientRunner
from jobmock.strategies.scripts import alphabet, script_plan, scripts

_PROGRAMS = Path(*tests.strategies.command_clients.__path__)
_BUDGET = Budget(requests=200, seconds=7_200)
_ONCE, _PERSISTENT, _WARM = 16, 160, 8
"""How many scripts are timed in a round, and how many are played before that."""
Script = tuple[str, ...]


class Form(NamedTuple):
    """One form of the client: its name, its command if it isn't a function, and how many scripts are timed."""

    name: str
    command: tuple[str, ...]
    scripts: int


def forms() -> Iterator[Form]:
    """Yield the forms that can be run here."""
    yield Form("function", (), _PERSISTENT)
    programs = {"Python": (sys.executable, str(_PROGRAMS / "client.py"))}
    if node := shutil.which("node"):
        programs["Node"] = (node, str(_PROGRAMS / "client.mjs"))
    for language, program in programs.items():
        for how, count in (("persistent", _PERSISTENT), ("once", _ONCE)):
            yield Form(f"{language}, {how}", (*program, how), count)


class Speed(NamedTuple):
    """How many scripts are played in a second of real time, and in one of processor time, with all processes."""

    real: float
    processor: float


def _speed(form: Form, every: Sequence[Script]) -> Speed:
    """Return how fast scripts are played. Raises SystemExit if the client, which is correct, is blamed."""
    used, plans = _processor_seconds(), [script_plan("clado", script) for script in every[: form.scripts]]
    if not form.command:
        with ClientRunner(client.poll, "clado", budget=_BUDGET).open() as runner:
            began = TIME.perf_counter()
            found = [runner.run(plan) for plan in plans]
            seconds = TIME.perf_counter() - began
    else:
        persistent = form.command[-1] == "persistent"
        of = CommandRunner(form.command, "clado", budget=_BUDGET, time=CommandTime(), persistent=persistent)
        with of.open(os.cpu_count() or 1) as commands:
            found = list(commands.run_all(plans[:_WARM]))
            began = TIME.perf_counter()
            found += list(commands.run_all(plans))
            seconds = TIME.perf_counter() - began
    if blamed := [run.findings for run in found if run.findings]:
        raise SystemExit(f"{form.name}: {blamed[0]}")
    return Speed(len(plans) / seconds, len(found) / (_processor_seconds() - used))


def _processor_seconds() -> float:
    """Return the processor time of this process and of the children that have ended."""
    usages = map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(usage.ru_utime + usage.ru_stime for usage in usages)


def run(rounds: int = 5) -> dict[str, float]:
    """Print the table, and return the scripts a second of each form."""
    every = list(scripts("clado", alphabet("clado", ()), 3))
    every = every[:: max(1, len(every) // _PERSISTENT)]
    known = list(forms())
    speeds: dict[str, list[Speed]] = {form.name: [] for form in known}
    for _ in progress_bar(range(rounds), "Rounds"):
        for form in known:
            speeds[form.name].append(_speed(form, every))
    print(f"Scripts a second: medians of {rounds} rounds, and what one processor plays in a second of its time")
    figures: dict[str, float] = {}
    for name, found in speeds.items():
        real, processor = (median(column) for column in zip(*found, strict=True))
        print(f"{name:<20} {real:>7.1f} {processor:>7.1f}")
        figures[f"scripts a second, {name}"] = real
        figures[f"scripts a processor second, {name}"] = processor
    return figures
