"""Schemathesis against the running mock: it draws requests from the OpenAPI documents and checks every answer."""

from __future__ import annotations

import json
import random
import re
import warnings
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple
from urllib.parse import unquote

import httpx
import pytest
from tests.support import EPOCH, JOBS, KEYS, scenario

from jobmock import apis
from jobmock.catalogue import Catalogue
from jobmock.clock import Clock
from jobmock.contract import documents
from jobmock.dialect import openapi_documents
from jobmock.engine.namespace import Namespace, Namespaces
from jobmock.engine.progression import ABSENT
from jobmock.models import Scenario
from jobmock.server.app import create_app
from jobmock.server.serving import running
from jobmock.service.service import Service

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # Not ours: some of Schemathesis's dependencies warn when they are imported.
    import schemathesis
    from schemathesis import engine
    from schemathesis.core.failures import AcceptedNegativeData, Failure
    from schemathesis.engine import Status, events
    from schemathesis.hooks import GLOBAL_HOOK_DISPATCHER
    from schemathesis.openapi.checks import EnsureResourceAvailability, RejectedPositiveData

Case = schemathesis.Case[Any]
Response = schemathesis.Response

_PLENTY = 2**62
_HOUR = 3600


class Exempt(NamedTuple):
    """A failure that doesn't count because of a documented fact: its check, operations and condition."""

    api: str
    failure: type[Failure]
    operations: tuple[str, ...]
    when: Callable[[Case, Response], bool]
    fact: str


def _body(case: Case) -> Any:
    return case.body


def _code(response: Response) -> str:
    return str(json.loads(response.content)["error"]["code"]).removeprefix("developer_deep_search_")


def _odd_email(case: Case, response: Response) -> bool:
    return _code(response) == "email_invalid" and not re.fullmatch("[!-~]+", _body(case)["email"])


def _odd_url(case: Case, response: Response) -> bool:
    """Return whether a URL has a host with other characters than letters, digits, dots and dashes."""
    fields = {"url_invalid": "urls", "linkedin_invalid": "linkedinUrl"}
    given = _body(case).get(fields.get(_code(response)), [])
    urls = [given] if isinstance(given, str) else given
    return any(not re.fullmatch(r"https?://[A-Za-z0-9.-]+([/?#][!-~]*)?", url) for url in urls)


EXEMPT = (
    Exempt(
        "clado", AcceptedNegativeData, ("status",),
        lambda case, response: "page" not in case.query and set(case.query) >= {"page_size"},
        "page_size without page is neither used nor checked (schemas/clado/README.md#11.13)",
    ),
    Exempt(
        "clado", RejectedPositiveData, ("status",),
        lambda case, response: response.status_code == 422 and case.query["page"] >= 10**18,
        "page has at most 18 digits, else it is no number (schemas/clado/README.md#11.14)",
    ),
    Exempt(
        "orbit", RejectedPositiveData, ("start",),
        lambda case, response: _code(response) == "structured_intent_invalid" and b"min above max" in response.content,
        "min is not above max, which no keyword of JSON Schema can say (schemas/orbit/README.md#3.3)",
    ),
    Exempt(
        "orbit", RejectedPositiveData, ("start",),
        lambda case, response: (
            _code(response) == "unprocessable_seed" and _body(case)["runShape"] == "candidate_discovery"
            and not set(_body(case).get("structuredIntent", {})) - {"version"}
        ),
        "candidate_discovery needs a structuredIntent, as start-request.json says in words"
        " (schemas/orbit/README.md#11.17)",
    ),
    Exempt(
        "orbit", RejectedPositiveData, ("start",), _odd_email,
        "an address has one @, a dotted domain and no blanks; outside of visible ASCII the dialects of regular "
        "expressions differ in what a blank is (schemas/orbit/README.md#11.15)",
    ),
    Exempt(
        "orbit", RejectedPositiveData, ("start",), _odd_url,
        "each entry is a URL; a pattern can't say which hosts are none, such as `[`"
        " (schemas/orbit/README.md#3.1,#11.16)",
    ),
    Exempt(
        "orbit", EnsureResourceAvailability, ("events",),
        lambda case, response: response.status_code == 404,
        "the route was removed: it answers an error for a run that is there, too (schemas/orbit/README.md#1,#11.33)",
    ),
)  # fmt: skip
"""Every check is on; these failures of them don't count."""


