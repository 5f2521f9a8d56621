"""The views of jobs, as an API's operations get them."""

from __future__ import annotations

import pytest
from tests.support import EPOCH, Mock, scenario

from jobmock import apis
from jobmock.dialect import Answer, JobView, RequestContext, current_view, start_job, status_operation, views_of_key
from jobmock.models import Request


def call(mock: Mock, key: str = "lk_test", host: str = "one.invalid", scheme: str = "https") -> RequestContext:
    """Return a request of Clado's status, with a host."""
    api = apis.load("clado")
    request = Request("GET", b"/", b"", ((b"host", host.encode()),), scheme=scheme)
    made = RequestContext(request, api, mock.service.defaults, api.operation_named("status"), {})
    made.namespace, made.now = mock.namespace("clado", key), EPOCH
    return made


def test_a_job_with_results_and_facts_of_its_own(mock: Mock) -> None:
    """A start can say how many results its job ends with, and what belongs to it. Else the scenario says how many."""
    mock.namespace("clado").use(mock.service.catalogue.plan("clado/at-once"))
    request = call(mock)
    start_job(request, count=7, facts={"colour": "red"})
    view = current_view(request)
    assert (view.people, view.shown, view.facts) == (7, 7, {"colour": "red"})
    start_job(request)
    view = current_view(request)
    assert (view.people, view.facts) == (view.plan.scenario.results.count, {})


def test_a_view_knows_how_the_client_knows_the_server(mock: Mock) -> None:
    """The whole URL of a path has the scheme and the host of the request."""
    request = call(mock, host="one.invalid:8443")
    start_job(request)
    for view in (current_view(request), *views_of_key(request)):
        assert view.url("/rows") == "https://one.invalid:8443/rows"


@pytest.mark.parametrize(("other", "scheme"), [("two.invalid", "https"), ("one.invalid", "http")])
def test_a_kept_answer_has_the_url_of_its_client(mock: Mock, other: str, scheme: str) -> None:
    """Two clients that know the server by different URLs each get their own, although answers are kept."""
    answer = status_operation(lambda view: Answer(200, {"url": view.url("/rows")}))
    request = call(mock)
    job = start_job(request)
    seen = []
    for context in (request, call(mock, host=other, scheme=scheme), request):
        context.use_job(job)
        seen.append(answer(context).body.body["url"])
    assert seen == ["https://one.invalid/rows", f"{scheme}://{other}/rows", "https://one.invalid/rows"]


def test_all_jobs_of_a_key(mock: Mock) -> None:
    """The newest job comes first. Those of other keys, and those that can't be found now, aren't there."""
    jobs = [mock.play("clado", scenario("clado", *steps)) for steps in (["completed"], ["not_found"], ["pending"])]
    mock.play("clado", "clado/at-once", key="lk_other")
    listed: list[JobView] = list(views_of_key(call(mock)))
    assert [(view.job_id, view.stage.status) for view in listed] == [(jobs[2], "pending"), (jobs[0], "completed")]
    assert list(views_of_key(call(mock, key="lk_third"))) == []
