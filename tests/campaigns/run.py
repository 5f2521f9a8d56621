"""`jobmock run` with correct clients in Node and Python, in every bundled scenario, and many times in a row.

No rule finds an error. The clients see the same answers at the same times, and the same people, as one in process. The
time of all runs is compared with that of the same processes with a job that is completed at once, in real time.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import NamedTuple

from tests.campaigns.client_views import ClientView, client_commands, seen_in_process
from tests.campaigns.reporting import Report, progress_bar, scaled
from tests.campaigns.runs_in_a_row import check_runs_in_a_row
from tests.commands.command_runs import CommandRuns, run_command

from jobmock.catalogue import Catalogue

IN_A_ROW = 100
LIMIT = 2.5
"""The most that all runs may take, as a multiple of the runs that are answered at once."""


class Kind(NamedTuple):
    """What a client is told of its scenarios: their API, and the shape of Orbit's runs."""

    api: str
    shape: str | None

    @property
    def arguments(self) -> tuple[str, ...]:
        """The arguments of the client."""
        return (self.api, self.shape) if self.shape else (self.api,)


def run(fraction: float = 1.0, seed: int = 0) -> int:
    report, figures = Report("run"), list[str]()
    names = Random(seed).sample(Catalogue().names(), scaled(len(Catalogue().names()), fraction))
    expected = {name: seen_in_process(name) for name in progress_bar(names, "In process")}
    with TemporaryDirectory() as folder:
        for client, command in client_commands().items():
            ratio = _play_all(client, command, expected, Path(folder), report)
            report.check(ratio <= LIMIT or fraction < 1, f"{client} takes too long", f"{ratio:.2f} times as long")
            figures.append(f"{client}: {len(names)} scenarios, {ratio:.2f} × answered at once")
            check_runs_in_a_row(client, command, scaled(IN_A_ROW, fraction, 2), report)
    return report.end("; ".join(figures))


def _play_all(
    client: str, command: tuple[str, ...], expected: Mapping[str, ClientView], folder: Path, report: Report
) -> float:  # fmt: skip
    """Run a client in each scenario, and return the time as a multiple of that of processes answered at once."""
    seconds, at_once = 0.0, 0.0
    for kind, names in progress_bar(_kinds(list(expected)).items(), client):
        own = (*command, *kind.arguments)
        played = run_command(own, names, folder, "--jobs", "2")
        _check(client, played, {name: expected[name] for name in names}, report)
        files = [_completed_at_once(kind, folder, number) for number in range(len(names))]
        base = run_command(own, files, folder, "--jobs", "2", "--time", "real")
        report.check(base.code == 0, f"{client} fails where it is answered at once", base.err)
        seconds, at_once = seconds + played.seconds, at_once + base.seconds
    return seconds / at_once


def _check(client: str, played: CommandRuns, expected: Mapping[str, ClientView], report: Report) -> None:
    """Report each run that failed or that has a finding, and each client that saw what it doesn't see in process."""
    for one in played.runs:
        name = ", ".join(one["scenarios"])
        report.check(one["exit_code"] == 0, f"{client} fails in {name}", f"{one['meaning']}\n{one['story']}")
        report.check(not one["findings"], f"{client} has findings in {name}", one["findings"])
    for name, view in expected.items():
        printed = played.printed.get(name)
        if report.check(printed is not None, f"{client} printed nothing in {name}", played.err) and printed:
            difference = ClientView.of(json.loads(printed)).difference(view)
            report.check(not difference, f"{client} sees something else in {name} than in process", difference)


def _kinds(names: Sequence[str]) -> dict[Kind, list[str]]:
    """Return the scenarios by what a client is told of them."""
    found: dict[Kind, list[str]] = {}
    for name in names:
        scenario = Catalogue().plan(name).scenario
        found.setdefault(Kind(scenario.api, scenario.run_shape), []).append(name)
    return found


def _completed_at_once(kind: Kind, folder: Path, number: int) -> str:
    """Write a scenario whose job is completed at once, and return its path."""
    shape = {"run_shape": kind.shape} if kind.shape else {}
    content = {"version": 1, "api": kind.api, "summary": "At once.", "progression": [{"status": "completed"}], **shape}
    path = folder / f"at-once-{number}.yaml"
    path.write_text(json.dumps(content), "utf-8")
    return str(path)
