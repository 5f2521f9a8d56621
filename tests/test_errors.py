"""The tree of errors, their messages, and hints at the nearest valid name."""

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
    first_problems,
    hint,
    short_repr,
)

TREE = re.compile(r"^    (?P<branch>[│ ├└─]*)(?P<name>[A-Z]\w+)", re.MULTILINE)


def documented_tree() -> Iterator[tuple[str, int]]:
    """Yield each name of the tree in the module's docstring, and its depth."""
    for found in TREE.finditer(errors.__doc__ or ""):
        yield found["name"], len(found["branch"]) // 4


def actual_tree(root: type[Exception], depth: int = 0) -> Iterator[tuple[str, int]]:
    """Yield `root` and each class below it, with their depths."""
    yield root.__name__, depth
    for below in root.__subclasses__():
        if below.__module__ == errors.__name__:
            yield from actual_tree(below, depth + 1)


def test_tree() -> None:
    """The tree in the module's docstring has exactly the classes of the module."""
    assert sorted(documented_tree()) == sorted(actual_tree(JobmockError))
    assert next(documented_tree()) == ("JobmockError", 0)


def test_all() -> None:
    """`__all__` is sorted and complete, and each class has a docstring."""
    public = [
        name
        for name, value in vars(errors).items()
        if getattr(value, "__module__", "") == errors.__name__ and not name.startswith("_")
    ]
    assert sorted(public) == errors.__all__
    assert all((inspect.getdoc(getattr(errors, name)) or "").endswith(".") for name in errors.__all__)


@pytest.mark.parametrize("kind", [UsageError, NoSuchDocument, StartError])
def test_one_root(kind: type[JobmockError]) -> None:
    """Each error of this package can be caught as JobmockError, and keeps its message."""
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
    """A ScenarioError shows each of its problems on its own line, with its place."""
    error = ScenarioError(PROBLEMS)
    assert error.problems == tuple(PROBLEMS)
    assert str(error) == "a.yaml:4:3: error: Unknown key 'afer'.\n<object>#/results/count: warning: Too many."


def test_problems_do_not_change() -> None:
    """An error keeps its problems if the list that it was made from changes."""
    problems = PROBLEMS[:1]
    error = ScenarioError(problems)
    problems.clear()
    assert error.problems == tuple(PROBLEMS[:1])


def test_unknown_scenario() -> None:
    """An UnknownScenario is a ScenarioError that shows only its message, without a place."""
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
    """The hint names the nearest allowed name; it is empty if none is near."""
    assert hint(name, allowed) == expected


def test_hint_takes_any_iterable() -> None:
    """The allowed names may be a generator or the keys of a mapping."""
    assert hint("pendin", (name for name in ALLOWED)) == " Did you mean 'pending'?"
    assert hint("pendin", dict.fromkeys(ALLOWED)) == " Did you mean 'pending'?"


def noted(names: list[str], compared: list[str]) -> Iterator[str]:
    """Yield the names, and note each that was taken."""
    for name in names:
        compared.append(name)
        yield name


def test_a_long_name_has_no_nearest() -> None:
    """A name that is too long for a typo is compared with nothing, whatever it is like."""
    compared = list[str]()
    assert hint("a" * 60_000, noted(["a" * 60_000], compared)) == ""
    assert compared == []
    assert hint("pending", ["pendin" + "g" * 60_000, "pendin"]) == " Did you mean 'pendin'?"
    assert hint({"pending": "x" * 60_000}, ALLOWED) == ""


@pytest.mark.parametrize("length", [1, 20, 100])
def test_the_nearest_of_very_many_names_takes_bounded_work(length: int) -> None:
    """Of 300,000 allowed names only so many are compared as take a fraction of a second; near ones among them count."""
    compared = list[str]()
    names = ["z" * length, *(["x" * length] * 300_000)]
    assert hint("z" * length, noted(names, compared)) == f" Did you mean {'z' * length!r}?"
    assert len(compared) * length <= 210_000


def test_first_problems() -> None:
    """Of very many problems a hundred of each severity are kept, in the order of the file, and the others counted."""
    origin = Origin(source="s", marks={f"/{line}": (line, 1) for line in range(1, 302)})

    def problem(line: int, severity: str) -> Problem:
        return Problem(message=f"{line}", origin=origin, pointer=f"/{line}", severity=severity)

    warnings = [problem(line, "warning") for line in range(1, 301)]
    found = first_problems([problem(301, "error"), *reversed(warnings)])
    assert found[:101] == [*warnings[:100], problem(301, "error")]
    assert [(one.message, one.severity) for one in found[101:]] == [
        ("At least 200 more were found; the first 100 are shown.", "warning"),
    ]  # fmt: skip


class Unshown:
    """A value that must not be written."""

    def __repr__(self) -> str:
        raise AssertionError("It was written.")


@pytest.mark.parametrize("long", [
    [*range(60), Unshown()], {**{f"m{number}": number for number in range(60)}, "last": Unshown()},
    [[["x" * 60, Unshown()]], Unshown()],
])  # fmt: skip
def test_short_repr_of_a_long_value(long: object) -> None:
    """Of a long value only the beginning is written, and looked at."""
    assert len(short_repr(long)) == 60 and short_repr(long).endswith("...")


@pytest.mark.parametrize("value", [[], {}, [1, {"a": [None]}, "b"], {"a": {}, 1: [True]}, (1, [2]), 1.5, "it's", b"x"])
def test_short_repr_of_a_short_value(value: object) -> None:
    """A short value is written as Python writes it."""
    assert short_repr(value) == repr(value)