class Outcome(NamedTuple):
    """The result of a run: its failures, the answers by operation and status, and the used exemptions."""

    failures: list[str]
    answers: Counter[tuple[str, int]]
    exempted: Counter[Exempt]
    cases: int


def campaign(api: str, examples: int, seed: int = 0) -> Outcome:
    """Let Schemathesis draw about so many examples for each operation of an API, from the seed alone."""
    limits = dict.fromkeys((operation.name for operation in apis.load(api).operations), None)
    namespaces = Namespaces(clock=lambda: Clock("manual", start=EPOCH))
    switches = {"clado": {"credit_check": "one"}}  # No balance is enough for any `limit`.
    service = Service(Catalogue(), namespaces, limits={api: limits}, switches=switches)
    outcome = Outcome([], Counter(), Counter(), 0)
    with running(create_app(service)) as url:
        known = _prepared(service, api, url)
        schema = schemathesis.openapi.from_url(
            f"{url}/__jobmock/openapi/{api}.json", config=_config(url, KEYS[api], examples, seed)
        )
        _hook(schema, api, outcome)
        cases = 0
        with _meeting(known, service.namespace(apis.load(api), KEYS[api])):
            for event in engine.from_schema(schema).execute():
                cases += len(event.recorder.cases) if isinstance(event, events.ScenarioFinished) else 0
                outcome.failures.extend(_failures(event))
    return outcome._replace(cases=cases)


def _config(url: str, key: str, examples: int, seed: int) -> schemathesis.Config:
    return schemathesis.Config.from_dict({
        "seed": seed,
        "base-url": url,
        "headers": {"Authorization": f"Bearer {key}"},
        "continue-on-failure": True,
        "checks": {"enabled": True},
        "generation": {"max-examples": examples, "deterministic": True, "database": "none"},
    })  # fmt: skip


