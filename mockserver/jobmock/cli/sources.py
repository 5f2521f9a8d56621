"""The exchanges of `check` and `drift`: of recorded files, or of a live job that is polled."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from math import isnan
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from .. import apis
from ..errors import JobmockError, UsageError
from . import file_source, live_source
from .file_source import recorded_file

if TYPE_CHECKING:
    from ..checking.check import Check
    from ..checking.distribution.checked_file import File
    from ..checking.report import Report
    from ..checking.violation import Identity

FC = TypeVar("FC", bound="Callable[..., Any] | click.Command")
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
    click.argument("files", nargs=-1, type=recorded_file, metavar="[FILE]..."),
    click.option("--api", type=click.Choice(apis.names()), help="The API; needed for a live job and for plain bodies."),
    click.option("--operation", metavar="NAME", help="The operation of plain bodies in FILEs, such as `status`."),
    click.option("--url", metavar="URL", help="Base URL of the API, if it isn't at its usual host."),
    click.option("--job-id", metavar="ID", help="The live job to poll."),
    click.option("--start", type=_FILE, metavar="BODY.json", help="Start a live job with this body, and poll it."),
    click.option("--yes", is_flag=True, help="Start it without a question. A job costs credits."),
    click.option(
        "--key-env",
        metavar="NAME",
        help=f"Environment variable with the key. Default: {' or '.join(apis.variables('API_KEY'))}.",
    ),
    click.option("--interval", type=_SECONDS, default=5.0, show_default=True, help="Seconds between two polls."),
    click.option(
        "--deadline",
        type=_SECONDS,
        help="Seconds for the job and its pages. Default: twice the documented duration.",
    ),
    click.option("--schemas", type=_FILE, metavar="DIR", help="Your own documents, in place of jobmock's."),
    file_source.selection_options,
    click.option("--jobs", "processes", type=click.IntRange(1, 64),
                 help="Check FILEs in so many processes. Default: all processors, if there is much to check."),
    click.option("--join-jobs", is_flag=True, help="Jobs with the same id in several FILEs are one job."),
    click.option("--cluster", metavar="ADDRESS", help="Check FILEs on the Dask cluster with this scheduler."),
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
    accepted: frozenset[Identity], *, files: tuple[File, ...], api: str | None, with_jobs: bool = False, **given: Any
) -> Iterator[Check]:
    """Return a check of every exchange. A file that can't be read, or a live job that breaks off, is an error after it.

    Of several errors the last is raised, and the others are printed. The report has the jobs over time if it is
    `with_jobs`.
    """
    from ..checking.check import Check
    from ..checking.recorded_jobs import RecordedJobs
    from ..contract import documents
    from ..contract.own_documents import read_documents

    _check_options(files, api, given, with_jobs)
    jobs = RecordedJobs() if with_jobs else None
    check, failures = Check(api, accepted, jobs), list[JobmockError]()
    schemas = read_documents(given["schemas"])
    with documents.replaced(schemas):
        if files:
            failures += file_source.judge(check, files, schemas, jobs, api=api, **given)
        else:
            live = ("url", "job_id", "start", "yes", "key_env", "interval", "deadline")
            failures += live_source.follow(check, api, **{name: given[name] for name in live})
        try:
            if not failures or not check.is_empty:
                yield check
        except UsageError as error:  # there is no report; why the sources ended may be the reason
            failures.insert(0, error)
    for failure in failures[:-1]:
        click.echo(f"jobmock: {failure}", err=True)
    if failures:
        raise failures[-1]


def _check_options(files: tuple[File, ...], api: str | None, given: dict[str, Any], with_jobs: bool) -> None:
    """Raise UsageError for options that don't belong together."""
    for name in ("url", "job_id", "start") if files else ():
        if given[name] is not None:
            raise UsageError(f"--{_option(name)} is for a live job, and there are FILEs. Give the one or the other.")
    for name in () if files else ("base_paths", "since", "until", "only_job", "join_jobs", "cluster"):
        if given[name]:
            raise UsageError(f"--{_option(name)} is for FILEs. A live job is followed as a whole, below --url.")
    if given["operation"] and not api:
        raise UsageError("--operation needs --api: each API has its own.")
    if given["cluster"]:
        for name, is_given in (("--jobs", given["processes"]), ("--format html", with_jobs)):
            if is_given:
                raise UsageError(f"{name} is for checks on one machine. Leave it out, or --cluster.")
    if not files and (
        api is None or (given["job_id"] is None) == (given["start"] is None) or given["operation"]
    ):  # fmt: skip
        raise UsageError("Give recorded FILEs; or --api with --job-id or --start, to follow a live job.")


def _option(name: str) -> str:
    return "base-path" if name == "base_paths" else name.replace("_", "-")
