"""The exchanges in recorded files, as `check` and `drift` judge them: here, in several processes, or on a cluster."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from ..errors import UsageError
from .terminal import show_progress

if TYPE_CHECKING:
    from ..checking.check import Check
    from ..checking.distribution.checked_file import CheckedFile, File, Settings
    from ..checking.recorded_jobs import RecordedJobs
    from ..checking.selection import Selection

FC = TypeVar("FC", bound="Callable[..., Any] | click.Command")
_SELECTION = (
    click.option("--base-path", "base_paths", multiple=True, metavar="PATH",
                 help="The path of a proxy before the API's own paths in FILEs. May be given again."),
    click.option("--since", metavar="TIME", help="Leave out exchanges in FILEs before this time (ISO 8601)."),
    click.option("--until", metavar="TIME", help="Leave out exchanges in FILEs from this time on."),
    click.option("--only-job", metavar="ID", help="Leave out exchanges in FILEs that aren't about this job."),
)  # fmt: skip
_log = logging.getLogger("jobmock")
_EVERY = 100
_MUCH = 64 << 20
"""How many bytes of files are checked in several processes: below that, their start takes longer than it saves."""


def selection_options(command: FC) -> FC:
    """Add the options that choose among the exchanges in files."""
    for option in reversed(_SELECTION):
        command = option(command)
    return command


def recorded_file(text: str) -> File:
    """Return the file with recorded traffic that a path or an address names."""
    from ..checking.readers.named_files import file_at

    return file_at(text)


def judge(
    check: Check, files: tuple[File, ...], documents: Mapping[str, Mapping[str, Any]], jobs: RecordedJobs | None, *,
    api: str | None, operation: str | None, base_paths: tuple[str, ...], since: str | None, until: str | None,
    only_job: str | None, processes: int | None, join_jobs: bool, cluster: str | None, **live: Any,
) -> Iterator[UsageError]:  # fmt: skip
    """Add what is found in the files to a check. Yield an error for each file that can't be read.

    `documents` are the user's own. `jobs` collects exchanges for pictures.
    """
    from ..checking.distribution.checked_file import Settings
    from ..checking.readers.named_files import matching

    settings = Settings(
        api=api, operation=operation, schemas=documents, base_paths=base_paths,
        selection=selection(since, until, only_job),
    )  # fmt: skip
    if cluster:
        found = _on_cluster(cluster, settings, files, join_jobs)
    else:
        files = tuple(one for file in files for one in matching(file))
        found = zip(files, _here(settings, files, jobs, processes, join_jobs), strict=True)
    yield from _merged(check, found)


def _merged(check: Check, found: Iterable[tuple[File, list[CheckedFile]]]) -> Iterator[UsageError]:
    """Merge what was found in each file, and print each guess once."""
    told: dict[str, str] = {}
    for file, parts in found:
        for warning in (text for one in parts for text in one.warnings):
            _log.warning("%s", warning)
        failures = [one.failure for one in parts if one.failure]
        if failures and (len(failures) == len(parts) or any(one.broken_off for one in parts)):
            yield UsageError(failures[0])
        check.merge([one.report for one in parts], max(one.number for one in parts))
        tell_guesses(file, {api: base for api, base in parts[0].guessed.items() if told.get(api) != base})
        told.update(parts[0].guessed)
        show_progress(f"\r{check.number:,} exchanges")
    show_progress("\n")


def _here(
    settings: Settings, files: tuple[File, ...], jobs: RecordedJobs | None, processes: int | None, join_jobs: bool
) -> Iterator[list[CheckedFile]]:
    """Yield what was found in each file, on this machine. Pictures of jobs are collected by one process."""
    from ..checking.distribution.check_files import check_files
    from ..checking.distribution.checked_file import Part

    count = 1 if jobs is not None else processes or _processes(files)
    return check_files(settings, files, Part(jobs=jobs, progress=_Progress().add), processes=count, join=join_jobs)


class _Progress:
    """Prints how many exchanges were read, on a terminal."""

    def __init__(self) -> None:
        self._number = 0

    def add(self) -> None:
        """Count an exchange."""
        self._number += 1
        if self._number % _EVERY == 0:
            show_progress(f"\r{self._number:,} exchanges")


def _on_cluster(
    address: str, settings: Settings, files: tuple[File, ...], join_jobs: bool
) -> Iterator[tuple[File, list[CheckedFile]]]:
    from ..checking.distribution.cluster import check_on_cluster

    return check_on_cluster(address, settings, files, join=join_jobs)


def selection(since: str | None, until: str | None, only_job: str | None) -> Selection:
    """Return which exchanges the options choose. Raises UsageError."""
    from ..checking.selection import Selection, parse_time

    times = {
        name: None if text is None else parse_time(text, f"--{name}")
        for name, text in (("since", since), ("until", until))
    }
    if since and until and (times["since"] or 0) >= (times["until"] or 0):
        raise UsageError(f"--since {since} isn't before --until {until}, so no exchange is between them.")
    return Selection(job=only_job or "", **times)


def _processes(files: tuple[File, ...]) -> int:
    """Return how many processes are worth their start."""
    size = sum(_size(file) for file in files if isinstance(file, Path))
    affinity = getattr(os, "sched_getaffinity", None)
    return (len(affinity(0)) if affinity else os.cpu_count() or 1) if size > _MUCH else 1


def _size(path: Path) -> int:
    """Return how much of a file there is: little of a sparse one, and nothing of one that can't be read."""
    try:
        known = path.stat()
    except (OSError, ValueError):
        return 0
    return min(known.st_size, 512 * getattr(known, "st_blocks", known.st_size))


def tell_guesses(path: File, guessed: Mapping[str, str]) -> None:
    """Print which base path of each API was guessed, with the option that says it."""
    for name, base in guessed.items():
        click.echo(f"{path}: {base} before the paths of {name} is a guess. Give --base-path {base}.", err=True)
