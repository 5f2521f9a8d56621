"""Counterexamples as scenario files, which are saved when a test fails and replayed first in later runs.

The file is `FOLDER/regressions/API/TEST-HASH.yaml`; an existing one is never overwritten. The environment variable
JOBMOCK_SAVE says when files are written: `always`, `never`, or `auto`, the default, which means unless `CI` is set. A
comment in the file notes the start of the clock, and a replay starts the clock there again.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from hashlib import blake2b
from pathlib import Path
from textwrap import wrap
from types import NoneType
from typing import Any, TypeVar

from .. import apis, catalogue
from .. import scenario as language
from ..clock import EPOCH, moment, written
from ..errors import UsageError, hint, short_repr
from ..files import read_regular_file, write_file
from ..models import Scenario
from ..redaction import redact
from ..scenario.bounds import MAX_BYTES
from .arguments import allowed_name, check_type

Error = TypeVar("Error", bound=BaseException)
_COMMENT_WIDTH, _MAX_COMMENT_LINES, _MAX_NAME = 100, 12, 80
SAVE_MODES = ("auto", "always", "never")
STARTS_ATTRIBUTE = "jobmock_starts"
"""The attribute of a replaying test that maps each scenario's name to the start of its clock."""
_HASH = re.compile(r"[0-9a-f]{8}")
_START = re.compile(r"^# The clock began at (\S+)\.$", re.MULTILINE)


def scenario_folder(given: Path | str | None = None) -> Path:
    """Return the folder of a user's scenarios: `given`, JOBMOCK_SCENARIOS, or `./scenarios`. Raises UsageError."""
    if not isinstance(given, str | Path | NoneType):
        raise UsageError(f"'folder' is a path, not {short_repr(given)}.")
    return Path(given or os.environ.get("JOBMOCK_SCENARIOS") or "scenarios")


def save(
    scenario: Scenario, test: str, reason: str, folder: Path | str | None = None, *, start: int = EPOCH
) -> Path | None:
    """Write a counterexample of a test and return its path, or None if JOBMOCK_SAVE prevents it."""
    return write(scenario, test, reason, folder, start=start) if _saving_enabled() else None


def write(
    scenario: Scenario, test: str, reason: str, folder: Path | str | None = None, *, start: int | None = EPOCH
) -> Path:
    """Write a counterexample of a test, unless its file exists, and return its path.

    The file's summary quotes the first word of `reason`. `start` is the clock's first reading, None where that was the
    real date. Raises ScenarioError if the language can't express the scenario, and OSError.
    """
    digest = blake2b(language.to_text(replace(scenario, summary="")).encode(), digest_size=4).hexdigest()
    path = scenario_folder(folder) / "regressions" / scenario.api / f"{_slug(test)}-{digest}.yaml"
    summary = scenario.summary or f"Found by {_slug(test)}: {reason.partition(' ')[0].strip(':')}."
    text = _comment(test, start, reason) + language.to_text(replace(scenario, summary=summary))
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        write_file(path, (language.schema_line(path.parent) + text).encode("utf-8"))
    return path


def load_saved(api: str, test: str, folder: Path | str | None = None) -> Iterator[tuple[Path, Scenario]]:
    """Yield the saved counterexamples of a test with their paths, sorted by name. Raises ScenarioError."""
    whole = scenario_folder(folder)
    for path in sorted((whole / "regressions" / api).glob(f"{_slug(test)}-*.yaml")):
        if path.stem.startswith(f"{_slug(test)}-") and _HASH.fullmatch(path.stem.removeprefix(f"{_slug(test)}-")):
            yield path, catalogue.read_scenario(path, path.relative_to(whole).with_suffix("").as_posix())


def saved_start(path: Path) -> int:
    """Return the clock's first reading in a saved counterexample. Raises UsageError for a wrong date."""
    noted = _START.search(read_regular_file(path, MAX_BYTES).decode("utf-8"))
    if noted is None:
        return EPOCH
    try:
        return moment(noted[1])
    except UsageError as error:
        raise UsageError(f"{path}: the clock can't begin at {noted[1]!r}. {error}") from None


def replaying(
    api: str, argument: str = "scenario", *, folder: Path | str | None = None, name: str | None = None, **others: Any
) -> Callable[[Any], Any]:
    """Decorate a `@given` test so that its saved counterexamples are run first, as the given argument.

    The counterexamples are those of the test `name`, by default the decorated one. `others` are the values of the other
    given arguments in these runs. A mock that plays one starts its clock where the file says.
    Raises UsageError if the decorated test is no `@given` test, and ScenarioError for a file that can't be played.
    """

    from hypothesis import example

    allowed_name("api", api, apis.names())
    check_type("name", name, str, "a text")

    def decorate(test: Any) -> Any:
        if not hasattr(test, "hypothesis"):
            raise UsageError(f"replaying() stands above @given, and {getattr(test, '__name__', test)!r} has none.")
        starts = getattr(test, STARTS_ATTRIBUTE, {})
        for path, scenario in reversed(list(load_saved(api, name or test.__name__, folder))):
            test = example(**{argument: scenario}, **others)(test)
            starts[scenario.name] = saved_start(path)
        test.jobmock_replays = True
        setattr(test, STARTS_ATTRIBUTE, starts)
        return test

    return decorate


def _saving_enabled() -> bool:
    choice = os.environ.get("JOBMOCK_SAVE") or "auto"
    if choice not in SAVE_MODES:
        raise UsageError(f"JOBMOCK_SAVE is {choice!r}. Allowed: {', '.join(SAVE_MODES)}.{hint(choice, SAVE_MODES)}")
    return choice == "always" or (choice == "auto" and not os.environ.get("CI"))


def attach_scenario(error: Error, scenario: Scenario | None) -> Error:
    """Attach the scenario that was played to an exception, and return the exception."""
    error.jobmock_scenario = scenario  # type: ignore[attr-defined]
    return error


def attached_scenarios(error: BaseException) -> Iterator[tuple[Scenario, BaseException]]:
    """Yield each scenario that is attached to an exception, or to an exception in its group, with that exception."""
    for inner in error.exceptions if isinstance(error, BaseExceptionGroup) else ():
        yield from attached_scenarios(inner)
    if isinstance(scenario := getattr(error, "jobmock_scenario", None), Scenario):
        yield scenario, error


def _slug(test: str) -> str:
    return re.sub(r"[^A-Za-z0-9_]+", "-", test).strip("-")[:_MAX_NAME] or "test"


def _comment(test: str, start: int | None, reason: str) -> str:
    said = [line for part in redact(reason).splitlines() for line in wrap(part, _COMMENT_WIDTH)]
    noted = [] if start is None else [f"The clock began at {written(start)}."]
    lines = [f"Found by {test}. Delete it when you no longer need it.", *noted, *said[:_MAX_COMMENT_LINES]]
    return "".join(f"# {line}\n" for line in lines)
