"""The exchanges of a live job, which is polled to its end."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

from .. import apis
from ..clock import SECOND, Clock
from ..errors import JobmockError, UsageError
from .terminal import show_progress

if TYPE_CHECKING:
    from ..checking.check import Check
    from ..dialect.api import Api

_MOST_BODY = 1 << 20


def follow(
    check: Check, api: str | None, *, url: str | None, job_id: str | None, start: Path | None,
    yes: bool, key_env: str | None, interval: float, deadline: float | None,
) -> list[JobmockError]:  # fmt: skip
    """Check the exchanges of a live job. Return the error that ended it early, if there was one."""
    from ..checking.addresses import parse_address
    from ..checking.poller import PolledJob, Poller
    from ..checking.sender import Sender, job_id_fault

    assert api is not None
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
    with Sender(place, key, clock, dialect.credential) as sender:
        poller = Poller(polled, sender, now=clock.now, sleep=time.sleep, report=lambda line: show_progress(f"{line}\n"))
        try:
            for exchange in poller.exchanges():
                check.judge(exchange)
        except JobmockError as error:
            return [error]
    return []


def _key(api: Api, name: str | None) -> str:
    from ..checking.api_keys import key_from_environment

    if api.credential.header is None:
        return ""
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
