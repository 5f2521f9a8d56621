"""The marker `jobmock`: the choices of one test, class or module. For each argument the nearest marker wins."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields, replace
from fnmatch import fnmatchcase
from types import NoneType
from typing import Any, NamedTuple

import pytest

from .options import Options, parse_value, resolve

DESCRIPTION = (
    "jobmock(*scenarios, time=, speed=, start=, deadline=, seed=, etiquette=, rules=, min_interval=, key=, switches=,"
    " scenarios=, conformance=, live=): the scenarios that jobs play, by name, one for each API; scenarios='{api}/*'"
    " runs the test once for each scenario that matches, conformance='{api}' once for each conformance case; live=True"
    " says that the test holds for the real API too."
)
"""What `pytest --markers` shows, with the name of an API in place of `{api}`."""
_OF_OPTIONS = ("time", "speed", "start", "deadline", "seed", "etiquette", "rules", "min_interval")
_OWN: dict[str, tuple[tuple[type, ...], str]] = {
    "key": ((str, NoneType), "a text"),
    "switches": ((Mapping,), "a mapping such as {switch}"),
    "scenarios": ((str, list, tuple), "a pattern such as '{api}/*', or a list of patterns"),
    "conformance": ((str,), "the name of an API, such as '{api}'"),
    "live": ((bool,), "True or False"),
}
"""The arguments that are no options: their types, and what is allowed in words, with placeholders for examples."""


class MarkerArguments(NamedTuple):
    """The arguments of a test's markers that are no options."""

    scenarios: tuple[Any, ...]
    key: str | None
    switches: dict[str, Any]
    live: bool = False

    def key_for(self, prefix: str, default: str) -> str:
        """Return the key for the API whose keys have this prefix: the marker's key if it fits, else the default."""
        return self.key if self.key and self.key.startswith(prefix) else default


def read(item: pytest.Item, options: Options) -> tuple[Options, MarkerArguments]:
    """Return the options as the test's markers change them, and the other arguments. Raises pytest.UsageError."""
    if not isinstance(options, Options):
        kind = type(options).__name__
        raise pytest.UsageError(
            f"The fixture jobmock_options returns {kind}. It should take jobmock_options and return, for example,"
            " dataclasses.replace(jobmock_options, time='manual')."
        )
    arguments: dict[str, Any] = {}
    scenarios: tuple[Any, ...] = ()
    for mark in item.iter_markers("jobmock"):
        _check_arguments(mark, item.nodeid)
        scenarios = scenarios or mark.args
        arguments = {**mark.kwargs, **arguments}
    chosen = {name: _value(item.nodeid, name, arguments[name]) for name in _OF_OPTIONS if name in arguments}
    own = MarkerArguments(scenarios, arguments.get("key"), arguments.get("switches", {}), arguments.get("live") is True)
    return (replace(options, **chosen) if chosen else options), own


def check_scenarios(arguments: MarkerArguments, apis: Sequence[str], used: Sequence[str]) -> None:
    """Refuse a scenario of an API whose mock the test doesn't take, and two of one API. Raises pytest.UsageError.

    Only a name such as `clado/slow` shows its API before it is loaded.
    """
    named = [name.partition("/")[0] for name in arguments.scenarios if isinstance(name, str)]
    for api in (api for api in apis if api in named):
        if used and api not in used:
            raise pytest.UsageError(f"The marker jobmock names a scenario of {api}, but the test takes no {api}_mock.")
        if named.count(api) > 1:
            many = named.count(api)
            raise pytest.UsageError(f"The marker jobmock names {many} scenarios of {api}; a mock plays one.")


def parametrize(metafunc: pytest.Metafunc) -> None:
    """Run a test marked with `scenarios=PATTERN` once for each scenario that matches. Fails where none does."""
    marks = [mark for mark in metafunc.definition.iter_markers("jobmock") if "scenarios" in mark.kwargs]
    if not marks:
        return
    try:
        _check_arguments(marks[0], metafunc.definition.nodeid)
    except pytest.UsageError as error:
        pytest.fail(str(error), pytrace=False)
    given = marks[0].kwargs["scenarios"]
    wanted = [given] if isinstance(given, str) else list(map(str, given))
    known = _known_scenarios(resolve(metafunc.config))
    names = [name for name in known if any(fnmatchcase(name, pattern) for pattern in wanted)]
    if not names:
        from jobmock.catalogue.similar_names import hint_of_names

        near = "".join(hint_of_names(pattern, known) for pattern in wanted[:1])
        pytest.fail(f"{metafunc.definition.nodeid}: no scenario matches {given!r}.{near}", pytrace=False)
    metafunc.parametrize("jobmock_scenario", names, ids=names, indirect=True)


def parametrize_conformance(metafunc: pytest.Metafunc) -> None:
    """Run a test marked with `conformance=API` once for each case of its suite. Fails without that argument."""
    from jobmock.apis import EXAMPLE
    from jobmock.conformance import ConformanceCase
    from jobmock.conformance.suite import load_suite
    from jobmock.errors import JobmockError

    nodeid = metafunc.definition.nodeid
    marks = [mark for mark in metafunc.definition.iter_markers("jobmock") if "conformance" in mark.kwargs]
    if not marks:
        example = f"Mark the test with @pytest.mark.jobmock(conformance={EXAMPLE!r})"
        pytest.fail(f"{nodeid}: conformance_case needs the name of an API. {example}.", pytrace=False)
    try:
        _check_arguments(marks[0], nodeid)
        cases = load_suite(marks[0].kwargs["conformance"]).cases
    except (pytest.UsageError, JobmockError) as error:
        pytest.fail(f"{nodeid}: {error}", pytrace=False)
    values, ids = [ConformanceCase(case) for case in cases], [case.id for case in cases]
    metafunc.parametrize("conformance_case", values, ids=ids, indirect=True)


def _known_scenarios(options: Options) -> list[str]:
    from jobmock.catalogue import Catalogue

    return Catalogue([options.scenarios] if options.scenarios else []).names()


def _check_arguments(mark: pytest.Mark, nodeid: str) -> None:
    """Refuse an argument with an unknown name, or with a type that it can't have. Raises pytest.UsageError."""
    allowed = (*_OF_OPTIONS, *_OWN)
    for name, value in mark.kwargs.items():
        if name not in allowed:
            from jobmock.errors import hint

            raise pytest.UsageError(
                f"{nodeid}: the marker jobmock has no {name!r}. Allowed: {', '.join(allowed)}.{hint(name, allowed)}"
            )
        if name in _OWN and not isinstance(value, _OWN[name][0]):
            raise _wrong_value(nodeid, name, value, f"Allowed: {_allowed(name)}.")


def _allowed(name: str) -> str:
    """Return in words what an argument may be."""
    from jobmock.apis import EXAMPLE, EXAMPLE_SWITCH

    return _OWN[name][1].format(api=EXAMPLE, switch=dict([EXAMPLE_SWITCH]))


def _value(nodeid: str, name: str, value: Any) -> Any:
    try:
        return parse_value(name, value)
    except ValueError as error:
        raise _wrong_value(nodeid, name, value, str(error)) from None


def _wrong_value(nodeid: str, name: str, value: object, allowed: str) -> pytest.UsageError:
    from jobmock.redaction import redact

    return pytest.UsageError(redact(f"{nodeid}: the marker's {name!r} is {value!r}. {allowed}"))


assert {field.name for field in fields(Options)} >= set(_OF_OPTIONS)
