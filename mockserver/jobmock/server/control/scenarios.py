"""The scenarios: a list with the errors of broken files, one as YAML, text or picture, and the check of a text."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from typing import Any

from starlette.responses import Response

from ...catalogue import Catalogue
from ...engine.namespace import Namespace
from ...engine.progression import Plan
from ...errors import Problem as ScenarioProblem
from ...errors import ScenarioError, UsageError, hint, short_repr
from .fields import Body, Problem, fields
from .long_calls import LongCall

GIVEN = {"scenario": (str, dict), "yaml": (str,)}
"""The fields by which a call gives a scenario: its name or the whole as JSON, or a text of YAML."""
_SVG_POLICY = {"content-security-policy": "default-src 'none'; style-src 'unsafe-inline'; sandbox"}


def plan_maker(catalogue: Catalogue, given: Body, api: str | None) -> Callable[[], Plan]:
    """Return a function that compiles the scenario that a call gives. Raises Problem unless it gives one."""
    if len(given.keys() & GIVEN.keys()) != 1:
        raise Problem(400, "A call gives one scenario: 'scenario' is its name or an object, 'yaml' is its text.")
    if "yaml" not in given:
        return partial(catalogue.resolve, given["scenario"], api)
    return lambda: catalogue.resolve(_parsed(given["yaml"]), api)


def listed(catalogue: Catalogue, namespace: Namespace | None, body: Body) -> LongCall:
    """Return every scenario with the errors of its file. One without an API can't be played. Raises Problem."""
    fields(body, {}, {})
    broken = dict(catalogue.problems)
    return LongCall(lambda: _rows(catalogue, broken))


def shown(catalogue: Catalogue, namespace: Namespace | None, body: Body) -> LongCall:
    """Return a scenario by its name, or that of a job, in one of three forms. Raises Problem."""
    given = fields(body, {}, {"name": (str,), "job": (str,), "format": (str,)})
    form = given.get("format", "yaml")
    if form not in _FORMS:
        raise Problem(400, f"'format' is {short_repr(form)}. Allowed: {', '.join(_FORMS)}.{hint(form, _FORMS)}")
    if ("name" in given) == ("job" in given):
        raise Problem(400, "Send either 'name', which is a scenario's, or 'job' with the namespace of the job.")
    if "name" in given:
        return LongCall(lambda: _in_form(catalogue.plan(given["name"]), form))
    return LongCall(partial(_in_form, _plan_of_job(namespace, given["job"]), form))


def linted(namespace: Namespace | None, body: Body) -> LongCall:
    """Return what is wrong with a text of YAML, with lines and columns that count from 1. Raises Problem."""
    text = fields(body, {"yaml": (str,)}, {})["yaml"]
    return LongCall(lambda: _linted(text))


def errors_of(problems: Iterable[ScenarioProblem]) -> list[dict[str, str]]:
    """Return problems as JSON, with their places."""
    return [{"where": problem.where, "detail": problem.message} for problem in problems]


def _plan_of_job(namespace: Namespace | None, job_id: str) -> Plan:
    """Return what a job plays. Raises Problem."""
    if namespace is None:
        raise Problem(400, "A job belongs to a key: send it as a bearer token, or name its namespace.")
    for job in tuple(namespace.jobs.values()):
        if job_id in (job.id, job.redacted):
            return job.plan
    raise Problem(404, f"{namespace.name} has no job {short_repr(job_id)}. GET jobs shows the jobs that there are.")


def _in_form(plan: Plan, form: str) -> Response:
    make, kind, headers = _FORMS[form]
    return Response(make(plan), media_type=kind, headers=headers)


def _yaml(plan: Plan) -> str:
    from ...scenario import to_text

    return to_text(plan.scenario)


def _text(plan: Plan) -> str:
    from ...catalogue.explain_scenario import explain

    return explain(plan)


def _svg(plan: Plan) -> str:
    from ...timelines.scenario_svg import scenario_svg

    return scenario_svg(plan)


_FORMS: dict[str, tuple[Callable[[Plan], str], str, dict[str, str]]] = {
    "yaml": (_yaml, "application/yaml", {}),
    "text": (_text, "text/plain", {}),
    "svg": (_svg, "image/svg+xml", _SVG_POLICY),
}


def _parsed(text: str) -> Any:
    from ...scenario import from_text

    return from_text(text, source="yaml")


def _linted(text: str) -> dict[str, Any]:
    from ...catalogue.scenario_validation import check_scenario

    try:
        scenario = _parsed(text)
        found = check_scenario(scenario)[1]
        return {"api": scenario.api, "errors": list(map(_error, found))}
    except ScenarioError as error:
        return {"api": None, "errors": list(map(_error, error.problems))}
    except UsageError as error:
        raise Problem(400, str(error)) from None


def _error(problem: ScenarioProblem) -> dict[str, Any]:
    line, column = problem.position or (None, None)
    return {
        "line": line, "column": column, "severity": problem.severity, "where": problem.where, "detail": problem.message,
    }  # fmt: skip


def _rows(catalogue: Catalogue, broken: dict[Path, tuple[ScenarioProblem, ...]]) -> list[dict[str, Any]]:
    errors = {str(path): errors_of(problems) for path, problems in broken.items()}
    rows: list[dict[str, Any]] = [
        {**entry.row(), "errors": errors.get(entry.source, [])} for entry in catalogue.entries()
    ]
    played = {row["source"] for row in rows}
    rows += [
        {"name": catalogue.name_of(Path(path)), "api": None, "summary": None, "source": path, "errors": found}
        for path, found in errors.items() if path not in played
    ]  # fmt: skip
    return sorted(rows, key=lambda row: str(row["name"]))
