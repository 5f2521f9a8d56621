"""`jobmock demo`: it plays what is bundled, and it fails loudly."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
from tests.support import call

from jobmock.catalogue import Catalogue
from jobmock.cli import demo
from jobmock.cli.demo import Outcome
from jobmock.clock import SECOND

FEW = ["clado/one-over", "clado/rate-limited-repeatedly", "orbit/at-once", "orbit/not-found", "orbit/usual-discovery"]
LINE = re.compile(
    r"(?P<name>\S+) +(?P<status>\w+) +polls (?P<polls>\d+) +took .+? +pages (?P<pages>\d+) +people (?P<people>\d+)"
)


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> Callable[[Sequence[str]], None]:
    """Give the demo a catalogue that names no more than these scenarios."""

    def bundle(names: Sequence[str]) -> None:
        monkeypatch.setattr(Catalogue, "names", lambda self: list(names))

    return bundle


def test_one_line_for_each_scenario_and_a_closing_one(
    capsys: pytest.CaptureFixture[str], few: Callable[[Sequence[str]], None]
) -> None:
    """Each line has the status, the polls, the pages and the people that the client itself saw."""
    few(FEW)
    called = call(capsys, "demo")
    *lines, closing = called.out.splitlines()
    seen = [match.groupdict() for line in lines if (match := LINE.fullmatch(line))]
    assert called.code == 0, called.out
    assert [row["name"] for row in seen] == FEW
    facts = {row["name"]: (row["status"], row["pages"], row["people"]) for row in seen}
    assert facts["clado/one-over"] == ("completed", "2", "26")
    assert facts["orbit/at-once"] == ("completed", "0", "1")
    assert facts["orbit/not-found"][0] == "not_found"
    assert facts["orbit/usual-discovery"][2] == "3"
    total = sum(int(row["polls"]) for row in seen)
    assert re.fullmatch(rf"5 scenarios, {total} polls, no wrong outcomes, \d+\.\d s of real time\.", closing)


def test_client_waits_as_long_as_it_is_told(catalogue: Catalogue, server: str) -> None:
    """The demo's client obeys Retry-After, in seconds or as a date, on its virtual clock."""
    plan = catalogue.plan("clado/rate-limited-repeatedly")
    with httpx.Client(base_url=server) as client:
        outcome = demo._play(client, plan)
    asked = sum(
        fault.retry_after.seconds or 0 for fault in plan.scenario.faults if fault.retry_after
    )  # fmt: skip
    assert outcome.status == "completed"
    assert outcome.seconds >= asked > demo.INTERVAL


def test_wrong_outcome_is_shown_and_ends_with_1(
    capsys: pytest.CaptureFixture[str], few: Callable[[Sequence[str]], None], monkeypatch: pytest.MonkeyPatch,
    catalogue: Catalogue,
) -> None:  # fmt: skip
    """A job that plays something else than its scenario promises: WRONG below its line, a count at the end, and 1."""
    few(["clado/at-once", "orbit/at-once"])
    play, other = demo._play, catalogue.plan("clado/job-error")
    monkeypatch.setattr(
        demo, "_play", lambda client, plan: play(client, other if plan.scenario.api == "clado" else plan)
    )
    called = call(capsys, "demo")
    lines = called.out.splitlines()
    assert called.code == 1
    assert lines[0].startswith("clado/at-once  error ")
    assert lines[1].split("WRONG: ")[1] == "the scenario ends 'completed', the client saw 'error'"
    assert lines[2].split("WRONG: ")[1].startswith("the scenario ends with ")
    assert lines[3].startswith("orbit/at-once  completed ")
    assert ", 1 wrong outcomes, " in lines[-1]


RIGHT = Outcome(status="completed", polls=9, seconds=50.0, pages=2, people=47)


@pytest.mark.parametrize(
    ("outcome", "complaints"),
    [
        (RIGHT, []),
        (replace(RIGHT, status="error"), ["the scenario ends 'completed', the client saw 'error'"]),
        (replace(RIGHT, people=46), ["the scenario ends with 47 people, the client counted 46"]),
        (replace(RIGHT, seconds=39.9), ["the scenario takes 40 s, the client was done after 39.9 s"]),
        (replace(RIGHT, seconds=40.0), []),
    ],
)
def test_outcome_is_held_against_the_scenario(catalogue: Catalogue, outcome: Outcome, complaints: list[str]) -> None:
    """Status, people and the time that the steps take must be the scenario's; each difference is a sentence."""
    assert list(demo._compare(catalogue.plan("clado/two-pages"), outcome)) == complaints


def test_server_that_lost_people_is_found_out(
    catalogue: Catalogue, server: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """People are counted on the pages, not taken from a total: a page that is missing is noticed."""
    plan, get = catalogue.plan("clado/full-page"), httpx.Client.get

    def losing(self: httpx.Client, path: str, **more: object) -> httpx.Response:
        answer = get(self, path, **more)  # type: ignore[arg-type]
        return httpx.Response(503, request=answer.request) if "params" in more else answer

    monkeypatch.setattr(httpx.Client, "get", losing)
    with httpx.Client(base_url=server) as client:
        outcome = demo._play(client, plan)
    assert list(demo._compare(plan, outcome)) == ["the scenario ends with 25 people, the client counted 0"]


def test_demo_plays_everything_that_is_bundled(catalogue: Catalogue, tmp_path: Path) -> None:
    """The real command, from any folder: 0, a line for each bundled scenario, its last status, and no wrong one."""
    command = [sys.executable, "-m", "jobmock", "demo"]
    ran = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False, cwd=tmp_path)
    *lines, closing = ran.stdout.splitlines()
    assert (ran.returncode, ran.stderr) == (0, ""), ran.stdout
    seen = {match["name"]: match for line in lines if (match := LINE.fullmatch(line))}
    assert len(seen) == len(lines)
    assert list(seen) == catalogue.names()
    for name, match in seen.items():
        assert match["status"] == catalogue.plan(name).stages[-1].status, name
    assert closing.startswith(f"{len(lines)} scenarios, ")
    assert ", no wrong outcomes, " in closing


def test_virtual_time_costs_no_real_time(catalogue: Catalogue, server: str) -> None:
    """A quarter of an hour of polling every five seconds is done by polls alone."""
    plan = catalogue.plan("clado/slow")
    held = sum(stage.after.time or 0 for stage in plan.stages if stage.after) / SECOND
    with httpx.Client(base_url=server) as client:
        outcome = demo._play(client, plan)
    assert outcome.seconds >= held >= 600
    assert outcome.polls == outcome.seconds / demo.INTERVAL + 1
