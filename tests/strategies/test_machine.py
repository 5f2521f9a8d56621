"""A state machine of a user's client: each result is compared with the answer that the client received."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import run_state_machine_as_test

from jobmock.errors import UsageError
from jobmock.models import After, Fault, Respond, Results, Scenario, Step, When
from jobmock.strategies import ClientMachine
from jobmock.strategies.harness import Harness
from jobmock.strategies.regressions import attached_scenarios

from .clado_clients import JOBS

PEOPLE = Scenario(
    name="x", api="clado", summary="", results=Results(count=25),
    progression=(Step(status="processing", results=12, after=After(polls=1)), Step(status="completed")),
    faults=(Fault(when=When(every=4), respond=Respond(status=503)), Fault(when=When(every=5), disconnect="reset")),
)  # fmt: skip


class Right(ClientMachine):
    """A client that is right."""

    api = "clado"
    scenarios = st.just(PEOPLE)

    def connect(self, mock: Harness) -> None:
        headers = {"Authorization": f"Bearer {mock.api_key}"}
        self.http = httpx.Client(transport=mock.transport, base_url="http://clado", headers=headers)

    def teardown(self) -> None:
        self.http.close()
        super().teardown()

    def start_job(self) -> str:
        answer = self.http.post(JOBS, json={"query": "chemists"})
        return str(answer.raise_for_status().json()["job_id"])

    def poll_job(self, job: str) -> str:
        return str(self.http.get(f"{JOBS}/{job}").raise_for_status().json()["status"])

    def read_page(self, job: str, page: int, size: int) -> Sequence[Any]:
        answer = self.http.get(f"{JOBS}/{job}", params={"page": page, "page_size": size})
        people: list[Any] = answer.raise_for_status().json()["results"]
        return people

    def cancel_job(self, job: str) -> None:
        self.http.post(f"{JOBS}/{job}/cancel").raise_for_status()


class WithoutAStart(Right):
    """One whose start isn't written: jobs are there already."""

    start_job = ClientMachine.start_job

    def connect(self, mock: Harness) -> None:
        headers = {"Authorization": f"Bearer {mock.api_key}"}
        self.http = httpx.Client(base_url=mock.url, headers=headers, trust_env=False)


class TakesErrorsForAnswers(Right):
    def poll_job(self, job: str) -> str:
        return str(self.http.get(f"{JOBS}/{job}").json().get("status", "pending"))


class OffByOne(Right):
    def read_page(self, job: str, page: int, size: int) -> Sequence[Any]:
        return super().read_page(job, page, size)[1:]


class Shuffles(Right):
    def read_page(self, job: str, page: int, size: int) -> Sequence[Any]:
        self.turn = not getattr(self, "turn", False)
        people = super().read_page(job, page, size)
        return people if self.turn else list(reversed(people))


class MixesUpJobs(Right):
    def start_job(self) -> str:
        return super().start_job().upper()


class RaisesAtSuccess(Right):
    def poll_job(self, job: str) -> str:
        if (status := super().poll_job(job)) == "completed":
            raise RuntimeError("now what?")
        return status


class CancelsInSilence(Right):
    def cancel_job(self, job: str) -> None:
        self.http.post(f"{JOBS}/{job}x/cancel")


class ShowsItsKey(Right):
    def poll_job(self, job: str) -> str:
        key = self.http.headers["authorization"].removeprefix("Bearer ")
        return str(self.http.get(f"{JOBS}/{job}?key={key}").raise_for_status().json()["status"])


def run(machine: type[ClientMachine], examples: int = 60) -> None:
    """Run a machine, the same way each time, and don't look for the smallest failure."""
    run_state_machine_as_test(seed(1)(machine), settings=settings(
        max_examples=examples, database=None, deadline=None, stateful_step_count=25, phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    ))  # fmt: skip


@pytest.mark.parametrize("machine", [Right, WithoutAStart])
def test_a_client_that_is_right(machine: type[ClientMachine]) -> None:
    """It has no finding, in process or on real sockets, with any of the methods written."""
    run(machine, 15)


@pytest.mark.parametrize(
    ("machine", "text"),
    [
        (TakesErrorsForAnswers, r"poll_job returned 'pending', although request \d+ was answered 503\."),
        (OffByOne, r"read_page returned \d+ people, not \d+; request \d+ was answered 200"),
        (Shuffles, r"read_page returned another person in place \d+ than before"),
        (MixesUpJobs, r"start_job returned '[0-9A-F-]+', no job's id; request 1 was answered 200\."),
        (RaisesAtSuccess, r"poll_job raised RuntimeError.*although request \d+ was answered 200 'completed'\."),
        (CancelsInSilence, r"cancel_job returned, although request \d+ was answered 404\."),
        (ShowsItsKey, r"key-in-url \(error\)"),
    ],
)
def test_a_client_that_is_wrong(machine: type[ClientMachine], text: str) -> None:
    """Each bug is reported with the call and the last answer, and the scenario is attached to the exception."""
    with pytest.raises(AssertionError, match=text) as failed:
        run(machine)
    assert [scenario for scenario, _ in attached_scenarios(failed.value)] == [PEOPLE]


def test_what_is_missing_is_said() -> None:
    """A machine needs `connect`, and an API that there is."""

    class Empty(ClientMachine):
        api = "clado"

    class Elsewhere(Right):
        api = "clodo"

    with pytest.raises(NotImplementedError, match=r"A ClientMachine needs a method connect\(mock\)\."):
        run(Empty)
    with pytest.raises(UsageError, match="Did you mean 'clado'"):
        run(Elsewhere)
