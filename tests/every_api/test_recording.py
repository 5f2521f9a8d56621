"""Traffic of each API becomes a scenario. Its playing gives a client the same answers, and a check the same rows."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.api_facts import content_of, job_id_of, key_headers, operation_of, path_of, start_body, status_of
from tests.campaigns.recordings import repeatable
from tests.every_api.traffic import CATALOGUE, traffic, usual
from tests.free_ports import free_port
from tests.recording.forms import live
from tests.recording.round_trip import rows_before_and_after
from tests.support import EPOCH, KEYS, part

from jobmock import apis
from jobmock.catalogue import Catalogue, load_plan
from jobmock.checking.exchange import from_line
from jobmock.clock import Clock
from jobmock.dialect.api import Api
from jobmock.engine.namespace import Namespaces
from jobmock.engine.progression import Plan
from jobmock.recording.files import LinesFile, ScenarioFolder
from jobmock.recording.proxy import Proxy
from jobmock.recording.raw_exchange import RawExchange
from jobmock.recording.recorder import Recorder
from jobmock.recording.upstream import Upstream
from jobmock.server.app import create_app
from jobmock.server.listeners import Host
from jobmock.service.service import Service

REPEATABLE = [(name.partition("/")[0], name) for name in repeatable(CATALOGUE)]
NAMES = [row for api in apis.names() for row in part([row for row in REPEATABLE if row[0] == api], 9)]


@pytest.mark.parametrize(("api", "name"), NAMES)
def test_same_answers(api: str, name: str, tmp_path: Path) -> None:
    """A client of a recorded scenario gets the same answers at the same times as the client of the first mock."""
    first, recorder = traffic(CATALOGUE.plan(name)), Recorder(apis.load(api), ScenarioFolder(tmp_path, print), print)
    for exchange in first.exchanges:
        recorder.record(exchange)
        recorder.wait()
    (file,) = tmp_path.iterdir()
    assert traffic(load_plan(file, file.stem)).outcomes == first.outcomes


@pytest.mark.parametrize(("api", "name"), NAMES)
def test_same_rows(api: str, name: str, tmp_path: Path) -> None:
    """A check finds the same in traffic, in its recorded lines, and in the answers of its recorded scenario."""
    before, lines, again = rows_before_and_after([*map(live, traffic(CATALOGUE.plan(name)).exchanges)], tmp_path)
    assert before == lines == again


def with_member(one: RawExchange) -> RawExchange:
    """Return an exchange whose answer has a member that no document lists."""
    content = content_of(one.body or b"")
    return replace(one, body=json.dumps({**content, "unheard_of": 7}).encode()) if isinstance(content, dict) else one


@pytest.mark.parametrize("api", apis.names())
def test_same_rows_of_a_drift(api: str, tmp_path: Path) -> None:
    """A check finds a member that no document lists in traffic, in its recorded lines, and in what is played again."""
    start, *polls = traffic(usual(api)).exchanges
    drifted = [live(one) for one in (start, *map(with_member, polls))]
    before, lines, again = rows_before_and_after(drifted, tmp_path)
    assert before == lines == again and before


@pytest.fixture
def host() -> Iterator[Host]:
    listening = Host()
    yield listening
    listening.end()


def proxy(host: Host, api: Api, target: str, folder: Path, recorders: list[Recorder]) -> str:
    """Run a proxy before `target` that records into a folder; return its URL."""
    lines = LinesFile(folder / "seen.jsonl", print)
    recorders.append(Recorder(api, ScenarioFolder(folder, print), print, lines=lines))
    return host.open(Proxy(api, Upstream(target), recorders[-1], Clock("manual", start=EPOCH))).url


def asked(api: Api, url: str) -> list[tuple[Any, ...]]:
    """Start a job and poll it twice over a socket; return what a client sees."""
    start, status, seen = operation_of(api, "start"), operation_of(api, "status"), list[tuple[Any, ...]]()
    with httpx.Client(base_url=url, headers=key_headers(api, KEYS[api.name]), trust_env=False) as client:
        answer = client.request(start.method, path_of(start, "mine"), json=start_body(api))
        job = job_id_of(api, answer.content, answer.headers)
        for one in (answer, *(client.request(status.method, path_of(status, job)) for _ in range(2))):
            retry = one.headers.get("retry-after")
            seen.append((one.status_code, retry, status_of(api, one.content)))
    return seen


@pytest.mark.parametrize("api", apis.names())
def test_proxy(api: str, host: Host, catalogue: Catalogue, tmp_path: Path) -> None:
    """A client gets the same answers through the recording proxy, without it, and from the recorded scenario."""
    known, recorders = apis.load(api), list[Recorder]()

    def served(plan: Plan) -> str:
        namespaces = Namespaces(clock=lambda: Clock("manual", start=EPOCH))
        return host.open(create_app(Service(catalogue, namespaces, plans={api: plan}))).url

    through = asked(known, proxy(host, known, served(usual(api)), tmp_path, recorders))
    assert recorders[0].close()
    (file,) = tmp_path.glob("*.yaml")
    assert through == asked(known, served(usual(api))) == asked(known, served(load_plan(file, file.stem)))
    assert len([from_line(line) for line in (tmp_path / "seen.jsonl").read_bytes().splitlines()]) == len(through)


@pytest.mark.parametrize("api", apis.names())
def test_unreachable_host(api: str, host: Host, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """If the host can't be reached, the client gets 502 in the API's form, the log says why, nothing is recorded."""
    known, recorders = apis.load(api), list[Recorder]()
    url = proxy(host, known, f"http://127.0.0.1:{free_port()}", tmp_path, recorders)
    status = operation_of(known, "status")
    answer = httpx.request(
        status.method, url + path_of(status, "x"), headers=key_headers(known, KEYS[api]), trust_env=False
    )  # fmt: skip
    assert recorders[0].close()
    assert answer.status_code == 502
    assert "The live host can't be reached." in answer.text
    assert [path.name for path in tmp_path.iterdir()] == ["seen.jsonl"]
    assert [record.getMessage() for record in caplog.records if record.name == "jobmock"] == [
        "The live host can't be reached: ConnectError."
    ]
