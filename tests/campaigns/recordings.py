"""Each bundled scenario without chance is played, recorded and played again, with two rhythms of polling.

The same poller must get the same answers at the same times, except for ids, people and free texts. A second recording
must be identical to the first.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

from tests.campaigns.reporting import Report, progress_bar, scaled
from tests.recording.polling_client import STEADY, UNEVEN, poll_plan, poll_recording, record

from jobmock.catalogue import Catalogue
from jobmock.models import Fault


def _by_chance(fault: Fault) -> bool:
    return fault.when.chance is not None or (fault.delay is not None and fault.delay.kind != "constant")


def repeatable(catalogue: Catalogue) -> list[str]:
    """Return the names of the scenarios without chance."""
    return [entry.name for entry in catalogue.entries() if not any(map(_by_chance, entry.scenario.faults))]


def differences(catalogue: Catalogue, name: str, rhythm: Sequence[float], folder: Path) -> Iterator[str]:
    """Yield the differences between a scenario and its recording when both are played."""
    api = name.partition("/")[0]
    live = poll_plan(catalogue, catalogue.plan(name), rhythm)
    files, _ = record(catalogue, live, api, folder / "first")
    if [file.name for file in files] != ["job-1.yaml"]:
        yield f"other files: {[file.name for file in files]}"
        return
    again = poll_recording(catalogue, files[0], rhythm)
    pairs = zip(live.outcomes, again.outcomes, strict=False)
    yield from (f"{first} and then {second}" for first, second in pairs if first != second)
    if len(live.outcomes) != len(again.outcomes):
        yield f"{len(live.outcomes)} requests, and then {len(again.outcomes)}"
    second, _ = record(catalogue, again, api, folder / "second")
    if [file.read_text() for file in second] != [file.read_text() for file in files]:
        yield "a second recording is another"


def run(fraction: float = 1.0, seed: int = 0) -> int:
    report, catalogue = Report("recordings"), Catalogue()
    every = [(name, rhythm) for name in repeatable(catalogue) for rhythm in (STEADY, UNEVEN)]
    Random(seed).shuffle(every)
    some = every[: scaled(len(every), fraction)]
    for name, rhythm in progress_bar(some, "Recordings"):
        with TemporaryDirectory() as folder:
            for text in differences(catalogue, name, rhythm, Path(folder)):
                report.fail(f"{name} ({'steady' if rhythm is STEADY else 'uneven'})", text)
    return report.end(f"{len(some)} recordings of {len({name for name, _ in some})} scenarios")
