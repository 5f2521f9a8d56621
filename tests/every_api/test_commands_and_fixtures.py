"""Commands and fixtures take each API as soon as it is found."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.api_facts import key_headers, operation_of, path_of, status_of
from tests.every_api.traffic import traffic, usual
from tests.recording.forms import har, lines
from tests.support import call

from jobmock import api_packages, apis, cli

FORMS = {"har": har, "jsonl": lines}
CLIENT = """
import json, os, sys, urllib.request
name, method, path, headers = sys.argv[1], sys.argv[2], sys.argv[3], json.loads(sys.argv[4])
url, key, job = (os.environ[f"{name}_{end}"] for end in ("BASE_URL", "API_KEY", "JOB_ID"))
sent = {header: value.replace("KEY", key) for header, value in headers.items()}
urllib.request.urlopen(urllib.request.Request(url + path.replace("JOB", job), headers=sent, method=method))
print(key)
"""


@pytest.mark.parametrize("api", apis.names())
def test_scenarios_are_listed(api: str, capsys: pytest.CaptureFixture[str]) -> None:
    """`jobmock list` names the scenarios of the API's package, its default ones among them."""
    ran = call(capsys, "list", "--api", api)
    listed = {line.split()[0] for line in ran.out.splitlines()}
    assert (ran.code, ran.err) == (0, "")
    assert listed >= {*apis.load(api).default_scenarios.values()}
    assert all(name.startswith(f"{api}/") for name in listed)


@pytest.mark.parametrize("api", apis.names())
def test_a_scenario_is_explained(api: str, capsys: pytest.CaptureFixture[str]) -> None:
    """`jobmock explain` shows each step of a scenario with its status, in order."""
    ran, scenario = call(capsys, "explain", usual(api).name), usual(api).scenario
    assert (ran.code, ran.err) == (0, "")
    words = [line.split() for line in ran.out.splitlines()]
    steps = [row[1] for row in words if row and row[0].rstrip(".").isdigit()]
    assert steps == [step.status for step in scenario.progression]


@pytest.mark.parametrize("api", apis.names())
def test_scenarios_are_clean(api: str, capsys: pytest.CaptureFixture[str]) -> None:
    """`jobmock lint` finds nothing in the folder with the API's scenarios."""
    ran = call(capsys, "lint", api_packages.data_of(api, "scenarios"))
    assert ran.code == 0 and "no problems found" in ran.err, ran.out + ran.err


@pytest.mark.parametrize("api", apis.names())
def test_the_package_is_clean(api: str, capsys: pytest.CaptureFixture[str]) -> None:
    """`jobmock lint --api NAME` finds nothing in the API's tables, documents and scenarios."""
    ran = call(capsys, "lint", "--api", api)
    assert ran.code == 0, ran.out + ran.err


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("api", apis.names())
def test_own_traffic_is_clean(api: str, form: str, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """`jobmock check` judges each answer of a mock, and finds nothing."""
    exchanges = traffic(usual(api)).exchanges
    path = tmp_path / f"traffic.{form}"
    path.write_bytes(FORMS[form](exchanges))
    ran = call(capsys, "check", path)
    assert ran.code == 0, ran.out + ran.err
    assert f"{len(exchanges)} answers judged: 0 breaking, 0 additive, 0 cosmetic" in ran.out


@pytest.mark.parametrize("api", apis.names())
def test_a_command_finds_its_mock(api: str, capfd: pytest.CaptureFixture[str]) -> None:
    """`jobmock run` gives a command the address, the key and a job of the API in variables with its name."""
    known, status = apis.load(api), operation_of(apis.load(api), "status")
    told = api.upper(), status.method, path_of(status, "JOB"), json.dumps(key_headers(known, "KEY"))
    client = ("--", sys.executable, "-c", CLIENT, *told)
    code = cli.execute(["run", "--time", "manual", "--with-job", "--etiquette", "off", *client])
    ran = capfd.readouterr()
    assert code == 0, ran.err
    assert ran.out.startswith(known.prefix)
    assert f"{api}: {usual(api).name}" in ran.err


def read_to_end(mock: Any, job: str) -> list[str | None]:
    """Poll a job over a socket until its end, as often as Retry-After says; return the statuses that were met."""
    api, met = apis.load(mock.api), list[str | None]()
    status = operation_of(api, "status")
    with httpx.Client(base_url=mock.url, headers=key_headers(api, mock.api_key), trust_env=False) as client:
        while not met or met[-1] not in api.terminal:
            answer = client.request(status.method, path_of(status, job))
            met.append(status_of(api, answer.content))
            if met[-1] not in api.terminal:
                time.sleep(int(answer.headers.get("retry-after", 5)))
    return met


@pytest.mark.parametrize("api", apis.names())
def test_mock_fixture(api: str, request: pytest.FixtureRequest) -> None:
    """`NAME_mock` plays a scenario in virtual time to a client, which no rule accuses."""
    mock = request.getfixturevalue(f"{api}_mock")
    job = mock.play(usual(api).name)
    assert read_to_end(mock, job.id)[-1] == usual(api).scenario.progression[-1].status
    assert mock.clock.elapsed > 0
    mock.verify()


@pytest.mark.usefixtures("jobmock_session")
@pytest.mark.parametrize("api", apis.names())
def test_example_fixture(api: str, request: pytest.FixtureRequest) -> None:
    """Each call of `NAME_example` gives a fresh mock."""
    example = request.getfixturevalue(f"{api}_example")
    for _ in range(2):
        with example() as mock:
            assert len(mock.journal) == 0
            read_to_end(mock, mock.play(usual(api).name).id)
            assert len(mock.journal) > 0
