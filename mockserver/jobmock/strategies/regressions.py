"""Counterexamples as scenario files: written once, as YAML that people and other languages read, and replayed first.

A file stands in `FOLDER/regressions/API/TEST-HASH.yaml`. Nothing is overwritten. The environment's JOBMOCK_SAVE says
when they are written: `always`, `never`, or, as where it isn't set, `auto`: unless the environment has `CI`.
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
from ..errors import UsageError, hint
from ..models import Scenario

Error = TypeVar("Error", bound=BaseException)
_WIDTH, _MOST_LINES, _LONGEST = 100, 12, 80
SAVING = ("auto", "always", "never")
_HASH = re.compile(r"[0-9a-f]{8}")


def folder_of(given: Path | str | None = None) -> Path:
    """Return the folder of a user's scenarios: the one given, JOBMOCK_SCENARIOS, or `scenarios` where we are."""
    return Path(given or os.environ.get("JOBMOCK_SCENARIOS") or "scenarios")


def save(scenario: Scenario, test: str, reason: str, folder: Path | str | None = None) -> Path | None:
    """Write a counterexample of a test, and return its path; None where JOBMOCK_SAVE says that none is written."""
    return write(scenario, test, reason, folder) if _wanted() else None


def write(scenario: Scenario, test: str, reason: str, folder: Path | str | None = None) -> Path:
    """Write a counterexample of a test unless there is such a file, and return its path.

    The first word of `reason` is what the file's summary says. Raises ScenarioError where the language can't say it.
    """
    digest = blake2b(language.to_text(replace(scenario, summary="")).encode(), digest_size=4).hexdigest()
    path = folder_of(folder) / "regressions" / scenario.api / f"{_slug(test)}-{digest}.yaml"
    summary = scenario.summary or f"Found by {_slug(test)}: {reason.partition(' ')[0].strip(':')}."
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(_comment(test, reason) + language.to_text(replace(scenario, summary=summary)))
    except FileExistsError:
        pass
    return path


def saved(api: str, test: str, folder: Path | str | None = None) -> Iterator[tuple[Path, Scenario]]:
    """Yield the counterexamples of a test with their paths, in the order of their names. Raises ScenarioError."""
    whole = folder_of(folder)
    for path in sorted((whole / "regressions" / api).glob(f"{_slug(test)}-*.yaml")):
        if path.stem.startswith(f"{_slug(test)}-") and _HASH.fullmatch(path.stem.removeprefix(f"{_slug(test)}-")):
            yield path, catalogue.placed(path, path.relative_to(whole).with_suffix("").as_posix())


def replaying(
    api: str, argument: str = "scenario", *, folder: Path | str | None = None, name: str | None = None, **others: Any
) -> Callable[[Any], Any]:
    """Decorate a `@given` test: its saved counterexamples are run first, as the given argument.

    They are those of `name`, by default the test's; `others` are the values of its other given arguments meanwhile.
    Raises UsageError where the decorated test is no `@given` test, and ScenarioError for a file that can't be played.
    """

    from hypothesis import example

    def decorate(test: Any) -> Any:
        if not hasattr(test, "hypothesis"):
            raise UsageError(f"replaying() stands above @given, and {getattr(test, '__name__', test)!r} has none.")
        for _, scenario in reversed(list(saved(api, name or test.__name__, folder))):
            test = example(**{argument: scenario}, **others)(test)
        test.jobmock_replays = True
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


def _comment(test: str, reason: str) -> str:
    said = [line for part in reason.splitlines() for line in wrap(part, _WIDTH)]
    lines = [f"Found by {test}. Delete it once it tells nothing new.", *said[:_MOST_LINES]]
    return "".join(f"# {line}\n" for line in lines)
