"""What `serve` prints on a terminal when it is ready: where it listens, what it plays, how it is stopped."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence

import click

from .. import apis
from ..engine.progression import Plan
from ..version import __version__


def print_start_lines(urls: Sequence[str], control_url: str, plans: Mapping[str, Plan], time: str) -> None:
    """Print three lines to stderr, if that is a terminal. `plans` are the chosen default scenarios, by API."""
    if sys.stderr is None or not sys.stderr.isatty():
        return
    names = [plans[api.name].name if api.name in plans else _default_of(api.name) for api in apis.all_apis()]
    for line in (
        f"jobmock {__version__} listens on {' and '.join(urls)}; its page is {control_url}/__jobmock/.",
        f"New jobs play {' and '.join(names)}, time is {time}. `jobmock list` shows all scenarios.",
        "Ctrl+C stops it.",
    ):
        click.echo(line, err=True)


def _default_of(api: str) -> str:
    """Return the default scenario of an API's usual kind of job."""
    return next(iter(apis.load(api).default_scenarios.values()))
