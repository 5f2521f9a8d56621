"""The option `--report FORMAT[=FILE]`: which reports a command writes, and where they go."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import click

from ..errors import UsageError, hint
from ..files import check_writable, write_file


class RequestedReport(NamedTuple):
    """A format, and the file for it. Without a file the report goes to the command's stream."""

    form: str
    path: Path | None = None


def parse_report(text: str, formats: Sequence[str], sign: str = "=") -> RequestedReport:
    """Return the report that `FORMAT` or `FORMAT=FILE` names; the file `-` is the stream. Raises UsageError.

    Another `sign` may be between the two.
    """
    form, has_file, file = text.partition(sign)
    if form not in formats:
        raise UsageError(f"There is no report {form!r}. Formats: {', '.join(formats)}.{hint(form, formats)}")
    if has_file and not file:
        raise UsageError(f"The report {text!r} names no file. Expected: {form}{sign}FILE, or {form} alone.")
    return RequestedReport(form, None if file in ("", "-") else Path(file))


def check_reports(reports: Sequence[RequestedReport], stream: str) -> None:
    """Raise UsageError if a report can't be written, or two have the same place. `stream` names the stream in words."""
    places = dict[str | None, str]()
    for form, path in reports:
        place = os.path.realpath(path) if path else None
        if place in places:
            raise UsageError(f"Two reports would go to {path or stream}: {places[place]} and {form}. Expected: one.")
        places[place] = form
        if path:
            with _usage_errors(path):
                check_writable(path)


def write_reports(reports: Sequence[RequestedReport], render: Callable[[str], str], *, err: bool = False) -> None:
    """Write each report, rendered in its format, to its file, or to stdout or stderr. Raises UsageError.

    If one can't be written, the others are.
    """
    failure: UsageError | None = None
    for form, path in reports:
        text = render(form)
        if path is None:
            click.echo(text, nl=False, err=err)
            continue
        try:
            write_report(path, click.unstyle(text))
        except UsageError as error:
            failure = failure or error
    if failure:
        raise failure


def write_report(path: Path, text: str) -> None:
    """Write a report to a file, as UTF-8, completely or not at all. Raises UsageError."""
    with _usage_errors(path):
        write_file(path, text.encode("utf-8"))


@contextmanager
def _usage_errors(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise UsageError(f"The report {path} can't be written: {error.strerror or error}.") from None
