"""The value that a client returned is compared with the job: its status, its count, and nobody twice."""

from __future__ import annotations

from typing import Any

import pytest

from jobmock.catalogue import compile_scenario
from jobmock.models import After, Fault, Pages, Results, Scenario, Step, When
from jobmock.strategies.runner import Budget, ClientRunner

from .clado_clients import asked, patient


def clado(*steps: Step, count: int = 3, **more: Any) -> Scenario:
    return Scenario(name="x", api="clado", summary="", progression=steps, results=Results(count=count), **more)


def faults(change: Any, scenario: Scenario) -> list[str]:
    """Return the rules that a client breaks which is right but for what it makes of the answer."""

    def client(url: str, api_key: str, job_id: str, transport: Any) -> Any:
        return change(patient(url, api_key, job_id, transport))

    with ClientRunner(client, "clado").open() as runner:
        return [fault.partition(" ")[0] for fault in runner.run(compile_scenario(scenario)).findings]


OVER = clado(Step(status="completed"))


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (lambda body: body, []),
        (lambda body: body["results"], []),
        (lambda body: {**body, "status": "error"}, ["wrong-status"]),
        (lambda body: {**body, "status": "finished"}, []),
        (lambda body: body["results"][:-1], ["wrong-count"]),
        (lambda body: {"people": body["results"] + body["results"][:1]}, ["wrong-count"]),
        (lambda body: body["results"][:-1] + body["results"][:1], ["twice"]),
        (lambda body: [person["profile"]["name"] for person in body["results"]], []),
        (lambda body: None, []),
        (lambda body: ([], []), []),
    ],
)
def test_what_is_returned(change: Any, expected: list[str]) -> None:
    """A wrong status, people that are missing and people that come twice are found; a client's own words are not."""
    assert faults(change, OVER) == expected


@pytest.mark.parametrize(
    "scenario",
    [
        clado(Step(status="error")),
        clado(Step(status="completed", pages=Pages(total=9), violates=frozenset({"pagination"}))),
        clado(Step(status="completed", body={"message": "x"})),
    ],
)
def test_only_an_honest_success_can_be_counted(scenario: Scenario) -> None:
    """Where the job failed, or its step shows something else on purpose, numbers mean nothing."""
    assert faults(lambda body: [{"one": 1}], scenario) == []


def test_a_list_that_grew_after_the_end_is_not_counted() -> None:
    """A client that read a success which grew later can't have them all."""
    grown = clado(
        Step(status="completed", results=1, after=After(polls=1)), Step(status="completed", results=3), count=3
    )  # fmt: skip
    assert faults(lambda body: body["results"], grown) == []


def test_a_client_that_asks_nothing() -> None:
    """A client that sends no request has failed, and the finding says so."""
    with ClientRunner(lambda url, api_key, job_id: "done", "clado").open() as runner:
        assert runner.run(compile_scenario(OVER)).findings == (
            "nothing-asked (error): the client sent no request about its job with its key; it returned. Use the URL,"
            " the key and the job id that the client is called with.",
        )


def test_time_is_a_budget_too() -> None:
    """A client that goes on for longer than it may is ended in its own call."""
    stuck = clado(Step(status="pending"))
    with ClientRunner(patient, "clado", budget=Budget(seconds=60)).open() as runner:
        (fault,) = runner.run(compile_scenario(stuck)).findings
    assert fault.startswith("budget (error): the client was still running after 60 s. Give the client a deadline.")


def test_a_run_over_its_budget_is_judged_too() -> None:
    """What a client did until it was stopped is judged by its requests; how its call ended isn't known."""

    def hammering(url: str, api_key: str, job_id: str, transport: Any) -> Any:
        while True:
            asked(url, api_key, job_id, transport)

    with ClientRunner(hammering, "clado", budget=Budget(requests=60)).open() as runner:
        run = runner.run(compile_scenario(clado(Step(status="pending"))))
    assert [text.partition(" ")[0] for text in run.findings] == ["budget", "polled-too-fast"]


def test_a_client_with_a_mistyped_url_is_told_of_it() -> None:
    """A client that never reaches its job is shown the route that it requested."""

    def lost(url: str, api_key: str, job_id: str, transport: Any) -> Any:
        return asked(f"{url}/v1", api_key, job_id, transport)

    with ClientRunner(lost, "clado").open() as runner:
        run = runner.run(compile_scenario(OVER))
    assert [text.partition(" ")[0] for text in run.findings] == ["nothing-asked", "unknown-route"]


def test_runs_are_independent() -> None:
    """Each run begins with the same clock, the same ids, and counters at zero."""
    once = clado(Step(status="completed"), faults=(Fault(when=When(requests=(1, 1)), corrupt="empty_body"),))

    def client(url: str, api_key: str, job_id: str, transport: Any) -> Any:
        return job_id, asked(url, api_key, job_id, transport).content

    with ClientRunner(client, "clado").open() as runner:
        first, second = (runner.run(compile_scenario(once)) for _ in range(2))
    assert first.returned == second.returned
    assert [exchange.at for exchange in first.journal] == [exchange.at for exchange in second.journal]
