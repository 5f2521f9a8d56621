"""The pictures of the documents, made from real runs of a client in virtual time."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from jobmock.catalogue import Catalogue
from jobmock.commands.command_run import CommandRun
from jobmock.commands.planning import PlannedRun, planned_runs
from jobmock.commands.run_mock import MockSettings
from jobmock.commands.runner import CommandRunner, RunSettings
from jobmock.etiquette import RuleSettings
from jobmock.timelines.client_svg import client_svg
from jobmock.timelines.client_timeline import timelines_of

HERE = Path(__file__).parent
FOLDER = HERE.parents[1] / "mockserver" / "pictures"
TITLES = {
    "impatient": "A client that polls every five seconds, whatever Retry-After says",
    "patient": "The same client, after it has learned to wait",
}


class Silent:
    """A display that shows nothing."""

    def notes(self, sentences: Iterable[str]) -> None:
        """Ignore notes."""

    def begins(self, number: int, planned: PlannedRun) -> None:
        """Ignore a run's begin."""

    def ends(self, number: int, run: CommandRun, output: tuple[bytes, bytes]) -> None:
        """Ignore a run's end."""


def pictures() -> Iterator[tuple[str, str]]:
    """Yield the name of each picture and its SVG."""
    for kind, title in TITLES.items():
        (activity,) = run(kind).activities
        (timeline,) = timelines_of(activity)
        yield f"{kind}-client.svg", client_svg(title, timeline)


def run(kind: str) -> CommandRun:
    """Run the client under `jobmock run`, and return what it did."""
    catalogue = Catalogue()
    settings = RunSettings(mock=MockSettings(), rules=RuleSettings(), timeout=120)
    command = (sys.executable, str(HERE / "client.py"), kind)
    planned = planned_runs(catalogue, (str(HERE / "bumpy-road.yaml"),))
    (done,) = CommandRunner(command, catalogue, settings, Silent()).run(planned)
    return done
