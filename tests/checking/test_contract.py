"""The transports and the adapter judge what a client sends through them, and change nothing."""

from __future__ import annotations

import asyncio
import gzip
import json
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import httpx
import httpx2
import pytest
import requests
from tests.api_facts import ALLOWED
from tests.support import JOBS, KEYS, Mock, scenario

from jobmock.checking.baseline import save_baseline
from jobmock.errors import ContractViolation, JobmockError, UsageError
from jobmock.live import Contract, read_baseline, validating_adapter, validating_transport
from jobmock.transport import in_process

LIBRARIES = pytest.mark.parametrize("library", [httpx, httpx2], ids=lambda library: library.__name__)
HEADERS = {"Authorization": f"Bearer {KEYS['clado']}"}
PLACE = f"{JOBS['clado']}/one"
UNKNOWN = scenario("clado", "pending", {"status": "ranking", "violates": ["schema"]})
Ask = Callable[[ModuleType, Any, int], list[Any]]


def in_thread(library: ModuleType, transport: Any, count: int) -> list[Any]:
    with library.Client(transport=transport, base_url="http://mock", headers=HEADERS) as client:
        return [client.get(PLACE).json()["status"] for _ in range(count)]


def in_loop(library: ModuleType, transport: Any, count: int) -> list[Any]:
    async def ask() -> list[Any]:
        async with library.AsyncClient(transport=transport, base_url="http://mock", headers=HEADERS) as client:
            return [(await client.get(PLACE)).json()["status"] for _ in range(count)]

    return asyncio.run(ask())


BOTH = pytest.mark.parametrize("ask", [in_thread, in_loop])


def placed(mock: Mock, wanted: Any) -> Any:
    """Make the job `one` play a scenario, and return a transport to it."""
    plan = mock.service.catalogue.resolve(wanted, "clado")
    mock.service.place(mock.namespace("clado"), plan, "one")
    return in_process(mock.service)


@LIBRARIES
@BOTH
def test_violation_is_raised_in_the_clients_call(library: ModuleType, ask: Ask, mock: Mock) -> None:
    """An answer that breaks the contract raises an AssertionError in the client's call."""
    transport = validating_transport(placed(mock, UNKNOWN), "clado")
    assert ask(library, transport, 1) == ["pending"]
    with pytest.raises(ContractViolation, match="status-unknown: clado status 200 /status: 'ranking' is not") as caught:
        ask(library, transport, 1)
    assert isinstance(caught.value, AssertionError)
    assert isinstance(caught.value, JobmockError)
    assert [violation.rule for violation in caught.value.violations] == ["status-unknown"]


@LIBRARIES
@BOTH
def test_violations_are_collected(library: ModuleType, ask: Ask, mock: Mock) -> None:
    """A Contract collects each violation once, and `verify` raises them all."""
    contract = Contract()
    assert ask(library, contract.transport(placed(mock, UNKNOWN)), 3) == ["pending", "ranking", "ranking"]
    assert [violation.rule for violation in contract.broken] == ["status-unknown"]
    assert contract.report().rows[0].count == 2
    with pytest.raises(ContractViolation, match="in 1 place:"):
        contract.verify()


@LIBRARIES
@BOTH
def test_bodies_of_real_sockets(library: ModuleType, ask: Ask, mock: Mock, server: str) -> None:
    """Over TCP, where bodies come in pieces, clients read the same bodies and every answer is judged."""
    placed(mock, "clado/full-page")
    contract = Contract()

    def transport() -> Any:
        inner = library.AsyncHTTPTransport() if ask is in_loop else library.HTTPTransport()
        return contract.transport(inner)

    def received(there: Any) -> Any:
        if ask is in_loop:

            async def streamed() -> bytes:
                async with (
                    library.AsyncClient(transport=there, base_url=server, headers=HEADERS) as client,
                    client.stream("GET", PLACE) as answer,
                ):
                    return b"".join([piece async for piece in answer.aiter_bytes()])

            return asyncio.run(streamed())
        client = library.Client(transport=there, base_url=server, headers=HEADERS)
        with client, client.stream("GET", PLACE) as answer:
            return b"".join(answer.iter_bytes())

    assert json.loads(received(transport()))["job_id"] == "one"
    assert contract.report().judged == {"clado status": 1}
    assert contract.broken == ()


@LIBRARIES
def test_compressed_body_and_body_that_was_read(library: ModuleType) -> None:
    """A compressed body is judged after decoding, and so is a body that an inner transport has already read."""
    body = json.dumps({"job_id": "one", "status": "ranking"}).encode()

    def handler(request: Any) -> Any:
        return library.Response(200, headers={"content-encoding": "gzip"}, content=gzip.compress(body))

    class Streaming(library.BaseTransport):  # type: ignore[name-defined,misc]
        def handle_request(self, request: Any) -> Any:
            stream = library.ByteStream(gzip.compress(body))
            return library.Response(200, headers={"content-encoding": "gzip"}, stream=stream)

    for inner in (library.MockTransport(handler), Streaming()):
        contract = Contract()
        assert in_thread(library, contract.transport(inner), 1) == ["ranking"]
        assert [violation.rule for violation in contract.broken] == ["status-unknown"]


