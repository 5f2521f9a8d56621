"""Where `check` and `drift` take their exchanges from: recorded files, or a live job that is followed."""

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
from ..checking.formats import NAMES as FORMATS
from ..checking.report import FAIL_ON
from ..clock import SECOND, Clock
from ..errors import JobmockError, UsageError

if TYPE_CHECKING:
    from ..checking.check import Check
    from ..checking.exchange import LiveExchange
    from ..dialect.api import Api

__all__ = ["FAIL_ON", "FORMATS", "checked", "options", "write"]

FC = TypeVar("FC", bound="Callable[..., Any] | click.Command")
_EVERY = 100
_YEAR = 365 * 24 * 60 * 60
_FILE = click.Path(path_type=Path)


class _Seconds(click.FloatRange):
    """A time that can be waited for; a range alone lets through what is no number at all."""

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
    click.option("--operation", metavar="NAME", help="What the plain bodies in FILEs answer, such as `status`."),
    click.option("--url", metavar="URL", help="Where the API is, if not at its usual host."),
    click.option("--job-id", metavar="ID", help="The live job to follow."),
    click.option("--start", type=_FILE, metavar="BODY.json", help="Start a live job with this body, and follow it."),
    click.option("--yes", is_flag=True, help="Start it without asking: a job costs credits."),
    click.option("--key-env", metavar="NAME", help="The environment variable with the key; API_API_KEY by default."),
    click.option("--interval", type=_SECONDS, default=5.0, show_default=True, help="Seconds between two polls."),
    click.option("--deadline", type=_SECONDS, help="Seconds for the job and its pages; by default twice the usual."),
)


def options(command: FC) -> FC:
    """Add the arguments and options that name the sources."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


@contextmanager
def checked(
    accepted: frozenset[tuple[str, ...]], files: tuple[Path, ...], api: str | None, operation: str | None, **live: Any
) -> Iterator[Check]:
    """Give a check that has taken every exchange. What went wrong after the first of them is raised at the end."""
    from ..checking.check import Check

    check, failure = Check(api, accepted), None
    try:
        if files:
            _record(check, files, api, operation, live)
        else:
            _follow(check, api, operation, **live)
    except JobmockError as error:
        if not check.number:
            raise
        failure = error
    yield check
    if failure:
        raise failure


def write(path: Path, text: str) -> None:
    """Write a report. Raises UsageError."""
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise UsageError(f"The report {path} can't be written: {error.strerror or error}.") from None


def _record(
    check: Check, files: tuple[Path, ...], api: str | None, operation: str | None, live: dict[str, Any]
) -> None:
    """Take what the files have recorded; on a terminal, say how far it is."""
    from ..checking.readers import operation_named, recording

    for option in ("url", "job_id", "start"):
        if live[option] is not None:
            name = option.replace("_", "-")
            raise UsageError(f"--{name} is for a live job, and there are FILEs. Give the one or the other.")
    if operation and not api:
        raise UsageError("--operation needs --api: each API has its own.")
    known = operation_named(apis.load(api), operation) if api and operation else None
    for path in files:
        check.begin()
        recorded = recording(path, known)
        for exchange in recorded.exchanges:
            check.take(exchange, alone=recorded.alone)
            if check.number % _EVERY == 0:
                _progress(f"\r{check.number:,} exchanges")
    _progress(f"\r{check.number:,} exchanges\n")


def _follow(
    check: Check, api: str | None, operation: str | None, *, url: str | None, job_id: str | None, start: Path | None,
    yes: bool, key_env: str | None, interval: float, deadline: float | None,
) -> None:  # fmt: skip
    """Follow a live job."""
    from ..checking.addresses import address
    from ..checking.poller import Follower, Visit
    from ..checking.sender import Sender, no_id

    if api is None or (job_id is None) == (start is None) or operation:
        raise UsageError("Give recorded FILEs; or --api with --job-id or --start, to follow a live job.")
    if fault := no_id(job_id) if job_id is not None else None:
        raise UsageError(f"--job-id is no id of a job: {fault}. Give the one that its start was answered with.")
    dialect, clock = apis.load(api), Clock("real")
    place = str(address(f"https://{dialect.host}" if url is None else url, "--url"))
    key, body = _key(dialect, key_env), _body(start)
    if body is not None and not yes:
        _ask(place)
    visit = Visit(
        api=dialect, job=job_id, start=body, interval=round(interval * SECOND),
        deadline=max(1, round(deadline * SECOND)) if deadline else None,
    )  # fmt: skip
    with Sender(place, key, clock) as sender:
        follower = Follower(visit, sender, now=clock.now, sleep=time.sleep, say=lambda line: _progress(f"{line}\n"))
        _take_all(check, follower.exchanges())


def _take_all(check: Check, exchanges: Iterator[LiveExchange]) -> None:
    for exchange in exchanges:
        check.take(exchange)


def _key(api: Api, name: str | None) -> str:
    from ..checking.keys import key_in

    name = name or f"{api.name.upper()}_API_KEY"
    key = key_in(name)
    if not key:
        raise UsageError(f"The environment has no {name}, where the key should be (--key-env).")
    return key


def _body(path: Path | None) -> bytes | None:
    if path is None:
        return None
    try:
        return path.read_bytes()
    except OSError as error:
        raise UsageError(f"The body {path} can't be read: {error.strerror or error}.") from None


def _ask(place: str) -> None:
    """Ask before credits are spent. Raises click.Abort at a no, UsageError where there is nobody to ask."""
    if not sys.stdin.isatty():
        raise UsageError("Starting a job costs credits, and there is no terminal to ask at: say --yes.")
    click.confirm(f"This starts a real job at {place}, which costs credits. Go on?", abort=True, err=True)


def _progress(text: str) -> None:
    if sys.stderr.isatty():
        click.echo(text, err=True, nl=False)
