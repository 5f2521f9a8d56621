"""One run of a command as a value: its exit code, its result in words, and why it is so."""

from __future__ import annotations

from typing import Any

import pytest

from jobmock.client_reports.activity import ClientActivity
from jobmock.commands.command_run import NO_KEY, NO_REQUEST, CommandRun
from jobmock.commands.time_limits import Stop
from jobmock.etiquette import Finding, Verdict

STRANGER = Stop("not in virtual time", 3, "A process isn't in virtual time.")
LATE = Stop("deadline", 1, "It was ended.")


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
        ({"unasked": NO_REQUEST}, 1, "neither API was asked", "node asked neither API."),
        ({"unasked": NO_KEY}, 1, "no request had a key", "node sent no request with a key that an API accepts."),
        ({"stop": LATE, "own_code": 143}, 1, "deadline", "It was ended."),
        ({"stop": STRANGER, "own_code": 143, "unasked": NO_REQUEST}, 3, "not in virtual time, neither API was asked",
         "A process isn't in virtual time."),
    ],
)  # fmt: skip
def test_why_a_run_has_its_exit_code(more: dict[str, Any], code: int, result: str, meaning: str) -> None:
    """The command's own code counts unless jobmock ended it; findings and a client that asks nothing fail a 0."""
    run = command_run(**more)
    assert (run.exit_code, run.result, run.meaning) == (code, result, meaning)


def test_what_is_said_beside_the_requests() -> None:
    """Only a run that jobmock itself couldn't go on with is reported under jobmock's name."""
    assert list(command_run().notes) == []
    assert list(command_run(stop=LATE).notes) == ["It was ended."]
    assert list(command_run(stop=STRANGER).notes) == ["jobmock: A process isn't in virtual time."]
    left = command_run(left_behind=("7 (sleep 9)", "8 (x --key lk_secretkey)")).notes
    assert list(left) == ["node left 2 processes behind, which jobmock ended: 7 (sleep 9), 8 (x --key lk_…)."]


def test_story_of_a_run() -> None:
    """It is a line for each API if all is well, and everything else if the run failed or broke a rule."""
    heading = "clado: clado/slow; 2 requests in 5 s; the journal no longer has the oldest 2"
    assert command_run().story == f"{heading}; no findings in its requests"
    assert command_run(own_code=1).story == heading
    assert "! rule-1 (warning): This. That." in command_run(activities=(activity("warning"),)).story
