"""The exchanges of `check` and `drift`: of recorded files, or of a live job that is polled."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from math import isnan
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from .. import apis
from ..clock import SECOND, Clock
from ..errors import JobmockError, UsageError

if TYPE_CHECKING:
    from ..checking.check import Check
    from ..checking.violation import Identity
    from ..dialect.api import Api

FC = TypeVar("FC", bound="Callable[..., Any] | click.Command")
_EVERY = 100
_MOST_BODY = 1 << 20
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
)


def options(command: FC) -> FC:
    """Add the arguments and options that name the sources."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


@contextmanager
def checked(
    accepted: frozenset[Identity], files: tuple[Path, ...], api: str | None, operation: str | None, *,
    with_jobs: bool = False, **live: Any,
) -> Iterator[Check]:  # fmt: skip
    """Return a check of every exchange. A file that can't be read, or a live job that breaks off, is an error after it.

    Of several errors the last is raised, and the others are printed. The report has the jobs over time if it is
    `with_jobs`.
    """
    from ..checking.check import Check
    from ..checking.recorded_jobs import RecordedJobs

    check, failures = Check(api, accepted, RecordedJobs() if with_jobs else None), list[JobmockError]()
    if files:
        failures += _record(check, files, api, operation, live)
    else:
        failures += _follow(check, api, operation, **live)
    try:
        if not failures or check.number:
            yield check
    except UsageError as error:  # there is no report; why the sources ended may be the reason
        failures.insert(0, error)
    for failure in failures[:-1]:
        click.echo(f"jobmock: {failure}", err=True)
    if failures:
        raise failures[-1]


def _record(
    check: Check, files: tuple[Path, ...], api: str | None, operation: str | None, live: dict[str, Any]
) -> Iterator[UsageError]:
    """Check the exchanges of the files, with progress where stderr is a terminal. Yield an error for a broken file."""
    from ..checking.operations import operation_named
    from ..checking.readers import open_recording

    for option in ("url", "job_id", "start"):
        if live[option] is not None:
            name = option.replace("_", "-")
            raise UsageError(f"--{name} is for a live job, and there are FILEs. Give the one or the other.")
    if operation and not api:
        raise UsageError("--operation needs --api: each API has its own.")
    known = operation_named(apis.load(api), operation) if api and operation else None
    for path in files:
        check.begin_source()
        try:
            recorded = open_recording(path, known, check.leave_out)
            for exchange in recorded.exchanges:
                check.judge(exchange, alone=recorded.alone)
                if check.number % _EVERY == 0:
                    _progress(f"\r{check.number:,} exchanges")
        except UsageError as error:
            yield error
    _progress(f"\r{check.number:,} exchanges\n")


def _follow(
    check: Check, api: str | None, operation: str | None, *, url: str | None, job_id: str | None, start: Path | None,
    yes: bool, key_env: str | None, interval: float, deadline: float | None,
) -> list[JobmockError]:  # fmt: skip
    """Check the exchanges of a live job. Return the error that ended it early, if there was one."""
    from ..checking.addresses import parse_address
    from ..checking.poller import PolledJob, Poller
    from ..checking.sender import Sender, job_id_fault

    if api is None or (job_id is None) == (start is None) or operation:
        raise UsageError("Give recorded FILEs; or --api with --job-id or --start, to follow a live job.")
    if fault := job_id_fault(job_id) if job_id is not None else None:
        raise UsageError(f"--job-id is no id of a job: {fault}. Give the one that its start was answered with.")
    dialect, clock = apis.load(api), Clock("real")
    place = str(parse_address(f"https://{dialect.host}" if url is None else url, "--url"))
    key, body = _key(dialect, key_env), _body(start)
    if body is not None and not yes:
        _ask(place)
    polled = PolledJob(
        api=dialect, job=job_id, start=body, interval=round(interval * SECOND),
        deadline=max(1, round(deadline * SECOND)) if deadline else None,
    )  # fmt: skip
    with Sender(place, key, clock) as sender:
        poller = Poller(polled, sender, now=clock.now, sleep=time.sleep, report=lambda line: _progress(f"{line}\n"))
        try:
            for exchange in poller.exchanges():
                check.judge(exchange)
        except JobmockError as error:
            return [error]
    return []


def _key(api: Api, name: str | None) -> str:
    from ..checking.api_keys import key_from_environment

    name = name or f"{api.name.upper()}_API_KEY"
    key = key_from_environment(name)
    if not key:
        raise UsageError(f"The environment has no {name}, where the key should be (--key-env).")
    return key


def _body(path: Path | None) -> bytes | None:
    if path is None:
        return None
    try:
        with path.open("rb") as file:
            body = file.read(_MOST_BODY + 1)
    except OSError as error:
        raise UsageError(f"The body {path} can't be read: {error.strerror or error}.") from None
    if len(body) > _MOST_BODY:
        raise UsageError(f"The body {path} has more than {_MOST_BODY} bytes.")
    return body


def _ask(place: str) -> None:
    """Ask before credits are spent. Raises click.Abort for a no, and UsageError without a terminal."""
    if not sys.stdin.isatty():
        raise UsageError("Starting a job costs credits, and there is no terminal to ask at: say --yes.")
    click.confirm(f"This starts a real job at {place}, which costs credits. Go on?", abort=True, err=True)


def _progress(text: str) -> None:
    if sys.stderr.isatty():
        click.echo(text, err=True, nl=False)