def _prepared(service: Service, api: str, url: str) -> dict[str, list[str]]:
    """Give the key plenty of credits and jobs of every kind; return the ids that may meet a parameter or operation.

    Half of the jobs are an hour old, half are new; none has faults, can't be found, or breaks the contract.
    """
    statuses = [status for status in documents.definitions(api)["status"]["enum"] if status != ABSENT]
    wanted: list[Any] = [scenario(api, status) for status in statuses]
    bundled = [name for name in service.catalogue.names() if name.startswith(f"{api}/")]
    wanted += [name for name in bundled if _sound(service.catalogue.plan(name).scenario)]
    if api == "clado":
        wanted += [scenario(api, "completed", more={"count": 40}) for _ in range(30)]
    else:
        shapes = documents.definitions(api)["run_shape"]["enum"]
        kinds = [(status, shape) for status in statuses for shape in shapes]
        kinds.remove(("generating_sections", "candidate_discovery"))  # schemas/orbit/README.md#5
        wanted += [scenario(api, status, run_shape=shape) for status, shape in kinds]
    headers = {"authorization": f"Bearer {KEYS[api]}"}
    jobs: list[str] = []
    profiles: list[str] = []
    with httpx.Client(base_url=url, headers=headers) as client:
        for seconds in (_HOUR, 0):
            for script in wanted:
                made = client.post("/__jobmock/jobs", json={"scenario": script})
                assert made.status_code == 201, made.text
                jobs.append(made.json()["id"])
            client.post("/__jobmock/clock/advance", json={"seconds": seconds})
        for job in jobs if api == "orbit" else ():
            result = client.get(f"{JOBS[api]}/{job}").json().get("result") or {}
            profiles += [result["id"]] if "id" in result else result.get("profile_ids", [])[:1]
    namespace = service.namespace(apis.load(api), KEYS[api])
    namespace.credits.balance = _PLENTY
    more = jobs + 3 * [job.id for job in namespace.jobs.values() if job.plan.scenario.more]
    known = {"job_id": jobs, "requestId": jobs, "id": profiles, "more": more, "continue": more}
    return {name: [*ids, *["nobody"] * (1 + len(ids) // 6)] for name, ids in known.items()}


def _sound(script: Scenario) -> bool:
    return not script.faults and not any(step.violates or step.status == ABSENT for step in script.progression)


@contextmanager
def _meeting(known: dict[str, list[str]], namespace: Namespace) -> Iterator[None]:
    """Put a known id into four paths in five, unless it is meant to be wrong or comes from an answer."""
    draw = random.Random(0)

    def before_call(context: schemathesis.HookContext, case: Case, kwargs: dict[str, Any]) -> None:
        meta = case.meta
        if meta is None or meta.phase.name.value == "stateful" or any(
            location.value == "path" and info.mode.is_negative for location, info in meta.components.items()
        ):
            return
        for name, value in (case.path_parameters or {}).items():
            if unquote(str(value)) not in namespace.jobs and draw.random() < 0.8:
                operation = str(case.operation.definition.raw["operationId"])
                case.path_parameters[name] = draw.choice(known.get(operation) or known[name])

    schemathesis.hook(before_call)
    try:
        yield
    finally:
        GLOBAL_HOOK_DISPATCHER.unregister(before_call)


def _hook(schema: schemathesis.BaseSchema, api: str, outcome: Outcome) -> None:
    """Count the answers, and drop the failures that are exempt."""

    def after_call(
        context: schemathesis.HookContext, case: Case, response: Response
    ) -> None:
        if response.request.method == case.operation.method.upper():
            outcome.answers[str(case.operation.definition.raw["operationId"]), response.status_code] += 1

    def filter_failure(
        context: schemathesis.HookContext, failure: Failure, case: Case, response: Response
    ) -> bool:
        operation = case.operation.definition.raw["operationId"]
        for exempt in EXEMPT:
            if (
                api == exempt.api and operation in exempt.operations
                and isinstance(failure, exempt.failure) and exempt.when(case, response)
            ):  # fmt: skip
                outcome.exempted[exempt] += 1
                return False
        return True

    schema.hook(after_call)
    schema.hook(filter_failure)


def _failures(event: events.EngineEvent) -> Iterator[str]:
    """Yield the failures of an event as text."""
    if isinstance(event, events.ScenarioFinished):
        for case_id, nodes in event.recorder.checks.items():
            answer = event.recorder.interactions[case_id].response
            for info in filter(None, (node.failure_info for node in nodes)):
                got = f"{answer.status_code} {answer.content[:300]!r}" if answer else "no answer"
                yield f"{info.failure.operation}: {info.failure.message}\nGot: {got}\n{info.code_sample}"
    elif isinstance(event, events.NonFatalError):
        yield f"{event.label}: {event.value!r}"
    elif isinstance(event, events.FatalError):
        yield repr(event.exception)
    elif isinstance(event, events.PhaseFinished) and event.status in (Status.ERROR, Status.INTERRUPTED):
        yield f"The phase {event.phase.name.value} ended with {event.status.value}."


MET = {
    "clado": {
        *[("start", 200), ("start", 422), ("status", 200), ("status", 400), ("status", 404), ("status", 422)],
        *[("cancel", 200), ("cancel", 409), ("credits", 200), ("credits", 401)],
        *[("more", 200), ("more", 409), ("more", 422), ("continue", 409), ("continue", 422)],
    },
    "orbit": {
        *[("start", 202), ("start", 400), ("start", 401), ("status", 200), ("status", 404), ("events", 404)],
        *[("profile", 200), ("profile", 404)],
    },
}
"""Answers that a long run has to meet, or it has shown nothing."""
FEW = 2
"""Examples of each operation; the campaign `contract-by-schemathesis` draws hundreds."""


@pytest.mark.parametrize("api", apis.names())
def test_the_mock_keeps_its_openapi_document(api: str) -> None:
    """Answers to all requests that Schemathesis makes pass all its checks, but for EXEMPT."""
    outcome = campaign(api, examples=FEW)
    assert outcome.failures == []
    assert {name for name, _ in MET[api]} <= {name for name, status in outcome.answers if status < 500}


def test_exemptions_cite_their_facts() -> None:
    """Each exemption names existing operations, and the page of its fact."""
    for exempt in EXEMPT:
        paths = openapi_documents.bundled(apis.load(exempt.api))["paths"].values()
        ids = {operation["operationId"] for item in paths for operation in item.values() if isinstance(operation, dict)}
        assert set(exempt.operations) <= ids
        assert f"(schemas/{exempt.api}/README.md#" in exempt.fact