@LIBRARIES
def test_answer_that_breaks_off_is_not_judged(library: ModuleType, mock: Mock) -> None:
    """An answer that breaks off isn't judged: the client gets its library's own exception."""
    contract = Contract()
    faults = [{"when": {"request": 1}, "disconnect": "mid_body"}]
    transport = contract.transport(placed(mock, scenario("clado", "completed", faults=faults)))
    with pytest.raises(library.ReadError):
        in_thread(library, transport, 1)
    assert contract.report().judged == {}
    assert in_thread(library, transport, 1) == ["completed"]


@LIBRARIES
def test_concurrent_requests_are_not_compared(library: ModuleType) -> None:
    """Answers to requests at the same time aren't compared with each other; an answer to a later request is."""
    sent, judged = asyncio.Event(), asyncio.Event()

    async def handler(request: Any) -> Any:
        hits = int(request.url.params["hits"])
        if hits == 9:
            await sent.wait()
        elif hits == 8:
            sent.set()
            await judged.wait()
        body = {"job_id": "one", "status": "searching", "message": "", "opensearch_results": hits}
        return library.Response(200, json=body)

    async def ask(transport: Any) -> None:
        async with library.AsyncClient(transport=transport, base_url="http://mock") as client:
            first, second = (asyncio.create_task(client.get(PLACE, params={"hits": hits})) for hits in (9, 8))
            await first
            judged.set()
            await second
            assert contract.broken == ()
            await client.get(PLACE, params={"hits": 7})

    contract = Contract("clado")
    asyncio.run(ask(contract.transport(library.MockTransport(handler))))
    assert [violation.rule for violation in contract.broken] == ["counter-back"]


@pytest.mark.parametrize("stream", [False, True])
def test_adapter_for_requests(stream: bool, mock: Mock, server: str) -> None:
    """With the adapter, a session of requests behaves in the same way, also if the client streams."""
    placed(mock, UNKNOWN)
    with requests.Session() as session:
        session.mount("http://", validating_adapter("clado", max_retries=0))
        ask: dict[str, Any] = {"url": f"{server}{PLACE}", "headers": HEADERS, "stream": stream, "timeout": 5}
        assert json.loads(b"".join(session.get(**ask).iter_content(7)))["status"] == "pending"
        with pytest.raises(ContractViolation, match="status-unknown"):
            session.get(**ask)


def test_fail_on_and_baseline(mock: Mock, tmp_path: Path) -> None:
    """`fail_on` chooses the kinds that count as broken. Violations in a baseline never count."""
    wanted = scenario("clado", {"status": "completed", "body": {"eta": 1}})
    transport = placed(mock, wanted)
    lax, strict = Contract(), Contract(fail_on="additive")
    for contract in (lax, strict):
        in_thread(httpx, contract.transport(transport), 1)
    assert (lax.broken, [violation.rule for violation in strict.broken]) == ((), ["member-new"])
    assert lax.report().count("additive") == 1
    assert save_baseline(tmp_path / "known.json", strict.report()) == 1
    knowing = Contract(fail_on="additive", accepted=read_baseline(tmp_path / "known.json"))
    in_thread(httpx, knowing.transport(transport), 1)
    assert knowing.broken == ()
    assert [row.violation.pointer for row in knowing.report().accepted] == ["/eta"]


def test_unknown_api_or_kind() -> None:
    """An unknown API or kind of violations is a usage error that names the nearest one."""
    with pytest.raises(UsageError, match=rf"no API 'claod'. {ALLOWED}. Did you mean 'clado'\?"):
        validating_transport(None, "claod")
    with pytest.raises(UsageError, match=r"fail_on is 'aditive'.*Did you mean 'additive'\?"):
        Contract(fail_on="aditive")


def test_other_requests_are_not_judged() -> None:
    """Requests to other hosts and paths aren't judged."""
    contract = Contract()
    inner = httpx.MockTransport(lambda request: httpx.Response(200, text="hello"))
    with httpx.Client(transport=contract.transport(inner)) as client:
        assert client.get("http://other/health").text == "hello"
    assert dict(contract.report().left_out) == {"GET /health": 1}


def test_base_url_with_a_path() -> None:
    """Behind a base URL with a path, such as a proxy's, answers are judged as without one."""
    contract = Contract("clado")
    inner = httpx.MockTransport(lambda request: httpx.Response(200, json={"job_id": "j", "status": "ranking"}))
    with httpx.Client(transport=validating_transport(inner, contract=contract), base_url="https://x/proxy") as client:
        client.get(f"{JOBS['clado']}/j")
    assert {one.rule for one in contract.broken} == {"status-unknown"}
