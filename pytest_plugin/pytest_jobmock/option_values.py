"""The values of the plugin's options: each function turns a text into a value, or raises ValueError."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from jobmock.reports.requested import RequestedReport


def one_of(allowed: tuple[str, ...]) -> Callable[[str], str]:
    """Return a function that returns a text if it is allowed."""

    def parse(text: str) -> str:
        if text not in allowed:
            from jobmock.errors import hint

            raise ValueError(f"Allowed: {', '.join(allowed)}.{hint(text, allowed)}")
        return text

    return parse


def existing_folder(text: str) -> Path:
    """Return a folder that exists."""
    if not os.path.isdir(text):
        raise ValueError("There is no such folder.")
    return Path(os.path.realpath(text))


def integer(text: str) -> int:
    """Return a whole number."""
    try:
        return int(text)
    except ValueError:
        raise ValueError("Allowed: a whole number.") from None


def seconds(text: str) -> float:
    """Return a number of seconds, 0 or more."""
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 <= value < float("inf"):
        raise ValueError("Allowed: a number, 0 or more.")
    return value


def speed(text: str) -> float:
    """Return a factor above 0."""
    factor = seconds(text)
    if not 0 < factor <= 1_000_000:
        raise ValueError("Allowed: above 0, and at most 1000000.")
    return factor


def start(text: str) -> int:
    """Return a date as the reading of a clock."""
    from jobmock.clock import moment
    from jobmock.errors import UsageError

    try:
        return moment(text)
    except UsageError as error:
        raise ValueError(str(error)) from None


def deadline(text: str) -> float:
    """Return a number of seconds above 0; infinity for `off`."""
    try:
        value = float("inf") if text == "off" else seconds(text)
    except ValueError:
        value = 0.0
    if not value:
        raise ValueError("Allowed: a number of seconds above 0, or off.")
    return value


def rules(text: str) -> dict[str, str]:
    """Return the severity of each rule."""
    from jobmock.errors import UsageError
    from jobmock.etiquette import parse_severities

    try:
        return parse_severities(text)
    except UsageError as error:
        raise ValueError(str(error)) from None


def path(text: str) -> Path:
    """Return a path."""
    return Path(os.path.realpath(text))


def url(text: str) -> str:
    """Return the URL of a server."""
    if not text.startswith(("http://", "https://")):
        raise ValueError("Allowed: the URL of a running `jobmock serve`.")
    return text.rstrip("/")


def yes_or_no(text: str) -> bool:
    """Return whether a text means yes."""
    words = {"yes": True, "true": True, "1": True, "no": False, "false": False, "0": False}
    if text.lower() not in words:
        raise ValueError(f"Allowed: {', '.join(words)}.")
    return words[text.lower()]


def percent(text: str) -> float:
    """Return a percentage."""
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 <= value <= 100:
        raise ValueError("Allowed: a number from 0 to 100.")
    return value


def coverage_reports(text: str) -> tuple[RequestedReport, ...]:
    """Return the reports of coverage, one in a line."""
    from jobmock.coverage.reports import FORMATS
    from jobmock.errors import UsageError
    from jobmock.reports.requested import check_reports, parse_report

    try:
        reports = [parse_report(line.strip(), FORMATS.names, ":") for line in text.splitlines()]
        check_reports(reports, "the terminal")
    except UsageError as error:
        raise ValueError(str(error)) from None
    return tuple(reports)


def in_folder(text: str, folder: Path) -> str:
    """Return a path of an ini file, which is relative to the folder of that file."""
    return str(folder / text)


def reports_in_folder(text: str, folder: Path) -> str:
    """Return the reports of an ini file, whose files are relative to the folder of that file."""
    lines = [line.strip().partition(":") for line in text.strip().splitlines()]
    return "\n".join(f"{form}{sign}{file if file in ('', '-') else folder / file}" for form, sign, file in lines)
