"""Jobs that several files have answers about: they are found by digests, and their answers are compared by time.

This takes three rounds. First the jobs of each file are listed. Then each file is checked, and answers about jobs that
are in several files are kept. At last these answers are brought together.
"""

from __future__ import annotations

from array import array
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import partial
from heapq import merge
from itertools import groupby
from operator import itemgetter
from typing import Any, NamedTuple

from ...errors import UsageError
from ..check import Check, KeptAnswer
from ..job_answers import Digests, JobDigest
from ..readers import open_recording
from ..report_builder import ReportBuilder
from ..sequence_rules import JobSequences
from ..violation import LiveViolation
from .checked_file import WHOLE, CheckedFile, File, Part, Settings, check_file
from .reader_warnings import without_warnings

InOrder = Callable[[Callable[[Any], Any], Iterable[Any]], Iterable[Any]]
"""Does a function with each of some values, and gives the results in their order, as `map` does."""


class KeptOfFile(NamedTuple):
    """Answers that were kept in one file, with the file's number from 0."""

    file: int
    kept: Sequence[KeptAnswer]


class _Answer(NamedTuple):
    """A kept answer, behind what its order depends on: the time, the file, and the number in the file."""

    sent_at: int
    file: int
    number: int
    kept: KeptAnswer


def jobs_in_file(settings: Settings, path: File) -> array[int]:
    """Return the digests of all jobs in a file, in order; none if it can't be read."""
    check, found = Check(settings.api, base_paths=settings.base_paths), set[str]()

    def add(method: str, target: str) -> bool:
        found.add(check.job_key(method, target))
        return True

    with without_warnings(), suppress(UsageError):  # the check of the file says what is wrong with it
        for exchange in open_recording(path, None, lambda source, reason: None, add).exchanges:
            add(exchange.method, exchange.path)
    return array("Q", sorted(settings.digests.of_job(key).digest for key in found - {""}))


def in_several(jobs_of_files: Sequence[array[int]]) -> frozenset[int]:
    """Return the digests that are in more than one of the lists."""
    return frozenset(digest for digest, same in groupby(merge(*jobs_of_files)) if len(list(same)) > 1)


def kept_of_part(checked: CheckedFile, file: int, number: int, of: int) -> KeptOfFile:
    """Return the kept answers of one of so many parts, which have about as many jobs each."""
    return KeptOfFile(file, [one for one in checked.kept if one.shown.job.digest % of == number])


def judge_together(files: Iterable[KeptOfFile]) -> dict[int, ReportBuilder]:
    """Compare the answers about each job in the order of their times; return what was found, by the file's number."""
    jobs, found = defaultdict[JobDigest, list[_Answer]](list), list[tuple[_Answer, LiveViolation]]()
    for file, kept in files:
        for one in kept:
            jobs[one.shown.job].append(_Answer(one.shown.sent_at, file, one.number, one))
    for answers in jobs.values():
        sequences = JobSequences()
        for answer in sorted(answers, key=itemgetter(slice(3))):
            found += [(answer, violation) for violation in sequences.judge(answer.kept.shown)]
    reports = defaultdict[int, ReportBuilder](ReportBuilder)
    for answer, violation in sorted(found, key=lambda one: one[0].number):
        report = reports[answer.file]
        if report.count(violation):
            report.add_row(violation, answer.kept.source, answer.number)
    return dict(reports)


def check_joined(
    settings: Settings, files: Sequence[File], in_order: InOrder = map, part: Part = WHOLE
) -> Iterator[list[CheckedFile]]:
    """Yield what was found in each file, alone and beside the others. `in_order` does the tasks of a round."""
    settings = replace(settings, digests=Digests.for_several())
    several = in_several([*in_order(partial(jobs_in_file, settings), files)])
    checked = [*in_order(partial(check_apart, settings, part, several), files)]
    together = judge_together(KeptOfFile(index, one.kept) for index, one in enumerate(checked))
    for index, one in enumerate(checked):
        yield [one, *([CheckedFile(report=together[index], number=one.number)] if index in together else [])]


def check_apart(settings: Settings, part: Part, several: frozenset[int], path: File) -> CheckedFile:
    """Check a file, and keep the answers about jobs that are in several files."""
    checked = check_file(settings, path, replace(part, in_several=several))
    assert checked is not None
    return checked
