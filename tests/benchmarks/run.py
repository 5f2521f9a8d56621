"""`jobmock run` with a client that polls for 15 minutes, compared with the same client polling back to back.

Both run by `jobmock run`: one in virtual time with a pause of five seconds, the other in real time without any. They
take turns. The start of the interpreter isn't counted: it is the time of a client that polls twice, in the same mode.
A round counts the best of some tries, because a difference of two times shows each pause of a busy machine.
"""

from __future__ import annotations

import json
import shutil
import statistics
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from tests.benchmarks.intervals import Interval, interval
from tests.campaigns.client_views import CLIENTS
from tests.campaigns.reporting import progress_bar
from tests.commands.command_runs import run_command
from tests.preloads.node_process import installed_packages, project

POLLS, INTERVAL, MILLISECONDS = 181, 5, 900_000
LIMIT = 2.0
_SCENARIO = "clado/slow"
_NODE = ("fetch", "node:http", "axios", "got")
_PYTHON = ("httpx", "requests", "aiohttp")
_TRIES = 3


class Client(NamedTuple):
    """A client: its name, and the command that polls with it, but for the job, the pause and the number of polls."""

    name: str
    command: tuple[str, ...]

    def line(self, seconds: int, most: int) -> tuple[str, ...]:
        """Return the command that polls the job in its environment."""
        base = ('"$CLADO_BASE_URL"',) if self.command[0].endswith("node") else ()
        text = " ".join((*self.command, '"$CLADO_JOB_ID"', str(seconds), *base, str(most)))
        return "sh", "-c", f"exec {text}"


class Times(NamedTuple):
    """The real seconds of the runs of one round: in virtual time and back to back, all polls and two of them."""

    virtual: float
    back_to_back: float
    virtual_start: float
    real_start: float


def clients(folder: Path) -> Iterator[Client]:
    """Yield the clients that can be run here. The programs of Node are copied to a folder, beside their packages."""
    if node := shutil.which("node"):
        packages = installed_packages()
        program = project(folder, packages) / "poller.mjs"
        for name in _NODE:
            if name in ("fetch", "node:http") or (packages / name).is_dir():
                yield Client(name, (node, str(program), name))
    for name in _PYTHON:
        yield Client(name, (sys.executable, str(CLIENTS / "python_poller.py"), name))


def _seconds(client: Client, folder: Path, mode: str, most: int) -> float:
    """Run a client, and return the real seconds of its process. Raises SystemExit if it isn't exact."""
    env = {"MOCK_KEY": "lk_jobmock"}
    line = client.line(INTERVAL if mode == "virtual" else 0, most)
    run = run_command(line, [_SCENARIO], folder, "--with-job", "--time", mode, "--etiquette", "off", env=env)
    if run.code:
        raise SystemExit(f"{client.name} ended with {run.code}: {run.err}")
    counted = json.loads(run.printed[_SCENARIO])
    if mode == "virtual" and most >= POLLS and (counted["polls"], counted["date"]) != (POLLS, MILLISECONDS):
        raise SystemExit(f"{client.name} made {counted['polls']} polls in {counted['date']} ms by its own clock.")
    return float(run.runs[0]["real_seconds"])


def _round(client: Client, folder: Path) -> Times:
    turns = [("virtual", POLLS), ("real", POLLS), ("virtual", 2), ("real", 2)]
    tries = [[_seconds(client, folder, mode, most) for mode, most in turns] for _ in range(_TRIES)]
    return Times(*map(min, zip(*tries, strict=True)))


def _mark(ratio: Interval) -> str:
    return "under" if ratio.high <= LIMIT else "OVER" if ratio.low > LIMIT else "undecided"


def _print_client(client: Client, times: Sequence[Times]) -> float:
    """Print the figures of one client, and return its ratio."""
    median = Times(*(statistics.median(column) for column in zip(*times, strict=True)))
    own = [(one.virtual - median.virtual_start) / (one.back_to_back - median.real_start) for one in times]
    ratio = interval(own)
    print(f"{client.name:<10} {POLLS:>5} {MILLISECONDS / 1000:>8g} s {ratio!s:>24} {_mark(ratio):>10}"
          f" {median.virtual * 1000:>8.0f} {median.back_to_back * 1000:>13.0f}"
          f" {median.virtual_start * 1000:>14.0f} {median.real_start * 1000:>5.0f}")  # fmt: skip
    return ratio.median


def run(rounds: int = 8) -> dict[str, float]:
    """Print the table, and return the ratios. Raises SystemExit if a client isn't exact by its own clock."""
    print(f"Times as long as back to back, limit {LIMIT}: medians of {rounds} rounds; start: a client that polls twice")
    print(f"{'client':<10} {'polls':>5} {'own clock':>10} {'ratio':>24} {'':>10} {'ms':>8} {'back to back':>13}"
          f" {'start: virtual':>14} {'real':>5}")  # fmt: skip
    ratios = {}
    with TemporaryDirectory() as folder:
        for client in clients(Path(folder)):
            times = [_round(client, Path(folder)) for _ in progress_bar(range(rounds), client.name)]
            ratios[client.name] = _print_client(client, times)
    return ratios
