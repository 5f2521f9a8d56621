"""`jobmock conform`: plays the conformance suite of an API to a client, and prints its scorecard."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from .. import apis
from ..errors import UsageError, hint
from . import options
from .client_callable import imported

if TYPE_CHECKING:
    from ..conformance.cases import Case
    from ..conformance.playing import Client
    from ..conformance.scorecard import CaseResult, Scorecard
    from ..conformance.suite import Suite

TIME_MODES = ("virtual", "scaled")


@click.command(context_settings={"allow_interspersed_args": False})
@click.option("--api", required=True, type=click.Choice(apis.names()), help="The API of the client.")
@click.option("--group", "groups", multiple=True, metavar="GROUP", help="Play only this group. May be given again.")
@click.option("--case", "patterns", multiple=True, metavar="CASE|PATTERN",
              help="Play only this case, or those whose names match. May be given again.")  # fmt: skip
@click.option("--suite", "folders", multiple=True, type=click.Path(path_type=Path), metavar="DIR",
              help="A folder with your own cases, in addition to the bundled ones. May be given again.")  # fmt: skip
@click.option("--capability", "capabilities", multiple=True, metavar="ACTION,…",
              help="What the client can do; other cases are not supported. Default: everything.")  # fmt: skip
@click.option("--client", metavar="MODULE:NAME", help="A Python callable client(task), in place of a COMMAND.")
@click.option("--jobs", type=click.IntRange(1), default=1, show_default=True, help="How many cases are played at once.")
@click.option("--time", "mode", type=click.Choice(TIME_MODES),
              help="scaled: for a COMMAND that can't be in virtual time. It must take JOBMOCK_INTERVAL.")  # fmt: skip
@click.option("--speed", type=click.FloatRange(1, 100_000),
              help="How many times faster scaled time is; 100 if not given. It implies --time scaled.")  # fmt: skip
@click.option("--timeout", type=click.FloatRange(0.1), default=60.0, show_default=True,
              help="Real seconds that a COMMAND may take for one case.")  # fmt: skip
@click.option("--expected-failures", "expected", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE",
              help="A YAML list of cases that the client is known to fail: case, reason, until.")  # fmt: skip
@click.option("--fail-on", type=click.Choice(("must", "should")), default="must", show_default=True,
              help="The least severity of a case whose failure makes the exit code 1.")  # fmt: skip
@click.option("--report", "reports", multiple=True, metavar="FORMAT[=FILE]",
              help="Write the scorecard to stdout or to FILE: text, json, junit, github, markdown, html.")  # fmt: skip
@click.option("--coverage", is_flag=True, help="Show what the client met of the API, of all that it can meet.")
@click.option("--list", "listed", is_flag=True, help="List the cases instead.")
@click.option("--explain", "explained", metavar="CASE", help="Print all about one case instead.")
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED, metavar="[-- COMMAND…]")
def command(
    api: str, groups: tuple[str, ...], patterns: tuple[str, ...], folders: tuple[Path, ...], listed: bool,
    explained: str | None, reports: tuple[str, ...], fail_on: str, expected: Path | None, **given: Any,
) -> int:  # fmt: skip
    """Play the conformance suite of an API to a client, and print its scorecard.

    The client is a COMMAND, which is run once for each case and told by its environment what to do, or a Python
    callable. The exit code is 0 if all `must` cases that were judged passed, 1 if one failed, and 2 if none was judged.
    """
    from ..conformance.expected_failures import read_expected_failures
    from ..conformance.suite import load_suite

    suite = load_suite(api, folders)
    if listed or explained:
        return _show(suite, groups, patterns, explained)
    cases = suite.chosen(groups, patterns)
    known = read_expected_failures(expected, suite.cases) if expected else []
    card = _scorecard(suite, cases, known, fail_on=fail_on, reports=reports, folders=folders, **given)
    return card.exit_code


def _show(suite: Suite, groups: Sequence[str], patterns: Sequence[str], explained: str | None) -> int:
    from ..conformance.describe import explained_lines, list_lines

    if explained is None:
        lines = list_lines(suite, suite.chosen(groups, patterns))
    else:
        lines = explained_lines(suite, explained)
    for line in lines:
        click.echo(line)
    return 0


def _scorecard(
    suite: Suite, cases: Sequence[Case], known: Sequence[Any], *, fail_on: str, reports: Sequence[str],
    folders: Sequence[Path], capabilities: tuple[str, ...], jobs: int, client: str | None, arguments: tuple[str, ...],
    coverage: bool, **more: Any,
) -> Scorecard:  # fmt: skip
    """Play the cases, and write the reports. Raises UsageError before anything is played."""
    from datetime import UTC, datetime

    from ..conformance.expected_failures import with_expected
    from ..conformance.playing import play_cases
    from ..conformance.reports import FORMATS
    from ..conformance.scorecard import Scorecard
    from ..reports.requested import check_reports, parse_report, write_reports

    requested = [parse_report(text, FORMATS.names) for text in reports]
    if all(report.path for report in requested):
        requested.append(parse_report("text", FORMATS.names))
    check_reports(requested, "stdout")
    able = _capabilities(capabilities, suite)
    tested = _client(suite.api, client, arguments, jobs=jobs, **more)
    results = play_cases(tested, cases, capabilities=able, jobs=jobs, shown=_bar)
    name = f"--client {client}" if client else tested.name
    card = Scorecard(
        api=suite.api, client=name, options=_options(folders, **more), fail_on=fail_on, with_coverage=coverage,
        results=with_expected(results, known, datetime.now(UTC).date()),
    )  # fmt: skip
    write_reports(requested, lambda form: FORMATS.render(card, form))
    return card


def _client(
    api: str, client: str | None, arguments: tuple[str, ...], *, jobs: int, mode: str | None, speed: float | None,
    timeout: float,
) -> Client:  # fmt: skip
    """Return the client under test. Raises UsageError, StartError."""
    from ..conformance.clients.choice import SPEED, client_under_test

    time, _ = options.clock_mode(mode, speed, "virtual")
    if bool(client) == bool(arguments):
        raise click.UsageError("Give the client as a command after `--`, or as --client MODULE:NAME.")
    if client and (time != "virtual" or jobs > 1):
        raise UsageError("--client is played in virtual time, one case after another. Leave --time and --jobs out.")
    found = imported(client) if client else None
    return client_under_test(api, found, arguments, time=time, speed=speed or SPEED, timeout=timeout)


def _options(folders: Sequence[Path], *, mode: str | None, speed: float | None, timeout: float) -> str:
    """Return the options with which a case is played alone as it was here."""
    from ..conformance.clients.choice import TIMEOUT

    given = [
        *(f"--suite {shlex.quote(str(folder))}" for folder in folders),
        mode and f"--time {mode}", speed and f"--speed {speed:g}", timeout != TIMEOUT and f"--timeout {timeout:g}",
    ]  # fmt: skip
    return " ".join(text for text in given if text)


def _capabilities(given: Sequence[str], suite: Suite) -> tuple[str, ...]:
    """Return the actions that the client can do. Raises UsageError."""
    actions = tuple(dict.fromkeys(case.action for case in suite.cases))
    wanted = [name.strip() for text in given for name in text.split(",")]
    for name in wanted:
        if name not in actions:
            raise UsageError(f"--capability has {name!r}. Allowed: {', '.join(actions)}.{hint(name, actions)}")
    return tuple(wanted) or actions


def _bar(results: Iterable[CaseResult], number: int) -> Iterable[CaseResult]:
    hidden = not sys.stderr.isatty()
    with click.progressbar(results, length=number, label="Cases", file=sys.stderr, hidden=hidden) as shown:
        yield from shown
