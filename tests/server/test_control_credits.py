"""The control calls on credits: of one key, of all keys and those to come."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from tests.api_facts import ALLOWED
from tests.support import EPOCH, KEYS, Mock, json_of, scenario

from jobmock.catalogue import Catalogue
from jobmock.clock import Clock
from jobmock.engine.namespace import Namespaces
from jobmock.server.app import create_app
from jobmock.server.serving import running
from jobmock.service.service import Service


@pytest.fixture(scope="module")
def shared(catalogue: Catalogue) -> Iterator[str]:
    """The URL of one server for all tests that leave its other keys alone."""
    service = Service(catalogue, Namespaces(clock=lambda: Clock("manual", start=EPOCH)))
    with running(create_app(service)) as url:
        yield url


def ask(server: str, method: str, call: str = "credits", key: str | None = None, **send: Any) -> httpx.Response:
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    with httpx.Client(transport=httpx.HTTPTransport(verify=False), base_url=f"{server}/__jobmock") as client:
        return client.request(method, call, headers=headers, **send)


def put(server: str, body: Any, key: str | None = None) -> httpx.Response:
    return ask(server, "PUT", key=key, json=body)


@pytest.mark.parametrize("api", KEYS)
def test_get_shows_a_keys_balance(shared: str, api: str) -> None:
    """`GET credits` with a key is its API and balance; a key seen for the first time is opened."""
    answer = ask(shared, "GET", key=KEYS[api])
    assert (answer.status_code, answer.json()) == (200, {"api": api, "balance": 10_000})


def test_get_without_a_key_shows_what_keys_begin_with(shared: str) -> None:
    """`GET credits` without a key is the opening balance of new namespaces, for each API."""
    everybody = [{"api": "clado", "balance": 10_000}, {"api": "orbit", "balance": 10_000}]
    assert ask(shared, "GET").json() == everybody


@pytest.mark.parametrize("api", KEYS)
@pytest.mark.parametrize("named", [True, False])
@pytest.mark.parametrize("balance", [0, 1, 10**12])
def test_put_sets_a_keys_balance(shared: str, api: str, named: bool, balance: int) -> None:
    """`PUT credits` with a key sets that key's balance alone, and answers with it; `api` may be left out."""
    key = f"{KEYS[api]}-{named}-{balance}"
    body = {"balance": balance, **({"api": api} if named else {})}
    assert put(shared, body, key).json() == {"api": api, "balance": balance}
    assert ask(shared, "GET", key=key).json()["balance"] == balance
    assert ask(shared, "GET", key=key + "2").json()["balance"] == 10_000
    assert {entry["balance"] for entry in ask(shared, "GET").json()} == {10_000}


@pytest.mark.parametrize("api", [None, "clado", "orbit"])
def test_put_without_a_key_is_for_all(server: str, api: str | None) -> None:
    """Without a key it sets every open namespace and those to come, of one API where it is named."""
    for key in KEYS.values():
        ask(server, "GET", key=key)
    answer = put(server, {"balance": 7, **({"api": api} if api else {})})
    expected = {name: 7 if api in (None, name) else 10_000 for name in KEYS}
    assert answer.json() == [{"api": name, "balance": balance} for name, balance in expected.items()]
    for name, key in KEYS.items():
        for one in (key, key + "new"):
            assert ask(server, "GET", key=one).json() == {"api": name, "balance": expected[name]}


def test_the_client_meets_the_balance_that_was_put(server: str, mock: Mock) -> None:
    """The APIs use the balance that a PUT sets: 402 below the price, then served."""
    put(server, {"balance": 9})
    assert mock.send("POST", "/v2/developer/deep-search", key=KEYS["orbit"], body={"usernames": ["x"]}).status == 402
    assert mock.send("POST", "/api/search/deep_research", key=KEYS["clado"], body={"query": "x"}).status == 402
    put(server, {"balance": 30})
    assert mock.send("POST", "/v2/developer/deep-search", key=KEYS["orbit"], body={"usernames": ["x"]}).status == 202
    assert json_of(mock.send("GET", "/api/credits", key=KEYS["clado"]))["credits"] == 30


