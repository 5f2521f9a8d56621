"""Counterexamples as scenario files: written once, as YAML that people and other languages read, and replayed first.

A file stands in `FOLDER/regressions/API/TEST-HASH.yaml`. Nothing is overwritten. The environment's JOBMOCK_SAVE says
when they are written: `always`, `never`, or, as where it isn't set, `auto`: unless the environment has `CI`. A comment
notes where the clock began, and it begins there again when the file is replayed.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from hashlib import blake2b
from pathlib import Path
from textwrap import wrap
from typing import Any, TypeVar

from .. import catalogue
from .. import scenario as language
from ..clock import EPOCH, moment, written
from ..errors import UsageError, hint
from ..models import Scenario

Error = TypeVar("Error", bound=BaseException)
_WIDTH, _MOST_LINES, _LONGEST = 100, 12, 80
SAVING = ("auto", "always", "never")
STARTS = "jobmock_starts"
"""The attribute of a replaying test that holds, by the scenario's name, where the clock began."""
_HASH = re.compile(r"[0-9a-f]{8}")
_START = re.compile(r"^# The clock began at (\S+)\.$", re.MULTILINE)


def folder_of(given: Path | str | None = None) -> Path:
    """Return the folder of a user's scenarios: the one given, JOBMOCK_SCENARIOS, or `scenarios` where we are."""
    return Path(given or os.environ.get("JOBMOCK_SCENARIOS") or "scenarios")


def save(
    scenario: Scenario, test: str, reason: str, folder: Path | str | None = None, *, start: int = EPOCH
) -> Path | None:
    """Write a counterexample of a test, and return its path; None where JOBMOCK_SAVE says that none is written."""
    return write(scenario, test, reason, folder, start=start) if _wanted() else None


def write(
    scenario: Scenario, test: str, reason: str, folder: Path | str | None = None, *, start: int | None = EPOCH
) -> Path:
    """Write a counterexample of a test unless there is such a file, and return its path.

    The first word of `reason` is what the file's summary says; `start` is the reading at which the clock began,
    None where that was the real date. Raises ScenarioError where the language can't say it.
    """
    digest = blake2b(language.to_text(replace(scenario, summary="")).encode(), digest_size=4).hexdigest()
    path = folder_of(folder) / "regressions" / scenario.api / f"{_slug(test)}-{digest}.yaml"
    summary = scenario.summary or f"Found by {_slug(test)}: {reason.partition(' ')[0].strip(':')}."
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(_comment(test, start, reason) + language.to_text(replace(scenario, summary=summary)))
    except FileExistsError:
        pass
    return path


def saved(api: str, test: str, folder: Path | str | None = None) -> Iterator[tuple[Path, Scenario]]:
    """Yield the counterexamples of a test with their paths, in the order of their names. Raises ScenarioError."""
    whole = folder_of(folder)
    for path in sorted((whole / "regressions" / api).glob(f"{_slug(test)}-*.yaml")):
        if path.stem.startswith(f"{_slug(test)}-") and _HASH.fullmatch(path.stem.removeprefix(f"{_slug(test)}-")):
            yield path, catalogue.placed(path, path.relative_to(whole).with_suffix("").as_posix())


def start_of(path: Path) -> int:
    """Return the reading at which the clock began in a saved counterexample. Raises UsageError for a wrong date."""
    noted = _START.search(path.read_text(encoding="utf-8"))
    if noted is None:
        return EPOCH
    try:
        return moment(noted[1])
    except UsageError as error:
        raise UsageError(f"{path}: the clock can't begin at {noted[1]!r}. {error}") from None


def replaying(
    api: str, argument: str = "scenario", *, folder: Path | str | None = None, name: str | None = None, **others: Any
) -> Callable[[Any], Any]:
    """Decorate a `@given` test: its saved counterexamples are run first, as the given argument.

    They are those of `name`, by default the test's; `others` are the values of its other given arguments meanwhile.
    Where a mock plays one, its clock begins at the start that is noted.
    Raises UsageError where the decorated test is no `@given` test, and ScenarioError for a file that can't be played.
    """

    from hypothesis import example

    def decorate(test: Any) -> Any:
        if not hasattr(test, "hypothesis"):
            raise UsageError(f"replaying() stands above @given, and {getattr(test, '__name__', test)!r} has none.")
        starts = getattr(test, STARTS, {})
        for path, scenario in reversed(list(saved(api, name or test.__name__, folder))):
            test = example(**{argument: scenario}, **others)(test)
            starts[scenario.name] = start_of(path)
        test.jobmock_replays = True
        setattr(test, STARTS, starts)
        return test

    return decorate


def _wanted() -> bool:
    choice = os.environ.get("JOBMOCK_SAVE") or "auto"
    if choice not in SAVING:
        raise UsageError(f"JOBMOCK_SAVE is {choice!r}. Allowed: {', '.join(SAVING)}.{hint(choice, SAVING)}")
    return choice == "always" or (choice == "auto" and not os.environ.get("CI"))


def blame(error: Error, scenario: Scenario | None) -> Error:
    """Note on an exception which scenario was played when it was raised, and return it."""
    error.jobmock_scenario = scenario  # type: ignore[attr-defined]
    return error


def blamed(error: BaseException) -> Iterator[tuple[Scenario, BaseException]]:
    """Yield each scenario that is noted on an exception or on those it groups, with that exception."""
    for inner in error.exceptions if isinstance(error, BaseExceptionGroup) else ():
        yield from blamed(inner)
    if isinstance(scenario := getattr(error, "jobmock_scenario", None), Scenario):
        yield scenario, error


def _slug(test: str) -> str:
    return re.sub(r"[^A-Za-z0-9_]+", "-", test).strip("-")[:_LONGEST] or "test"


def _comment(test: str, start: int | None, reason: str) -> str:
    said = [line for part in reason.splitlines() for line in wrap(part, _WIDTH)]
    noted = [] if start is None else [f"The clock began at {written(start)}."]
    lines = [f"Found by {test}. Delete it once it tells nothing new.", *noted, *said[:_MOST_LINES]]
    return "".join(f"# {line}\n" for line in lines)
