"""The check of one recorded file, or of a part of its jobs, as a value that other processes can send."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ... import apis
from ...contract import documents
from ...errors import UsageError
from ..check import Check, KeptAnswer
from ..job_answers import Digests
from ..operations import operation_named
from ..readers import BrokenOff, open_recording
from ..readers.named_files import RemoteFile
from ..recorded_jobs import RecordedJobs
from ..report_builder import ReportBuilder
from ..selection import ALL, Selection

File = Path | RemoteFile


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """How recorded files are checked. `schemas` are the user's own documents, by name."""

    api: str | None = None
    operation: str | None = None
    schemas: Mapping[str, Mapping[str, Any]] = field(default_factory=dict, repr=False)
    base_paths: Sequence[str] = ()
    selection: Selection = field(default=ALL, repr=False)
    digests: Digests = field(default_factory=Digests)


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckedFile:
    """What was found in one file, or in a part of it: `number` is how many entries it has.

    `failure` says why the file can't be read, and `broken_off` that the system or a store didn't give all of it. `kept`
    are answers about jobs that other files have answers about too. They aren't compared yet. `warnings` are those of
    another machine.
    """

    report: ReportBuilder
    number: int
    guessed: Mapping[str, str] = field(default_factory=dict)
    failure: str = ""
    broken_off: bool = False
    kept: Sequence[KeptAnswer] = ()
    warnings: Sequence[str] = ()


def _ignore() -> None:
    """Show no progress."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """The part of a file that is checked, and what else is done with it.

    `has_job` says of a job's key whether the job is in the part; without it, all are. `splits_only` leaves out a file
    that can't be split. Answers about jobs of `in_several` are kept. `jobs` collects exchanges for pictures, and
    `progress` is called after each exchange.
    """

    has_job: Callable[[str], bool] | None = None
    splits_only: bool = False
    in_several: frozenset[int] = frozenset()
    jobs: RecordedJobs | None = None
    progress: Callable[[], object] = _ignore


WHOLE = Part()


def check_file(settings: Settings, path: File, part: Part = WHOLE) -> CheckedFile | None:
    """Check a file or a part of it; None if the file is left out, because it can't be split."""
    documents.use(settings.schemas)
    known = None
    if settings.api and settings.operation:
        known = operation_named(apis.load(settings.api), settings.operation)
    check = Check(
        settings.api, jobs=part.jobs, selection=settings.selection, base_paths=settings.base_paths,
        digests=settings.digests, in_several=part.in_several,
    )  # fmt: skip
    has_job = part.has_job

    def is_skipped(method: str, target: str) -> bool:
        return has_job is not None and not has_job(check.job_key(method, target)) and check.skip()

    failure, broken_off = "", False
    try:
        recorded = open_recording(path, known, check.leave_out, is_skipped if has_job else None)
        if part.splits_only and not recorded.splits:
            return None
        for exchange in recorded.exchanges:
            check.judge(exchange, alone=recorded.alone)
            part.progress()
    except UsageError as error:
        failure, broken_off = str(error), isinstance(error, BrokenOff)
    if part.jobs is not None:
        part.jobs.numbers_follow += check.number
    return CheckedFile(
        report=check.results, number=check.number, guessed=dict(check.guessed_base_paths), failure=failure,
        broken_off=broken_off, kept=check.kept,
    )  # fmt: skip
