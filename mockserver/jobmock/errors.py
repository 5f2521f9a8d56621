"""The exceptions of jobmock, as one tree.

    JobmockError
    ├── UsageError          a flag, a key or a control call that can't be used
    ├── ScenarioError       a scenario that can't be played; carries its Problems
    │   └── UnknownScenario no scenario has that name
    ├── NoSuchDocument      a schema that isn't in `schemas/`
    ├── UnknownName         a name that the code of an API uses, and that its tables don't have
    ├── FaultyApi           an API whose package failed; carries the place in its code
    ├── StartError          the server could not be started
    ├── ContractViolation   an answer of an API that breaks the contract; carries its violations
    ├── NeverAnswered       an answer that never comes, to a client that waits for ever
    └── VirtualTimeError    a client that virtual time can't reach

Every message says what, where, what is allowed, and the nearest valid name.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from .redaction import redact

__all__ = [
    "ContractViolation",
    "FaultyApi",
    "JobmockError",
    "NeverAnswered",
    "NoSuchDocument",
    "Origin",
    "Problem",
    "ScenarioError",
    "StartError",
    "UnknownName",
    "UnknownScenario",
    "UsageError",
    "VirtualTimeError",
    "first_problems",
    "hint",
    "nearest",
    "printable",
    "short_repr",
]

_LONGEST_SHOWN = 60
_LONGEST_COMPARED = 100
"""No longer name is taken for a misspelt one."""
_MOST_COMPARED = 200_000
"""How many pairs of characters are compared for one suggestion: that takes at most about 15 ms."""
_MOST_PROBLEMS = 100
_LIKENESS = 0.6
OF_A_TYPO = 0.75
"""How like a misspelt name is to the right one at least. Names of other things are less alike."""


class JobmockError(Exception):
    """The base class of all errors that jobmock raises. Their messages never hold a key."""

    def __init__(self, *messages: object) -> None:
        super().__init__(*(redact(each) if isinstance(each, str) else each for each in messages))


class UsageError(JobmockError):
    """A flag, a key or a control call is wrong."""


class ScenarioError(JobmockError):
    """A scenario can't be played. `problems` has one entry for each place."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


class UnknownScenario(ScenarioError):
    """No scenario has that name."""

    def __str__(self) -> str:
        return self.problems[0].message


class NoSuchDocument(JobmockError):
    """A document isn't in `schemas/`."""


class UnknownName(JobmockError):
    """The code of an API uses a name, such as that of an error, that the API's tables don't have."""


class FaultyApi(JobmockError):
    """The package of an API failed. `why` says how, and `place` where in its code: a file and a line, or None."""

    def __init__(self, text: str, why: str, place: tuple[str, int] | None) -> None:
        self.why, self.place = redact(why), place
        super().__init__(text)


class StartError(JobmockError):
    """The server could not be started, for example because its port is taken."""


class ContractViolation(JobmockError, AssertionError):
    """Answers of an API break the contract. `violations` has a LiveViolation for each place."""

    def __init__(self, violations: Sequence[Any]) -> None:
        self.violations = tuple(violations)
        many = len(self.violations)
        heading = f"The API's answers break the contract in {many} place{'s' * (many != 1)}:"
        super().__init__("\n  ".join([heading, *map(str, self.violations)]))


class NeverAnswered(JobmockError, AssertionError):
    """A client without a read timeout waits for an answer that never comes."""


