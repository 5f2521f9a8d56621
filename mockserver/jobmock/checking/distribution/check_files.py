"""The check of recorded files on one machine, in one process or in several."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from .checked_file import CheckedFile, File, Part, Settings, check_file
from .joined_jobs import check_joined
from .shares import check_in_processes
from .workers import results_in_order


def check_files(
    settings: Settings, files: Sequence[File], part: Part, *, processes: int = 1, join: bool = False
) -> Iterator[list[CheckedFile]]:
    """Yield what was found in each file, in order. `part` is used by one process only.

    With `join`, jobs with the same id in several files are one job. Raises StartError if a process ends by itself.
    """
    if join and len(files) > 1:
        if processes == 1:
            return check_joined(settings, files, map, part)
        return check_joined(settings, files, _in_processes(processes))
    if processes == 1:
        return ([found] for path in files if (found := check_file(settings, path, part)))
    return check_in_processes(settings, files, processes)


def _in_processes(count: int) -> Callable[[Callable[[Any], Any], Iterable[Any]], Iterable[Any]]:
    return lambda function, tasks: results_in_order(tasks, function, count)