def test_what_jobs_have_cost_comes_off_first(server: str, mock: Mock) -> None:
    """A job that completed before the PUT is paid from the old balance, and GET shows what jobs have cost by now."""
    mock.play("clado", scenario("clado", "completed"))
    assert ask(server, "GET", key=KEYS["clado"]).json()["balance"] == 9_997
    mock.play("clado", scenario("clado", "completed"))
    assert put(server, {"balance": 50}, KEYS["clado"]).json()["balance"] == 50
    assert ask(server, "GET", key=KEYS["clado"]).json()["balance"] == 50


def test_refunds_come_before_the_put(server: str, mock: Mock) -> None:
    """A run that failed before the PUT isn't refunded into the new balance."""
    mock.play("orbit", scenario("orbit", "failed", switches={"refund_failed": True}))
    assert mock.namespace("orbit").credits.balance == 9_990
    assert put(server, {"balance": 5}, KEYS["orbit"]).json()["balance"] == 5
    assert ask(server, "GET", key=KEYS["orbit"]).json()["balance"] == 5
    mock.play("orbit", scenario("orbit", "running"), "sk_orb_other")
    assert ask(server, "GET", key="sk_orb_other").json()["balance"] == 9_990


def test_reset_gives_a_key_its_credits_back(server: str, mock: Mock) -> None:
    """A reset restores the opening balance, and drops unpaid jobs."""
    put(server, {"balance": 100})
    mock.play("clado", scenario("clado", "completed"))
    put(server, {"balance": 3}, KEYS["clado"])
    assert ask(server, "POST", "reset", KEYS["clado"]).status_code == 200
    assert ask(server, "GET", key=KEYS["clado"]).json()["balance"] == 100


def test_reset_after_a_put_for_all(server: str) -> None:
    """A PUT without a key sets the opening balance, so a reset goes back to it."""
    ask(server, "GET", key=KEYS["clado"])
    put(server, {"balance": 100})
    ask(server, "POST", "reset", KEYS["clado"])
    assert ask(server, "GET", key=KEYS["clado"]).json()["balance"] == 100


@pytest.mark.parametrize(
    ("body", "key", "says"),
    [
        ({}, None, "'balance' is missing"),
        ({"api": "clado"}, None, "'balance' is missing"),
        ({"balance": -1}, None, "from 0 to 1000000000000"),
        ({"balance": 10**12 + 1}, None, "from 0 to 1000000000000"),
        ({"balance": 1.0}, None, "a whole number"),
        ({"balance": "1"}, None, "a whole number"),
        ({"balance": True}, None, "a whole number"),
        ({"balance": None}, None, "a whole number"),
        ({"balance": 1, "ballance": 1}, None, "Did you mean 'balance'?"),
        ({"balance": 1, "api": "clasp"}, None, ALLOWED),
        ({"balance": 1, "api": 1}, None, "text"),
        ({"balance": 1, "api": "orbit"}, KEYS["clado"], "belongs to clado"),
        ({"balance": 1}, "sk_orb_revoked", "reserved"),
        ({"balance": 1}, "lk_revoked", "key"),
        ({"balance": 1}, "nonsense", "Prefixes: lk_, sk_orb_"),
        ([1], None, "JSON object"),
    ],
)
def test_bad_puts_say_what_is_wrong(shared: str, body: Any, key: str | None, says: str) -> None:
    """A bad call is a 400 problem document that says what is allowed, and sets nothing."""
    answer = put(shared, body, key)
    assert answer.status_code == 400 and answer.headers["content-type"] == "application/problem+json"
    assert says in answer.json()["detail"]
    assert {entry["balance"] for entry in ask(shared, "GET").json()} == {10_000}


@pytest.mark.parametrize("method", ["POST", "DELETE", "PATCH"])
def test_other_methods_are_405(shared: str, method: str) -> None:
    """`credits` has GET and PUT only, and says so."""
    answer = ask(shared, method)
    assert answer.status_code == 405 and "GET, PUT" in answer.json()["detail"]
