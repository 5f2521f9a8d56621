"""The exchanges of `check` and `drift`: of recorded files, or of a live job that is polled."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from math import isnan
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from .. import apis
from ..errors import JobmockError, UsageError
from . import live_source
from .terminal import show_progress

if TYPE_CHECKING:
    from ..checking.check import Check
    from ..checking.report import Report
    from ..checking.selection import Selection
    from ..checking.shares import Share
    from ..checking.violation import Identity

FC = TypeVar("FC", bound="Callable[..., Any] | click.Command")
_EVERY = 100
_MUCH = 64 << 20
"""How many bytes of files are checked in several processes: below that, their start takes longer than it saves."""
_YEAR = 365 * 24 * 60 * 60
_FILE = click.Path(path_type=Path)


class _Seconds(click.FloatRange):
    """A number of seconds in a range. `FloatRange` alone accepts `nan`."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Return the number. Raises click.BadParameter."""
        seconds = super().convert(value, param, ctx)
        if isnan(seconds):
            self.fail(f"{value!r} is no number of seconds.", param, ctx)
        return seconds


_SECONDS = _Seconds(min=0, max=_YEAR, min_open=True)
_OPTIONS = (
    click.argument("files", nargs=-1, type=_FILE, metavar="[FILE]..."),
    click.option("--api", type=click.Choice(apis.names()), help="The API; needed for a live job and for plain bodies."),
    click.option("--operation", metavar="NAME", help="The operation of plain bodies in FILEs, such as `status`."),
    click.option("--url", metavar="URL", help="Base URL of the API, if it isn't at its usual host."),
    click.option("--job-id", metavar="ID", help="The live job to poll."),
    click.option("--start", type=_FILE, metavar="BODY.json", help="Start a live job with this body, and poll it."),
    click.option("--yes", is_flag=True, help="Start it without a question. A job costs credits."),
    click.option(
        "--key-env",
        metavar="NAME",
        help="Environment variable with the key. Default: CLADO_API_KEY or ORBIT_API_KEY.",
    ),
    click.option("--interval", type=_SECONDS, default=5.0, show_default=True, help="Seconds between two polls."),
    click.option(
        "--deadline",
        type=_SECONDS,
        help="Seconds for the job and its pages. Default: twice the documented duration.",
    ),
    click.option("--schemas", type=_FILE, metavar="DIR", help="Your own documents, in place of jobmock's."),
    click.option("--base-path", "base_paths", multiple=True, metavar="PATH",
                 help="The path of a proxy before the API's own paths in FILEs. May be given again."),
    click.option("--since", metavar="TIME", help="Leave out exchanges in FILEs before this time (ISO 8601)."),
    click.option("--until", metavar="TIME", help="Leave out exchanges in FILEs from this time on."),
    click.option("--jobs", "processes", type=click.IntRange(1, 64),
                 help="Check FILEs in so many processes. Default: all processors, if there is much to check."),
    click.option("--only-job", metavar="ID", help="Leave out exchanges in FILEs that aren't about this job."),
)  # fmt: skip


