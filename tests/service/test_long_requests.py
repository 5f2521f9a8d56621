"""What a client sends may be long: what is decoded, searched for keys and kept of it is limited."""

from __future__ import annotations

import gc
from typing import Any

import orjson
import pytest
from tests.support import JOBS, KEYS, STARTS, Mock, json_of

from jobmock.dialect.routing import MAX_TARGET
from jobmock.models import Exchange
from jobmock.redaction import LONGEST, redact_id

MiB = 1 << 20
BROKEN, WHOLE = b"{" * 100_000, b'{"query": "x", "y": [%b{}]}' % (b"[], " * 50_000)


def last(mock: Mock, api: str) -> Exchange:
    return list(mock.namespace(api).journal)[-1]


@pytest.mark.parametrize("api", JOBS)
@pytest.mark.parametrize("piece", ["x", "%25", "/", "%6Ck_secret", "lk_secret "])
def test_long_path_is_refused(mock: Mock, api: str, piece: str) -> None:
    """A path of 1 MiB is a 414 in the form of the API's errors. The journal has its beginning, without a key."""
    mock.namespace(api)
    path = (f"{JOBS[api]}/" + piece * MiB)[:MiB]
    reply = mock.send("GET", path, key=KEYS[api])
    assert reply.status == 414 and "8000 bytes" in str(json_of(reply))
    assert len(last(mock, api).path) <= LONGEST and "secret" not in last(mock, api).path
    assert last(mock, api).operation is None


@pytest.mark.parametrize("api", JOBS)
def test_limit_of_path_and_query(mock: Mock, api: str) -> None:
    """Path and query have at most 8,000 bytes together; an id or a query just below is served."""
    job = mock.start(api)
    path = f"{JOBS[api]}/{job}"
    query = "x=" + "y" * (MAX_TARGET - len(path) - 2)
    assert mock.poll(api, job, query=query).status < 300
    assert mock.poll(api, job, query=f"{query}y").status == 414
    unknown = "j" * (MAX_TARGET - len(JOBS[api]) - 1)
    assert mock.poll(api, unknown).status == 404
    assert mock.poll(api, f"{unknown}j").status == 414


@pytest.mark.parametrize("api", JOBS)
def test_body_is_parsed_once(mock: Mock, api: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The operation and the journal share what the body of a start holds: to parse it takes most of the time."""
    mock.start(api)  # the scenario is read and checked by now
    parsed, loads = list[bytes](), orjson.loads

    def counting(body: bytes) -> Any:
        parsed.append(body)
        return loads(body)

    monkeypatch.setattr(orjson, "loads", counting)
    mock.send("POST", JOBS[api], key=KEYS[api], body=STARTS[api])
    assert len(parsed) == 1


@pytest.mark.parametrize("body", [BROKEN, WHOLE], ids=["broken", "whole"])
def test_no_garbage_is_collected_during_parsing(mock: Mock, body: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    """A large body is parsed without garbage collection, which goes on afterwards; a small one is parsed as usual."""
    enabled, loads = list[bool](), orjson.loads

    def noting(body: bytes) -> Any:
        enabled.append(gc.isenabled())
        return loads(body)

    monkeypatch.setattr(orjson, "loads", noting)
    mock.send("POST", JOBS["clado"], key=KEYS["clado"], body=body)
    assert gc.isenabled() and not any(enabled) and enabled
    mock.start("clado")
    assert enabled[-1] and gc.isenabled()


def test_long_ids_stay_different(mock: Mock) -> None:
    """The journal keeps the beginning of a long id and a digest, so that two ids with the same beginning differ."""
    ids = ["%25" * 300_000 + end for end in "ab"]
    for request_id in ids:
        mock.start("orbit", body={**STARTS["orbit"], "requestId": request_id})
    first, second = list(mock.namespace("orbit").journal)
    assert first.once != second.once and first.job != second.job
    assert (first.once, first.job) == (redact_id(ids[0]), redact_id(ids[0]))
    assert all(len(shown or "") < LONGEST + 20 for shown in (first.once, first.job))
