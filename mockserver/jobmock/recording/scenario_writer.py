"""Writes one scenario file for each recorded job, and writes it again when new exchanges change the scenario."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from ..errors import ScenarioError
from .files import ScenarioFolder
from .infer_scenario import InferredScenario, ScenarioInference
from .known_pages import KnownPages
from .recorded_jobs import RecordedJob, RecordedJobs
from .replaced_names import UNLISTED
from .sanitized_exchange import SanitizedExchange
from .warnings import Warnings
from .yaml_text import commented_yaml

_REPLACED = (
    "Words and members that no document lists are written as unlisted_1 or unlisted_member_1 and so on; --word and "
    "--member keep one."
)


class WrittenScenario(NamedTuple):
    """The scenario file of one job: the job's number and exchanges, the file, and the scenario's summary."""

    number: int
    exchanges: int
    path: Path
    summary: str


class ScenarioWriter:
    """Keeps one scenario file for each job. `add` may be called in another thread than `update`."""

    def __init__(
        self, folder: ScenarioFolder, inference: ScenarioInference, warnings: Warnings,
        numbers: Iterator[int] | None = None,
    ) -> None:  # fmt: skip
        self._folder, self._inference, self._warnings = folder, inference, warnings
        self._arrived, self._jobs = deque[SanitizedExchange](), RecordedJobs(numbers)
        self._exchanges: dict[int, int] = {}
        self._inferred: dict[int, InferredScenario] = {}
        self._pages = defaultdict[int, KnownPages](KnownPages)
        self._contradicted: set[int] = set()
        """The jobs with a page that contradicts others: which one is found from the whole job only."""
        self._unwritten: dict[int, bytes] = {}
        """The content that still has to be written, by the job's number."""
        self._written: dict[int, Path] = {}
        self._not_expressible: set[int] = set()
        """The jobs with exchanges that no scenario can express."""

    @property
    def complete(self) -> bool:
        """Whether all jobs are written as recorded."""
        return not self._unwritten and not self._not_expressible

    @property
    def written(self) -> list[WrittenScenario]:
        """The scenarios that were written."""
        return [
            WrittenScenario(number, self._exchanges[number], path, self._inferred[number].scenario.summary)
            for number, path in self._written.items()
        ]

    def add(self, exchange: SanitizedExchange) -> None:
        """Add an exchange; the next `update` writes it."""
        self._arrived.append(exchange)

    def update(self) -> None:
        """Infer the scenarios of jobs with new exchanges, and write all that isn't written yet. Doesn't raise."""
        for job, new in self._take_arrived():
            with self._warnings.for_any_error(f"Job {job.number}"):
                if not self._is_reproduced(job, new):
                    self._infer(job)
        for number, content in tuple(self._unwritten.items()):
            with self._warnings.for_write_errors():
                self._written[number] = self._folder.write(f"job-{number}", content)
                del self._unwritten[number]

    def _take_arrived(self) -> list[tuple[RecordedJob, list[SanitizedExchange]]]:
        """Add the exchanges that arrived to their jobs; return these jobs, each with its new exchanges."""
        changed: dict[int, tuple[RecordedJob, list[SanitizedExchange]]] = {}
        while self._arrived:
            exchange = self._arrived.popleft()
            job = self._jobs.add(exchange)
            changed.setdefault(job.number, (job, []))[1].append(exchange)
            if self._pages[job.number].contradicts(exchange):
                self._contradicted.add(job.number)
            self._exchanges[job.number] = len(job.exchanges)
        return list(changed.values())

    def _is_reproduced(self, job: RecordedJob, new: list[SanitizedExchange]) -> bool:
        """Return whether the job's scenario already reproduces its new exchanges."""
        inferred = self._inferred.get(job.number)
        if inferred is None or job.number in self._contradicted or new != job.exchanges[-len(new) :]:
            return False
        return all(inferred.reproduces(one) for one in new)

    def _infer(self, job: RecordedJob) -> None:
        number = job.number
        self._contradicted.discard(number)
        inferred = self._inferred[number] = self._inference.infer(job, self._inferred.get(number))
        try:
            text = commented_yaml(inferred.scenario, inferred.notes)
        except ScenarioError as error:
            outcome = "its file stays as it was" if number in self._written else "no file was written"
            message = error.problems[0].message
            self._warnings.add(f"Job {number} can't be written as a scenario, and {outcome}: {message}")
            self._not_expressible.add(number)
            return
        self._not_expressible.discard(number)
        self._unwritten[number] = text.encode()
        if UNLISTED in text:
            self._warnings.add(_REPLACED)
        for note in inferred.notes:
            self._warnings.add(f"Job {number}: {note}")