class VirtualTimeError(JobmockError):
    """Virtual time can't reach what a client does. The message says what, where, and what to do instead."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """The source of a scenario: its name and, for text, the line and column of each value and key.

    `marks` (of values) and `keys` (of their keys) are indexed by JSON Pointer. Both are empty for an object.
    """

    source: str
    marks: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    keys: Mapping[str, tuple[int, int]] = field(default_factory=dict)

    def position(self, pointer: str, *, key: bool = False) -> tuple[int, int] | None:
        """Return the line and column of a value (or of its key), of its nearest known ancestor, or None."""
        if key and pointer in self.keys:
            return self.keys[pointer]
        while self.marks and pointer not in self.marks:
            pointer = pointer.rpartition("/")[0]
        return self.marks.get(pointer)


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One problem of a scenario. A scenario with nothing but warnings can be played."""

    message: str
    origin: Origin
    pointer: str = ""
    key: bool = False
    severity: str = "error"

    def __post_init__(self) -> None:
        object.__setattr__(self, "message", redact(self.message))

    @property
    def position(self) -> tuple[int, int] | None:
        """Line and column, from 1; None for a scenario that was not read from text."""
        return self.origin.position(self.pointer, key=self.key)

    @property
    def where(self) -> str:
        """`source:line:column`, or `source#pointer` for a scenario that was not read from text."""
        if (position := self.position) is None:
            return printable(redact(f"{self.origin.source}#{self.pointer}"))
        return printable("{}:{}:{}".format(redact(self.origin.source), *position))

    def __str__(self) -> str:
        return f"{self.where}: {self.severity}: {self.message}"


def printable(text: str) -> str:
    """Return the text with characters that a terminal can't show, such as line breaks, escaped."""
    return "".join(sign if sign.isprintable() else sign.encode("unicode_escape").decode() for sign in text)


def first_problems(problems: Iterable[Problem]) -> list[Problem]:
    """Return the first problems of each severity, in the order of the file, and one that counts those left out."""
    ordered = sorted(problems, key=lambda problem: problem.position or (0, 0))
    shown, seen = list[Problem](), dict[str, int]()
    for problem in ordered:
        seen[problem.severity] = seen.get(problem.severity, 0) + 1
        if seen[problem.severity] <= _MOST_PROBLEMS:
            shown.append(problem)
    for severity, count in seen.items():
        if count > _MOST_PROBLEMS:
            text = f"At least {count - _MOST_PROBLEMS} more were found; the first {_MOST_PROBLEMS} are shown."
            shown.append(Problem(message=text, origin=ordered[0].origin, severity=severity))
    return shown


def short_repr(value: object) -> str:
    """Return how Python writes a value, in at most 60 characters. Only the beginning of a long value is looked at."""
    text = ""
    for piece in _pieces(value):
        text += piece
        if len(text) > _LONGEST_SHOWN:
            break
    return text if len(text) <= _LONGEST_SHOWN else text[: _LONGEST_SHOWN - 3] + "..."


def _pieces(value: object) -> Iterator[str]:
    """Yield how Python writes a value, piece by piece. A text is cut."""
    if type(value) is list:
        yield "["
        for number, item in enumerate(value):
            yield ", " if number else ""
            yield from _pieces(item)
        yield "]"
    elif type(value) is dict:
        yield "{"
        for number, (key, item) in enumerate(value.items()):
            yield ", " if number else ""
            yield from _pieces(key)
            yield ": "
            yield from _pieces(item)
        yield "}"
    else:
        yield repr(value[: _LONGEST_SHOWN + 1] if isinstance(value, str | bytes) else value)


def nearest(name: object, allowed: Iterable[str], *, likeness: float = _LIKENESS) -> str | None:
    """Return the most similar of the allowed names, or None where none is near, or the name is too long for a typo.

    `likeness` is the least that counts, from 0 to 1. The work is limited: of very many names only the first are
    compared.
    """
    from difflib import get_close_matches

    wanted = name if isinstance(name, str) else short_repr(name)
    if len(wanted) > _LONGEST_COMPARED:
        return None
    return next(iter(get_close_matches(wanted, _comparable(wanted, allowed), n=1, cutoff=likeness)), None)


def _comparable(wanted: str, allowed: Iterable[str]) -> Iterator[str]:
    """Yield the names that may be compared with the wanted one, until enough characters are compared."""
    left = _MOST_COMPARED
    for known in allowed:
        left -= len(wanted) * min(len(known), _LONGEST_COMPARED)
        if left < 0:
            return
        if len(known) <= _LONGEST_COMPARED:
            yield known


def hint(name: object, allowed: Iterable[str], *, likeness: float = _LIKENESS) -> str:
    """Return ` Did you mean 'x'?` for the nearest of `allowed`, or an empty text where none is near."""
    near = nearest(name, allowed, likeness=likeness)
    return f" Did you mean {near!r}?" if near else ""
