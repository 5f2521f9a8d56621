"""A check of files in several processes: each judges its share of the jobs, and the results are merged.

All answers of a job are in the same share. Every process reads every file of JSON Lines, and skips the lines of the
others at their beginning. A file of another form is in one share as a whole.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, replace
from pathlib import Path

from .. import apis
from ..contract.own_documents import own_documents
from ..errors import UsageError
from .check import Check
from .job_answers import group_of
from .operations import operation_named
from .readers import open_recording
from .report_builder import ReportBuilder
from .selection import Selection
from .workers import results_in_order


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """A share of the files' jobs, and how they are checked."""

    files: Sequence[Path]
    api: str | None = None
    operation: str | None = None
    schemas: Path | None = None
    base_paths: Sequence[str] = ()
    selection: Selection
    number: int = 0
    of: int = 1

    def has(self, key: str) -> bool:
        """Return whether what has this key is in the share, which has groups of jobs as a whole."""
        return group_of(key) % self.of == self.number


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckedFile:
    """What was found in one file, or in a share of it: `number` is how many entries it has."""

    report: ReportBuilder
    number: int
    guessed: dict[str, str]
    failure: str = ""


def check_in_processes(share: Share, count: int) -> Iterator[list[CheckedFile]]:
    """Yield what each process found in each file, file by file. Raises StartError if one of them ends by itself."""
    shares = [replace(share, number=number, of=count) for number in range(count)]
    yield from by_file(list(results_in_order(shares, check_share, count)))


def by_file(found: Sequence[Sequence[CheckedFile | None]]) -> Iterator[list[CheckedFile]]:
    """Yield what is known of each file, of what is known of each share."""
    for of_file in zip(*found, strict=True):
        yield [one for one in of_file if one]


def check_share(share: Share) -> list[CheckedFile | None]:
    """Check a share of every file; None for a file that isn't in it. The first share alone warns."""
    with own_documents(share.schemas), nullcontext() if share.number == 0 else _without_warnings():
        return [_check_file(share, index, path) for index, path in enumerate(share.files)]


@contextmanager
def _without_warnings() -> Iterator[None]:
    logger = logging.getLogger("jobmock")
    before = logger.level
    logger.setLevel(logging.ERROR)
    try:
        yield
    finally:
        logger.setLevel(before)


def _check_file(share: Share, index: int, path: Path) -> CheckedFile | None:
    known = operation_named(apis.load(share.api), share.operation) if share.api and share.operation else None
    check = Check(share.api, selection=share.selection, base_paths=share.base_paths)

    def is_skipped(method: str, target: str) -> bool:
        return not share.has(check.job_key(method, target)) and check.skip()

    failure = ""
    try:
        recorded = open_recording(path, known, check.leave_out, is_skipped)
        if not recorded.splits and index % share.of != share.number:
            return None
        for exchange in recorded.exchanges:
            check.judge(exchange, alone=recorded.alone)
    except UsageError as error:
        failure = str(error)
    return CheckedFile(
        report=check.results, number=check.number, guessed=dict(check.guessed_base_paths), failure=failure,
    )  # fmt: skip
