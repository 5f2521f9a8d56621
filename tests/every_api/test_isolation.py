"""Two keys of an API see nothing of each other. Where an API has no keys, two servers take their place."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any, NamedTuple

import httpx
import pytest
from tests.api_facts import content_of, job_id_of, key_headers, operation_of, path_of, start_body, status_of
from tests.support import EPOCH, Mock

from jobmock import apis
from jobmock.catalogue import Catalogue
from jobmock.clock import SECOND, Clock
from jobmock.contract import body_validation
from jobmock.dialect.api import Api
from jobmock.engine.namespace import Namespace, Namespaces
from jobmock.server.app import create_app
from jobmock.server.serving import running
from jobmock.service.service import Service


class Party(NamedTuple):
    """A client with its key, and what the server has for that key."""

    api: Api
    mock: Mock
    key: str
    http: httpx.Client

    @property
    def namespace(self) -> Namespace:
        return self.mock.namespace(self.api.name, self.key)

    def play(self, *steps: dict[str, Any]) -> None:
        """Let new jobs have these steps."""
        plan = {"version": 1, "api": self.api.name, "progression": list(steps)}
        self.namespace.use(self.mock.service.catalogue.resolve(plan, self.api.name))

    def start(self, job: str | None = None) -> str:
        """Start a job, with this id if the client chooses it; return its id."""
        start = operation_of(self.api, "start")
        answer = self.http.request(start.method, path_of(start, job), json=start_body(self.api)).raise_for_status()
        made = job_id_of(self.api, answer.content, answer.headers)
        assert made is not None
        return made

    def poll(self, job: str) -> httpx.Response:
        status = operation_of(self.api, "status")
        return self.http.request(status.method, path_of(status, job))

    def status(self, job: str) -> str | None:
        return status_of(self.api, self.poll(job).content)


@pytest.fixture
def two(api: str, catalogue: Catalogue) -> Iterator[tuple[Party, Party]]:
    """Two clients of an API: of one server, or of two if the API has no keys."""
    known = apis.load(api)
    with ExitStack() as stack:

        def served() -> tuple[Mock, str]:
            mock = Mock(Service(catalogue, Namespaces(clock=lambda: Clock("manual", start=EPOCH))))
            return mock, stack.enter_context(running(create_app(mock.service)))

        def party(mock: Mock, url: str, key: str) -> Party:
            client = httpx.Client(base_url=url, headers=key_headers(known, key), trust_env=False)
            return Party(known, mock, key, stack.enter_context(client))

        first = served()
        second = served() if known.credential.header is None else first
        yield party(*first, known.key("one")), party(*second, known.key("two"))


def working(api: Api) -> str:
    """Return a status of a job that is still at work."""
    return next(status for status in api.transitions if status not in api.terminal)


def ended(api: Api) -> str:
    """Return a terminal status."""
    return next(status for status in api.transitions if status in api.terminal)


@pytest.mark.parametrize("api", apis.names())
def test_jobs(api: str, two: tuple[Party, Party]) -> None:
    """A job of one is refused to the other as one that isn't there, by each operation, and stays as it was."""
    one, other = two
    job = one.start()
    before = one.poll(job).content
    gone = {one.api.errors[name][0] for name in (one.api.foreign_job_error, one.api.not_found_error)}
    for operation in one.api.operations:
        if "{job}" in operation.path and not operation.creates:
            answer = other.http.request(operation.method, path_of(operation, job))
            document = f"{api}/{operation.replies[answer.status_code]}"
            assert answer.status_code in gone
            assert body_validation.violations(document, content_of(answer.content)) == []
    assert one.poll(job).content == before and not other.namespace.jobs


@pytest.mark.parametrize("api", apis.names())
def test_scenarios(api: str, two: tuple[Party, Party]) -> None:
    """Each plays the scenario of its own key, also to jobs with the same id."""
    one, other = two
    one.play({"status": working(one.api)})
    other.play({"status": ended(one.api)})
    assert one.status(one.start("same")) == working(one.api)
    assert other.status(other.start("same")) == ended(one.api)


@pytest.mark.parametrize("api", apis.names())
def test_time(api: str, two: tuple[Party, Party]) -> None:
    """When the clock of one moves, the jobs of the other stay where they are."""
    one, other = two
    for party in two:
        party.play({"status": working(one.api), "after": {"seconds": 9}}, {"status": ended(one.api)})
    jobs = [party.start() for party in two]
    one.namespace.clock.advance(10 * SECOND)
    assert (one.status(jobs[0]), other.status(jobs[1])) == (ended(one.api), working(one.api))


@pytest.mark.parametrize("api", apis.names())
def test_journals(api: str, two: tuple[Party, Party]) -> None:
    """The journal of each has its own requests alone."""
    one, other = two
    job = one.start()
    one.poll(job)
    asked = other.poll("unknown").url.path
    assert [len(party.namespace.journal) for party in two] == [2, 1]
    assert {exchange.job for exchange in one.namespace.journal} == {job}
    assert [exchange.path for exchange in other.namespace.journal] == [asked]
