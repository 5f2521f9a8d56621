"""Conformance suites: the cases of an API, from its file or made from its tables, and those in a user's own folders."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path

from .. import apis
from ..api_packages import data_of
from ..catalogue import SUFFIXES, Catalogue
from ..errors import Origin, Problem, ScenarioError, UsageError, first_problems, hint, short_repr
from .cases import Case
from .generic_cases import generic_cases
from .suite_document import SuiteDocument, read_suite

_FILE = "conformance.yaml"


@dataclass(frozen=True, slots=True, kw_only=True)
class Suite:
    """The cases of one API in the order of the scorecard, and what each group is about."""

    api: str
    groups: Mapping[str, str]
    cases: tuple[Case, ...]

    def chosen(self, groups: Sequence[str] = (), cases: Sequence[str] = ()) -> tuple[Case, ...]:
        """Return the cases of some groups whose ids match some patterns; all without any. Raises UsageError."""
        known = list(dict.fromkeys(case.group for case in self.cases))
        for group in groups:
            if group not in known:
                raise UsageError(f"There is no group {group!r}. Allowed: {', '.join(known)}.{hint(group, known)}")
        ids = [case.id for case in self.cases]
        for pattern in cases:
            if not any(fnmatchcase(one, pattern) for one in ids):
                shown = f"`jobmock conform --api {self.api} --list` shows all cases"
                raise UsageError(f"No case matches {short_repr(pattern)}.{hint(pattern, ids)} {shown}.")
        found = tuple(
            case for case in self.cases
            if (not groups or case.group in groups) and (not cases or _matches(case.id, cases))
        )  # fmt: skip
        if not found:
            raise UsageError("No case is in one of these groups and matches one of these patterns.")
        return found


def load_suite(api: str, folders: Sequence[Path] = ()) -> Suite:
    """Return the suite of an API, with the cases in the user's folders behind the bundled ones.

    Raises ScenarioError with a problem for each fault, and UsageError for an unknown API or a folder without cases.
    """
    if api not in apis.names():
        raise UsageError(f"There is no API {api!r}. Allowed: {', '.join(apis.names())}.{hint(api, apis.names())}")
    catalogue = Catalogue()
    own = [read_suite(path, catalogue) for folder in folders for path in _files_of(folder)]
    read = [_bundled(api), *((file, file.cases()) for file in own if file.api == api)]
    cases, problems = list[Case](), list[Problem]()
    known = dict[str, Origin]()
    for file, cases_of_file in read:
        for pointer, case in cases_of_file:
            if case.id in known:
                text = f"The case {case.id!r} stands in {known[case.id].source} already."
                problems.append(Problem(message=text, origin=file.origin, pointer=f"{pointer}/id"))
            known.setdefault(case.id, file.origin)
            cases.append(case)
        problems += file.problems
    if problems:
        raise ScenarioError(first_problems(problems))
    groups = {name: text for file, _ in read for name, text in file.groups.items()}
    return Suite(api=api, groups=groups, cases=tuple(cases))


@cache
def _bundled(api: str) -> tuple[SuiteDocument, Sequence[tuple[str, Case]]]:
    """Return the cases of an API, with their document: its file, or what is made from its tables. It is read once."""
    path, catalogue = data_of(api, "schemas") / _FILE, Catalogue()
    has_file = path.is_file()
    suite = read_suite(path, catalogue) if has_file else SuiteDocument(generic_cases(apis.load(api)), catalogue)
    return suite, tuple(suite.cases())


def _matches(name: str, patterns: Iterable[str]) -> bool:
    return any(fnmatchcase(name, pattern) for pattern in patterns)


def _files_of(folder: Path) -> list[Path]:
    """Return the files of a folder. Raises UsageError."""
    if not folder.is_dir():
        raise UsageError(f"{str(folder)!r} is not a folder with cases.")
    found = sorted(path for path in folder.iterdir() if path.suffix in SUFFIXES and not path.name.startswith("."))
    if not found:
        raise UsageError(f"{str(folder)!r} has no file with cases. Allowed: {', '.join(SUFFIXES)}.")
    return found
