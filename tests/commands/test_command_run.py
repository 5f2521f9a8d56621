"""One run of a command as a value: its exit code, its result in words, and why it is so."""

from __future__ import annotations

from typing import Any

import pytest

from jobmock.client_reports.activity import ClientActivity
from jobmock.commands.command_run import CommandRun
from jobmock.commands.time_limits import Stop
from jobmock.commands.unasked import no_key, no_request
from jobmock.etiquette import Finding, Verdict

STRANGER = Stop("not in virtual time", 3, "A process isn't in virtual time.")
LATE = Stop("deadline", 1, "It was ended.")


NO_REQUEST, NO_KEY = no_request(("clado",), (), intercept=False), no_key(("orbit",), ())


def activity(*severities: str) -> ClientActivity:
    """Return what a client did that broke one rule for each severity."""
    findings = tuple(
        Finding(rule=f"rule-{number}", severity=severity, job=None, exchanges=(1,), evidence="This", remedy="That.")
        for number, severity in enumerate(severities, 1)
    )
    return ClientActivity(
        api="clado", journal=(), dropped=2, titles=("clado/slow",), verdict=Verdict(findings=findings, not_judged={}),
        started_at=0, elapsed=5,
    )  # fmt: skip


def command_run(**more: Any) -> CommandRun:
    """Return a run that passed, with some of its members changed."""
    given: dict[str, Any] = {
        "scenarios": ("clado/slow",), "command": ("node", "x.mjs"), "own_code": 0, "stop": None, "left_behind": (),
        "unasked": None, "activities": (activity(),), "seconds": 1.0, "clock_seconds": 5.0,
    }  # fmt: skip
    return CommandRun(**{**given, **more})


FINE = "The command ended with 0, and nothing is wrong."
BROKEN = "The client broke 2 rules: rule-1, rule-3."
SEVERITIES = ("error", "warning", "error", "warning")


@pytest.mark.parametrize(
    ("more", "code", "result", "meaning"),
    [
        ({}, 0, "passed", FINE),
        ({"activities": (activity("warning"),)}, 0, "passed", FINE),
        ({"activities": (activity(*SEVERITIES),)}, 1, "rule-1, rule-3", BROKEN),
        ({"activities": (activity(*SEVERITIES),), "strict": False}, 0, "passed", FINE),
        ({"activities": (activity(*SEVERITIES),), "own_code": 7}, 7, "exit code 7, rule-1, rule-3",
         f"The command ended with exit code 7. {BROKEN}"),
        ({"unasked": NO_REQUEST}, 1, "no API was asked",
         "node asked no API: is its base URL taken from CLADO_BASE_URL?"),
        ({"unasked": NO_KEY}, 1, "no request had a key",
         "node sent no request with a key that an API accepts: is its key taken from ORBIT_API_KEY?"),
        ({"stop": LATE, "own_code": 143}, 1, "deadline", "It was ended."),
        ({"stop": STRANGER, "own_code": 143, "unasked": NO_REQUEST}, 3, "not in virtual time, no API was asked",
         "A process isn't in virtual time."),
    ],
)  # fmt: skip
def test_why_a_run_has_its_exit_code(more: dict[str, Any], code: int, result: str, meaning: str) -> None:
    """The command's own code counts unless jobmock ended it; findings and a client that asks nothing fail a 0."""
    run = command_run(**more)
    assert (run.exit_code, run.result, run.meaning) == (code, result, meaning)


def test_what_is_said_beside_the_requests() -> None:
    """Each reason has a sentence; the one why jobmock itself couldn't go on stands apart."""
    assert list(command_run().notes) == []
    assert list(command_run(stop=LATE).notes) == ["It was ended."]
    stranger = command_run(stop=STRANGER)
    assert (list(stranger.notes), stranger.own_error) == ([], "A process isn't in virtual time.")
    assert list(command_run(own_code=7, activities=(activity("error"),)).notes) == [
        "The command ended with exit code 7."
    ]
    left = command_run(left_behind=("7 (sleep 9)", "8 (x --key lk_secretkey)")).notes
    assert list(left) == ["node left 2 processes behind, which jobmock ended: 7 (sleep 9), 8 (x --key lk_…)."]


def test_story_of_a_run() -> None:
    """It is a line for each API if all is well, and everything else if the run failed or broke a rule."""
    heading = "clado: clado/slow; 2 requests in 5 s; the journal no longer has the oldest 2"
    assert command_run().story == f"{heading}; no findings in its requests"
    assert command_run(own_code=1).story == heading
    assert "! rule-1 (warning): This. That." in command_run(activities=(activity("warning"),)).story


@pytest.mark.parametrize(
    ("names", "own", "intercept", "question"),
    [
        (("clado", "orbit"), (), False, "is its base URL taken from CLADO_BASE_URL or ORBIT_BASE_URL?"),
        (("orbit",), (("URL", "{clado.url}"),), False, "is its base URL taken from ORBIT_BASE_URL?"),
        (("clado",), (("URL", "{clado.url}/api"),), False, "is its base URL taken from URL or CLADO_BASE_URL?"),
        (("clado",), (), True, "is its base URL taken from CLADO_BASE_URL, or does it call search.clado.ai by the "
         "proxy that HTTPS_PROXY names?"),
    ],
)  # fmt: skip
def test_what_to_look_at(names: tuple[str, ...], own: tuple[tuple[str, str]], intercept: bool, question: str) -> None:
    """The question about a client without a request names the variables of the APIs that it is meant for."""
    assert no_request(names, own, intercept=intercept).question == question
    assert no_key(("orbit",), (("TOKEN", "{orbit.key}"),)).question == "is its key taken from TOKEN or ORBIT_API_KEY?"
