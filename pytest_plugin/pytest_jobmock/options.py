"""The plugin's options: each is a flag, an environment variable or a line of the ini file, in that order."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import pytest

TIME_MODES = ("virtual", "real", "scaled", "manual", "skip-delays")
LEVELS = ("error", "warning", "off")
SAVE_CHOICES = ("auto", "always", "never")
_SHRINK_SECONDS = 60.0
_PATH_OPTIONS = ("scenarios", "artifacts")


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


_RESOLVED: pytest.StashKey[Options] = pytest.StashKey()


class _Option(NamedTuple):
    """One row of the table of options. `parse` turns its text into a value, or raises ValueError."""

    name: str
    metavar: str
    help: str
    parse: Callable[[str], Any]
    is_switch: bool = False  # whether the flag takes no value and means `yes`

    @property
    def flag(self) -> str:
        """The option as a flag."""
        return f"--jobmock-{self.name.replace('_', '-')}"


def _one_of(allowed: tuple[str, ...]) -> Callable[[str], str]:
    def parse(text: str) -> str:
        if text not in allowed:
            from jobmock.errors import hint

            raise ValueError(f"Allowed: {', '.join(allowed)}.{hint(text, allowed)}")
        return text

    return parse


def _existing_folder(text: str) -> Path:
    if not os.path.isdir(text):
        raise ValueError("There is no such folder.")
    return Path(os.path.realpath(text))


def _integer(text: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise ValueError("Allowed: a whole number.") from None


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = -1.0
    if not 0 <= seconds < float("inf"):
        raise ValueError("Allowed: a number, 0 or more.")
    return seconds


def _speed(text: str) -> float:
    factor = _seconds(text)
    if not 0 < factor <= 1_000_000:
        raise ValueError("Allowed: above 0, and at most 1000000.")
    return factor


def _start(text: str) -> int:
    from jobmock.clock import moment
    from jobmock.errors import UsageError

    try:
        return moment(text)
    except UsageError as error:
        raise ValueError(str(error)) from None


def _deadline(text: str) -> float:
    try:
        seconds = float("inf") if text == "off" else _seconds(text)
    except ValueError:
        seconds = 0.0
    if not seconds:
        raise ValueError("Allowed: a number of seconds above 0, or off.")
    return seconds


def _rules(text: str) -> dict[str, str]:
    from jobmock.errors import UsageError
    from jobmock.etiquette import parse_severities

    try:
        return parse_severities(text)
    except UsageError as error:
        raise ValueError(str(error)) from None


def _path(text: str) -> Path:
    return Path(os.path.realpath(text))


def _url(text: str) -> str:
    if not text.startswith(("http://", "https://")):
        raise ValueError("Allowed: the URL of a running `jobmock serve`.")
    return text.rstrip("/")


def _yes_or_no(text: str) -> bool:
    words = {"yes": True, "true": True, "1": True, "no": False, "false": False, "0": False}
    if text.lower() not in words:
        raise ValueError(f"Allowed: {', '.join(words)}.")
    return words[text.lower()]


OPTIONS = (
    _Option("scenarios", "DIR", "a folder with your own scenarios, in addition to the bundled ones", _existing_folder),
    _Option("seed", "N", "decides the ids of jobs (0)", _integer),
    _Option("time", "MODE", f"how time passes in tests: {', '.join(TIME_MODES)} (virtual)", _one_of(TIME_MODES)),
    _Option("speed", "FACTOR", "how many times faster scaled time is (1000)", _speed),
    _Option("start", "DATE", "the date, or date and time, at which each test's clock starts (today's)", _start),
    _Option("deadline", "SECONDS", "how long a client may run, in seconds of the clock, or off (259200)", _deadline),
    _Option("etiquette", "LEVEL", f"what findings about the client do at a test's end: {', '.join(LEVELS)} (warning)",
            _one_of(LEVELS)),
    _Option("rules", "RULE=LEVEL,…", "the severity of single rules: error, warning or off", _rules),
    _Option("min_interval", "SECONDS", "how far apart polls must be, on average (1)", _seconds),
    _Option("url", "URL", "use this running server, through its control API", _url),
    _Option("control", "URL", "the control_url of that server, if its control API has a port of its own", _url),
    _Option("token", "TOKEN", "the control token of that server", str),
    _Option("artifacts", "DIR", "write the traffic (HAR 1.2) and scenarios of each failed test to this folder", _path),
    _Option("save", "WHEN", f"when to save counterexamples as scenarios: {', '.join(SAVE_CHOICES)} (auto: not in CI)",
            _one_of(SAVE_CHOICES)),
    _Option("shrink", "SECONDS", "how many real seconds a counterexample is made smaller, or off (60)", _deadline),
    _Option("live", "", "run the tests against the real APIs, which costs credits; keys come from the environment",
            _yes_or_no, is_switch=True),
)  # fmt: skip


def add(parser: pytest.Parser) -> None:
    """Add the flags and ini lines of all options."""
    group = parser.getgroup("jobmock", "jobmock: mocks of Clado deep research and Orbit Deep Search")
    for option in OPTIONS:
        other_ways = f"; also JOBMOCK_{option.name.upper()}, ini jobmock_{option.name}"
        form: dict[str, Any] = {"metavar": option.metavar}
        if option.is_switch:
            form = {"action": "store_const", "const": "yes"}
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
    name = option.name
    return (
        (option.flag, config.getoption(f"jobmock_{name}", None)),
        (f"JOBMOCK_{name.upper()}", os.environ.get(f"JOBMOCK_{name.upper()}")),
        (f"ini jobmock_{name}", _ini(config, name)),
    )


def _ini(config: pytest.Config, name: str) -> str | None:
    """Return the text of the ini file; a path is relative to the folder of that file."""
    value = config.getini(f"jobmock_{name}")
    if value and name in _PATH_OPTIONS and config.inipath:
        return str(config.inipath.parent / value)
    return None if value is None else str(value)


def _parse(option: _Option, source: str, text: str) -> Any:
    try:
        return option.parse(text)
    except ValueError as error:
        from jobmock.redaction import redact

        raise pytest.UsageError(redact(f"{source} is {text!r}. {error}")) from None