def options(command: FC) -> FC:
    """Add the arguments and options that name the sources."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


@contextmanager
def report_of(accepted: frozenset[Identity], **given: Any) -> Iterator[Report]:
    """Yield the report on every exchange; the arguments are those of `checked`."""
    with checked(accepted, **given) as check:
        yield check.final_report()


@contextmanager
def checked(
    accepted: frozenset[Identity], *, files: tuple[Path, ...], api: str | None, operation: str | None,
    schemas: Path | None, base_paths: tuple[str, ...], since: str | None, until: str | None, only_job: str | None,
    processes: int | None, with_jobs: bool = False, **live: Any,
) -> Iterator[Check]:  # fmt: skip
    """Return a check of every exchange. A file that can't be read, or a live job that breaks off, is an error after it.

    Of several errors the last is raised, and the others are printed. The report has the jobs over time if it is
    `with_jobs`.
    """
    from ..checking.check import Check
    from ..checking.recorded_jobs import RecordedJobs
    from ..checking.shares import Share
    from ..contract.own_documents import own_documents

    _check_options(bool(files), api, operation, live, (base_paths, since, until, only_job))
    selection = _selection(since, until, only_job)
    jobs = RecordedJobs() if with_jobs else None
    check, failures = Check(api, accepted, jobs, selection=selection, base_paths=base_paths), list[JobmockError]()
    with own_documents(schemas):
        if not files:
            failures += live_source.follow(check, api, **live)
        elif with_jobs or (count := processes or _processes(files)) == 1:
            failures += _record(check, files, api, operation)
        else:
            share = Share(
                files=files, api=api, operation=operation, schemas=schemas, base_paths=base_paths, selection=selection,
            )  # fmt: skip
            failures += _record_in_processes(check, share, count)
        try:
            if not failures or not check.is_empty:
                yield check
        except UsageError as error:  # there is no report; why the sources ended may be the reason
            failures.insert(0, error)
    for failure in failures[:-1]:
        click.echo(f"jobmock: {failure}", err=True)
    if failures:
        raise failures[-1]


def _check_options(
    has_files: bool, api: str | None, operation: str | None, live: dict[str, Any], of_files: tuple[Any, ...]
) -> None:
    """Raise UsageError for options that don't belong together."""
    for option in ("url", "job_id", "start") if has_files else ():
        if live[option] is not None:
            name = option.replace("_", "-")
            raise UsageError(f"--{name} is for a live job, and there are FILEs. Give the one or the other.")
    for name, value in zip(("base-path", "since", "until", "only-job"), () if has_files else of_files, strict=False):
        if value:
            raise UsageError(f"--{name} is for FILEs. A live job is followed as a whole, below --url.")
    if operation and not api:
        raise UsageError("--operation needs --api: each API has its own.")
    if not has_files and (api is None or (live["job_id"] is None) == (live["start"] is None) or operation):
        raise UsageError("Give recorded FILEs; or --api with --job-id or --start, to follow a live job.")


def _selection(since: str | None, until: str | None, only_job: str | None) -> Selection:
    from ..checking.selection import Selection, parse_time

    times = {
        name: None if text is None else parse_time(text, f"--{name}")
        for name, text in (("since", since), ("until", until))
    }
    return Selection(job=only_job or "", **times)


def _record(check: Check, files: tuple[Path, ...], api: str | None, operation: str | None) -> Iterator[UsageError]:
    """Check the exchanges of the files, with progress where stderr is a terminal. Yield an error for a broken file."""
    from ..checking.operations import operation_named
    from ..checking.readers import open_recording

    known = operation_named(apis.load(api), operation) if api and operation else None
    for path in files:
        check.begin_source()
        try:
            recorded = open_recording(path, known, check.leave_out)
            for exchange in recorded.exchanges:
                check.judge(exchange, alone=recorded.alone)
                if check.number % _EVERY == 0:
                    show_progress(f"\r{check.number:,} exchanges")
        except UsageError as error:
            yield error
        tell_guesses(path, check.guessed_base_paths)
    show_progress(f"\r{check.number:,} exchanges\n")


def _record_in_processes(check: Check, share: Share, count: int) -> Iterator[UsageError]:
    """Check the exchanges of the files in several processes. Yield an error for a broken file."""
    from ..checking.shares import check_in_processes

    for path, found in zip(share.files, check_in_processes(share, count), strict=True):
        failures = [one.failure for one in found if one.failure]
        if len(failures) == len(found):
            yield UsageError(failures[0])
        check.merge([one.report for one in found], max(one.number for one in found))
        tell_guesses(path, found[0].guessed)
    show_progress(f"\r{check.number:,} exchanges\n")


def _processes(files: tuple[Path, ...]) -> int:
    """Return how many processes are worth their start."""
    size = sum(map(_size, files))
    affinity = getattr(os, "sched_getaffinity", None)
    return (len(affinity(0)) if affinity else os.cpu_count() or 1) if size > _MUCH else 1


def _size(path: Path) -> int:
    """Return how much of a file there is: little of a sparse one, and nothing of one that can't be read."""
    try:
        known = path.stat()
    except (OSError, ValueError):
        return 0
    return min(known.st_size, 512 * getattr(known, "st_blocks", known.st_size))


def tell_guesses(path: Path, guessed: Mapping[str, str]) -> None:
    """Print which base path of each API was guessed, with the option that says it."""
    for name, base in guessed.items():
        click.echo(f"{path}: {base} before the paths of {name} is a guess. Give --base-path {base}.", err=True)
