"""A check of files in several processes: each judges its share of the jobs, and the results are merged.

All answers of a job are in the same share. Every process reads every file of JSON Lines, and skips the lines of the
others at their beginning. A file of another form is in one share as a whole.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import nullcontext
from dataclasses import dataclass

from ..job_answers import group_of
from .checked_file import CheckedFile, File, Part, Settings, check_file
from .reader_warnings import without_warnings
from .workers import results_in_order


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """A share of the files' jobs, and how they are checked."""

    files: Sequence[File]
    settings: Settings
    number: int = 0
    of: int = 1

    def has(self, key: str) -> bool:
        """Return whether what has this key is in the share, which has groups of jobs as a whole."""
        return group_of(key) % self.of == self.number


def check_in_processes(settings: Settings, files: Sequence[File], count: int) -> Iterator[list[CheckedFile]]:
    """Yield what each process found in each file, file by file. Raises StartError if one of them ends by itself."""
    shares = [Share(files=files, settings=settings, number=number, of=count) for number in range(count)]
    yield from by_file(list(results_in_order(shares, check_share, count)))


def by_file(found: Sequence[Sequence[CheckedFile | None]]) -> Iterator[list[CheckedFile]]:
    """Yield what is known of each file, of what is known of each share."""
    for of_file in zip(*found, strict=True):
        yield [one for one in of_file if one]


def check_share(share: Share) -> list[CheckedFile | None]:
    """Check a share of every file; None for a file that isn't in it. The first share alone warns."""
    with nullcontext() if share.number == 0 else without_warnings():
        return [_check_file(share, index, path) for index, path in enumerate(share.files)]


def _check_file(share: Share, index: int, path: File) -> CheckedFile | None:
    is_first = index % share.of == share.number
    return check_file(share.settings, path, Part(has_job=share.has, splits_only=not is_first))
