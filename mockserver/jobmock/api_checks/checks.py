"""The table of all checks of an API, and what runs them in order."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from typing import NamedTuple

from .. import api_packages, apis
from ..errors import Problem, UsageError
from .checked_api import CheckedApi, Finding, checked_api
from .documents_of_api import check_documents, check_examples
from .members import check_members
from .operations import check_error_names, check_operations
from .played_answers import check_answers_about_jobs, check_starts
from .read_results import check_results
from .refusals import check_key, check_refusals
from .scenarios_of_api import check_coverage_table, check_scenarios
from .status_document import check_status_documents
from .statuses import check_statuses
from .words import check_words


class Check(NamedTuple):
    """One kind of check: what it is about, what finds problems, and the checks that must have found no error before."""

    about: str
    problems: Callable[[CheckedApi], Iterator[Problem]]
    needs: tuple[str, ...] = ()


_TABLES = ("statuses", "operations", "errors", "documents", "words of scenarios")
CHECKS = (
    Check("members", check_members),
    Check("statuses", check_statuses, ("members",)),
    Check("operations", check_operations, ("members",)),
    Check("errors", check_error_names, ("members",)),
    Check("documents", check_documents, ("members",)),
    Check("examples", check_examples, ("documents",)),
    Check("words of scenarios", check_words, ("documents",)),
    Check("status document", check_status_documents, ("documents", "operations")),
    Check("key", check_key, ("errors",)),
    Check("refusals", check_refusals, ("operations", "errors", "documents", "key")),
    Check("answers", check_answers_about_jobs, (*_TABLES, "key")),
    Check("starts", check_starts, (*_TABLES, "key")),
    Check("results", check_results, (*_TABLES, "answers")),
    Check("scenarios", check_scenarios, _TABLES),
    Check("coverage table", check_coverage_table, _TABLES),
)
"""All checks. A mistake in a table would show in many answers, so these are then not looked at."""


def check_api(name: str) -> list[Problem]:
    """Return the problems of the API with a name. Raises UsageError if there is no package for that name."""
    package = api_packages.found().usable.get(name)
    if package is None:
        raise UsageError(apis.why_unusable(name))
    subject = checked_api(package)
    if isinstance(subject, Problem):
        return [subject]
    found, failed, left_out = list[Problem](), set[str](), list[str]()
    for check in CHECKS:
        if failed.intersection(check.needs):
            left_out.append(check.about)
            failed.add(check.about)
            continue
        problems = list(_run(check, subject))
        found += problems
        if any(problem.severity == "error" for problem in problems):
            failed.add(check.about)
    if left_out:
        text = f"Not checked because of these errors: {', '.join(left_out)}."
        found.append(subject.at(message=text, severity="note"))
    return _merged(found)


def _merged(found: Iterable[Problem]) -> list[Problem]:
    """Return these problems, of those with one cause only the first, which says at how many other places it shows."""
    places: dict[object, list[Problem]] = {}
    for problem in found:
        same = problem.same if isinstance(problem, Finding) else None
        places.setdefault((problem.severity, same or (problem.where, problem.message)), []).append(problem)
    return [_with_count(first, len(others)) for first, *others in places.values()]


def _with_count(problem: Problem, others: int) -> Problem:
    if not others:
        return problem
    ended = problem.message if problem.message.endswith((".", "?")) else f"{problem.message}."
    return replace(problem, message=f"{ended} It shows at {others} other place{'s' * (others != 1)} too.")


def _run(check: Check, subject: CheckedApi) -> Iterator[Problem]:
    """Yield the problems of one check. What the API's own tables and functions raise is a problem too."""
    try:
        yield from check.problems(subject)
    except Exception as error:
        yield subject.failure(error=error, doing=f"The {check.about} can't be checked")
