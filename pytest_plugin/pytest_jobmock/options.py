"""The plugin's options: each is a flag, an environment variable or a line of the ini file, in that order."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

from jobmock import api_packages

from . import option_values as values

if TYPE_CHECKING:
    from jobmock.reports.requested import RequestedReport

TIME_MODES = ("virtual", "real", "scaled", "manual", "skip-delays")
LEVELS = ("error", "warning", "off")
SAVE_CHOICES = ("auto", "always", "never")
_SHRINK_SECONDS = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """The options of a run.

    `start` is the clock's first reading in nanoseconds. `deadline` and `min_interval` are in seconds of the clock,
    `shrink` in real seconds. `rules` maps a rule to `error`, `warning` or `off`.
    """

    scenarios: Path | None = None
    seed: int = 0
    time: str = "virtual"
    speed: float = 1000.0
    start: int | None = None
    deadline: float = 259_200.0
    etiquette: str = "warning"
    rules: Mapping[str, str] = field(default_factory=dict)
    min_interval: float = 1.0
    url: str | None = None
    control: str | None = None
    token: str | None = None
    artifacts: Path | None = None
    save: str = "auto"
    shrink: float = _SHRINK_SECONDS
    live: bool = False
    coverage: bool = False
    coverage_report: Sequence[RequestedReport] = ()
    coverage_fail_under: float = 0.0

    @property
    def counts_coverage(self) -> bool:
        """Whether it is counted what clients meet of the APIs."""
        return self.coverage or bool(self.coverage_report)


_RESOLVED: pytest.StashKey[Options] = pytest.StashKey()


class _Option(NamedTuple):
    """One row of the table of options. `parse` turns its text into a value, or raises ValueError."""

    name: str
    metavar: str
    help: str
    parse: Callable[[str], Any]
    is_switch: bool = False  # whether the flag takes no value and means `yes`
    is_repeatable: bool = False  # whether it may be given again; its text then has one in each line
    from_ini: Callable[[str, Path], str] = lambda text, folder: text  # text in the ini file, folder of that → text

    @property
    def flag(self) -> str:
        """The option as a flag."""
        return f"--jobmock-{self.name.replace('_', '-')}"


OPTIONS = (
    _Option("scenarios", "DIR", "a folder with your own scenarios, in addition to the bundled ones",
            values.existing_folder, from_ini=values.in_folder),
    _Option("seed", "N", "decides the ids of jobs (0)", values.integer),
    _Option("time", "MODE", f"how time passes in tests: {', '.join(TIME_MODES)} (virtual)", values.one_of(TIME_MODES)),
    _Option("speed", "FACTOR", "how many times faster scaled time is (1000)", values.speed),
    _Option("start", "DATE", "the date, or date and time, at which each test's clock starts (today's)", values.start),
    _Option("deadline", "SECONDS", "how long a client may run, in seconds of the clock, or off (259200)",
            values.deadline),
    _Option("etiquette", "LEVEL", f"what findings about the client do at a test's end: {', '.join(LEVELS)} (warning)",
            values.one_of(LEVELS)),
    _Option("rules", "RULE=LEVEL,…", "the severity of single rules: error, warning or off", values.rules),
    _Option("min_interval", "SECONDS", "how far apart polls must be, on average (1)", values.seconds),
    _Option("url", "URL", "use this running server, through its control API", values.url),
    _Option("control", "URL", "the control_url of that server, if its control API has a port of its own", values.url),
    _Option("token", "TOKEN", "the control token of that server", str),
    _Option("artifacts", "DIR", "write the traffic (HAR 1.2) and scenarios of each failed test to this folder",
            values.path, from_ini=values.in_folder),
    _Option("save", "WHEN", f"when to save counterexamples as scenarios: {', '.join(SAVE_CHOICES)} (auto: not in CI)",
            values.one_of(SAVE_CHOICES)),
    _Option("shrink", "SECONDS", "how many real seconds a counterexample is made smaller, or off (60)",
            values.deadline),
    _Option("live", "", "run the tests against the real APIs, which costs credits; keys come from the environment",
            values.yes_or_no, is_switch=True),
    _Option("coverage", "", "count what the tests' clients meet of the APIs", values.yes_or_no, is_switch=True),
    _Option("coverage_report", "FORMAT[:FILE]", "write a report of that: text, json, markdown; may be given again",
            values.coverage_reports, is_repeatable=True, from_ini=values.reports_in_folder),
    _Option("coverage_fail_under", "PERCENT", "fail the run if it is less (0)", values.percent),
)  # fmt: skip


def add(parser: pytest.Parser) -> None:
    """Add the flags and ini lines of all options."""
    group = parser.getgroup("jobmock", f"jobmock: mocks of {', '.join(api_packages.names())}")
    for option in OPTIONS:
        other_ways = f"; also JOBMOCK_{option.name.upper()}, ini jobmock_{option.name}"
        form: dict[str, Any] = {"metavar": option.metavar}
        if option.is_switch:
            form = {"action": "store_const", "const": "yes"}
        elif option.is_repeatable:
            form["action"] = "append"
        group.addoption(option.flag, help=option.help + other_ways, **form)
        parser.addini(f"jobmock_{option.name}", option.help, default=None)


def resolve(config: pytest.Config) -> Options:
    """Return the options of a run, which are read once.

    A flag wins over the environment, and the environment over the ini file. Raises pytest.UsageError.
    """
    if _RESOLVED not in config.stash:
        found = {}
        for option in OPTIONS:
            for source, text in _sources(config, option):
                if text:
                    found[option.name] = _parse(option, source, text)
                    break
        config.stash[_RESOLVED] = Options(**found)
    return config.stash[_RESOLVED]


def export(config: pytest.Config) -> None:
    """Set the environment variables that other parts of jobmock read, until the end of the run."""
    chosen, environment = resolve(config), pytest.MonkeyPatch()
    config.add_cleanup(environment.undo)
    if chosen.scenarios:
        environment.setenv("JOBMOCK_SCENARIOS", str(chosen.scenarios))
    if chosen.save != "auto":
        environment.setenv("JOBMOCK_SAVE", chosen.save)
    if chosen.shrink != _SHRINK_SECONDS:
        environment.setenv("JOBMOCK_SHRINK", str(chosen.shrink))


def parse_value(name: str, value: Any) -> Any:
    """Return the value of an option that a marker sets. It is parsed like a flag's text. Raises ValueError."""
    text = ",".join(f"{rule}={level}" for rule, level in value.items()) if isinstance(value, Mapping) else str(value)
    return next(option for option in OPTIONS if option.name == name).parse(text)


def _sources(config: pytest.Config, option: _Option) -> tuple[tuple[str, str | None], ...]:
    """Return each place that can set an option, with the text there; the first text wins."""
    name, flag = option.name, config.getoption(f"jobmock_{option.name}", None)
    return (
        (option.flag, "\n".join(flag) if isinstance(flag, list) else flag),
        (f"JOBMOCK_{name.upper()}", os.environ.get(f"JOBMOCK_{name.upper()}")),
        (f"ini jobmock_{name}", _ini(config, option)),
    )


def _ini(config: pytest.Config, option: _Option) -> str | None:
    """Return the text of the ini file; a path is relative to the folder of that file."""
    value = config.getini(f"jobmock_{option.name}")
    if value and config.inipath:
        return option.from_ini(str(value), config.inipath.parent)
    return None if value is None else str(value)


def _parse(option: _Option, source: str, text: str) -> Any:
    try:
        return option.parse(text)
    except ValueError as error:
        from jobmock.redaction import redact

        raise pytest.UsageError(redact(f"{source} is {text!r}. {error}")) from None
