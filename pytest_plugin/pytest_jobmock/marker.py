"""The marker `jobmock`: what one test, class or module chooses. What stands nearest to the test wins, word by word."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields, replace
from fnmatch import fnmatchcase
from typing import Any, NamedTuple

import pytest

from .options import Options, from_marker, near, resolve

DESCRIPTION = (
    "jobmock(*scenarios, time=, speed=, start=, deadline=, seed=, etiquette=, rules=, floor=, key=, switches=,"
    " scenarios=, live=): the scenarios that jobs play, by name, one for each API; scenarios='clado/*' runs the test"
    " once for each that fits; live=True says that it holds for the real API as well."
)
_OF_OPTIONS = ("time", "speed", "start", "deadline", "seed", "etiquette", "rules", "floor")
_OWN = ("key", "switches", "scenarios", "live")


class Marked(NamedTuple):
    """What the markers of a test say beside its options."""

    scenarios: tuple[Any, ...]
    key: str | None
    switches: dict[str, Any]
    live: bool = False

    def key_of(self, prefix: str, given: str) -> str:
        """Return the key for an API of this prefix: the marker's if it is one of that API's, else the one given."""
        return self.key if self.key and self.key.startswith(prefix) else given


def read(item: pytest.Item, options: Options) -> tuple[Options, Marked]:
    """Return the options as the test's markers change them, and the rest. Raises pytest.UsageError."""
    if not isinstance(options, Options):
        kind = type(options).__name__
        raise pytest.UsageError(
            f"The fixture jobmock_options returns {kind}. Let it take jobmock_options and return"
            " dataclasses.replace(jobmock_options, time=…), say."
        )
    words: dict[str, Any] = {}
    scenarios: tuple[Any, ...] = ()
    for mark in item.iter_markers("jobmock"):
        _check(mark, item.nodeid)
        scenarios = scenarios or mark.args
        words = {**mark.kwargs, **words}
    chosen = {name: _chosen(item.nodeid, name, words[name]) for name in _OF_OPTIONS if name in words}
    marked = Marked(scenarios, words.get("key"), words.get("switches", {}), words.get("live") is True)
    return (replace(options, **chosen) if chosen else options), marked


def check_use(marked: Marked, apis: Sequence[str], used: Sequence[str]) -> None:
    """Refuse a scenario of an API whose mock the test doesn't take, and two of one API. Raises pytest.UsageError.

    A name without its API in front, and anything that is no name, tells its API only when it is read.
    """
    named = [name.partition("/")[0] for name in marked.scenarios if isinstance(name, str)]
    for api in (api for api in apis if api in named):
        if used and api not in used:
            raise pytest.UsageError(f"The marker jobmock names a scenario of {api}, but the test takes no {api}_mock.")
        if named.count(api) > 1:
            many = named.count(api)
            raise pytest.UsageError(f"The marker jobmock names {many} scenarios of {api}; a mock plays one.")


def parametrize(metafunc: pytest.Metafunc) -> None:
    """Run a test marked with `scenarios=PATTERN` once for each scenario that fits. Fails where none does."""
    patterns = [mark.kwargs["scenarios"] for mark in metafunc.definition.iter_markers("jobmock")
                if "scenarios" in mark.kwargs]  # fmt: skip
    if not patterns:
        return
    wanted = (patterns[0],) if isinstance(patterns[0], str) else tuple(patterns[0])
    known = _names(resolve(metafunc.config))
    names = [name for name in known if any(fnmatchcase(name, pattern) for pattern in wanted)]
    if not names:
        nodeid, hint = metafunc.definition.nodeid, near(wanted[0], known)
        pytest.fail(f"{nodeid}: no scenario fits {patterns[0]!r}.{hint}", pytrace=False)
    metafunc.parametrize("jobmock_scenario", names, ids=names, indirect=True)


def _names(options: Options) -> list[str]:
    from jobmock.catalogue import Catalogue

    return Catalogue([options.scenarios] if options.scenarios else []).names()


def _check(mark: pytest.Mark, nodeid: str) -> None:
    allowed = (*_OF_OPTIONS, *_OWN)
    for word in mark.kwargs:
        if word not in allowed:
            raise pytest.UsageError(
                f"{nodeid}: the marker jobmock has no {word!r}. Allowed: {', '.join(allowed)}.{near(word, allowed)}"
            )


def _chosen(nodeid: str, word: str, value: Any) -> Any:
    try:
        return from_marker(word, value)
    except ValueError as error:
        raise pytest.UsageError(f"{nodeid}: the marker's {word!r} is {value!r}. {error}") from None


assert {field.name for field in fields(Options)} >= set(_OF_OPTIONS)
