"""All errors belong to one tree, have their place, and name the nearest valid name."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator

import pytest

from jobmock import errors
from jobmock.errors import (
    JobmockError,
    NoSuchDocument,
    Origin,
    Problem,
    ScenarioError,
    StartError,
    UnknownScenario,
    UsageError,
    hint,
)

TREE = re.compile(r"^    (?P<branch>[│ ├└─]*)(?P<name>[A-Z]\w+)", re.MULTILINE)


def drawn() -> Iterator[tuple[str, int]]:
    """Yield each name of the tree in the module's docstring, and how deep it is drawn."""
    for found in TREE.finditer(errors.__doc__ or ""):
        yield found["name"], len(found["branch"]) // 4


def walked(root: type[Exception], depth: int = 0) -> Iterator[tuple[str, int]]:
    """Yield each class below `root`, and how deep it is."""
    yield root.__name__, depth
    for below in root.__subclasses__():
        if below.__module__ == errors.__name__:
            yield from walked(below, depth + 1)


def test_tree() -> None:
    """The tree drawn at the top of the module is the tree there is."""
    assert sorted(drawn()) == sorted(walked(JobmockError))
    assert next(drawn()) == ("JobmockError", 0)


def test_all() -> None:
    """`__all__` is sorted and complete, and each class has a docstring of one sentence."""
    public = [
        name
        for name, value in vars(errors).items()
        if getattr(value, "__module__", "") == errors.__name__ and not name.startswith("_")
    ]
    assert sorted(public) == errors.__all__
    assert all((inspect.getdoc(getattr(errors, name)) or "").endswith(".") for name in errors.__all__)


@pytest.mark.parametrize("kind", [UsageError, NoSuchDocument, StartError])
def test_one_root(kind: type[JobmockError]) -> None:
    """Each error of this package can be caught by the base class, and has its message."""
    with pytest.raises(JobmockError, match=r"^Port 80 is taken\.$"):
        raise kind("Port 80 is taken.")
    assert not issubclass(kind, ScenarioError)


PROBLEMS = [
    Problem(
        message="Unknown key 'afer'.",
        origin=Origin(source="a.yaml", marks={"": (1, 1), "/afer": (4, 7)}, keys={"/afer": (4, 3)}),
        pointer="/afer",
        key=True,
    ),
    Problem(message="Too many.", origin=Origin(source="<object>"), pointer="/results/count", severity="warning"),
]


def test_scenario_error() -> None:
    """A ScenarioError shows each of its problems with its place on a line of its own."""
    error = ScenarioError(PROBLEMS)
    assert error.problems == tuple(PROBLEMS)
    assert str(error) == "a.yaml:4:3: error: Unknown key 'afer'.\n<object>#/results/count: warning: Too many."


def test_problems_do_not_change() -> None:
    """An error keeps its problems if the list that it was made of grows."""
    problems = PROBLEMS[:1]
    error = ScenarioError(problems)
    problems.clear()
    assert error.problems == tuple(PROBLEMS[:1])


def test_unknown_scenario() -> None:
    """An UnknownScenario has no place, so it shows only its message; it is a ScenarioError too."""
    error = UnknownScenario([Problem(message="There is no scenario 'clado/usul'.", origin=Origin(source="clado/usul"))])
    assert str(error) == "There is no scenario 'clado/usul'."
    assert isinstance(error, ScenarioError) and len(error.problems) == 1


ALLOWED = ("pending", "searching", "processing", "completed")


@pytest.mark.parametrize(
    ("name", "allowed", "expected"),
    [
        ("pendin", ALLOWED, " Did you mean 'pending'?"),
        ("complete", ALLOWED, " Did you mean 'completed'?"),
        ("procesing", ALLOWED, " Did you mean 'processing'?"),
        ("completed", ALLOWED, " Did you mean 'completed'?"),
        ("zzz", ALLOWED, ""),
        ("", ALLOWED, ""),
        ("pendin", (), ""),
        (True, ("true", "True"), " Did you mean 'True'?"),
        (404, ("402", "403", "40"), " Did you mean '40'?"),
        (None, ("pending",), ""),
        ("it's", ("its",), " Did you mean 'its'?"),
    ],
)
def test_hint(name: object, allowed: tuple[str, ...], expected: str) -> None:
    """The hint quotes the nearest allowed name after a space; it is empty if none is near."""
    assert hint(name, allowed) == expected


def test_hint_takes_any_iterable() -> None:
    """The allowed names may come from a generator or be the keys of a mapping."""
    assert hint("pendin", (name for name in ALLOWED)) == " Did you mean 'pending'?"
    assert hint("pendin", dict.fromkeys(ALLOWED)) == " Did you mean 'pending'?"
