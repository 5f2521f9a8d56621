"""CORS over real sockets, with the headers that a browser sends for a page of another origin."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import httpx
import pytest
from tests.support import HANGS, JOBS, STARTS, Mock, scenario

from jobmock.catalogue import Catalogue
from jobmock.errors import UsageError
from jobmock.server.app import create_app
from jobmock.server.serving import running
from jobmock.service.service import Service

PAGE, OTHER = "http://localhost:3000", "https://other.example"
BEARER = {"authorization": "Bearer lk_page"}
BROWSER = {
    "accept": "*/*", "accept-encoding": "gzip, deflate, br, zstd", "accept-language": "en-US,en;q=0.9",
    "cache-control": "no-cache", "pragma": "no-cache", "referer": f"{PAGE}/", "sec-fetch-dest": "empty",
    "sec-fetch-mode": "cors", "sec-fetch-site": "cross-site",
    "user-agent": "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0",
}  # fmt: skip
"""What Chromium sends for a `fetch` of a page, besides Origin."""
REFUSED = scenario(
    "clado", "completed",
    faults=[{"operation": "status", "when": {"request": 1}, "respond": "rate_limited", "retry_after": 7}],
)  # fmt: skip
Open = Callable[..., tuple[httpx.Client, Mock]]


@pytest.fixture(params=("h11", "httptools"))
def open_server(request: pytest.FixtureRequest, catalogue: Catalogue) -> Iterator[Open]:
    """Makes a server for some origins, and returns a client of it with its mock."""
    with ExitStack() as stack:

        def open_one(*origins: str) -> tuple[httpx.Client, Mock]:
            mock = Mock(Service(catalogue))
            url = stack.enter_context(running(create_app(mock.service, cors=origins), http=request.param))
            return stack.enter_context(httpx.Client(base_url=url, headers=BROWSER, timeout=HANGS)), mock

        yield open_one


def preflight(http: httpx.Client, path: str, origin: str = PAGE, method: str = "POST", **more: str) -> httpx.Response:
    """Ask as a browser does before a request with a key and JSON. A preflight has no key itself."""
    asked = {"access-control-request-method": method, "access-control-request-headers": "authorization,content-type"}
    return http.options(path, headers={"origin": origin, **asked, **more})


def allows(answer: httpx.Response, origin: str = PAGE) -> bool:
    """Return whether a browser lets a page of an origin go on, or read the answer."""
    return answer.is_success and answer.headers.get("access-control-allow-origin") in (origin, "*")


def notes(mock: Mock) -> list[str | None]:
    """Return the notes of the exchanges that belong to no key."""
    return [exchange.note for exchange in mock.service.namespaces.outside]


@pytest.mark.parametrize("given", [(PAGE,), (OTHER, PAGE), ("*",), ("HTTP://LocalHost:3000",)])
def test_a_page_of_an_allowed_origin_runs_a_job(open_server: Open, given: tuple[str, ...]) -> None:
    """Preflights are allowed with every header and method, answers can be read, and the journal has no preflight."""
    http, mock = open_server(*given)
    asked = preflight(http, JOBS["clado"])
    assert allows(asked)
    assert "POST" in asked.headers["access-control-allow-methods"]
    assert asked.headers["access-control-allow-headers"] == "authorization,content-type"
    headers = {**BEARER, "origin": PAGE}
    started = http.post(JOBS["clado"], json=STARTS["clado"], headers=headers)
    assert allows(started)
    path = f"{JOBS['clado']}/{started.json()['job_id']}"
    assert allows(preflight(http, path, method="GET"))
    assert allows(http.get(path, headers=headers))
    assert [one.operation for one in mock.namespace("clado", "lk_page").journal] == ["start", "status"]
    assert notes(mock) == []


def test_a_page_can_read_refusals_and_all_their_headers(open_server: Open) -> None:
    """A 429 of the API has the headers of CORS too, and lets the page read Retry-After."""
    http, mock = open_server(PAGE)
    job = mock.play("clado", REFUSED, "lk_page")
    answer = http.get(f"{JOBS['clado']}/{job}", headers={**BEARER, "origin": PAGE})
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "7")
    assert answer.headers["access-control-allow-origin"] == PAGE
    assert answer.headers["access-control-expose-headers"] == "*"


def test_a_public_page_may_call_a_server_on_this_machine(open_server: Open) -> None:
    """A preflight for a private network is allowed as well, where this Starlette knows it."""
    http, _ = open_server(OTHER)
    answer = preflight(http, JOBS["clado"], OTHER, **{"access-control-request-private-network": "true"})
    assert allows(answer, OTHER)


@pytest.mark.parametrize("given", [(), (OTHER,)])
@pytest.mark.parametrize("path", [JOBS["clado"], JOBS["orbit"], "/api/mistyped"])
def test_a_refused_preflight_leaves_a_note_what_to_do(open_server: Open, given: tuple[str, ...], path: str) -> None:
    """Without --cors, or with it for others, a preflight is refused, and the journal says which option allows it."""
    http, mock = open_server(*given)
    answer = preflight(http, path)
    assert not allows(answer)
    assert "access-control-allow-origin" not in answer.headers
    (note,) = notes(mock)
    assert note is not None and note.endswith(f"to allow it, start the server with --cors '{PAGE}'")


def test_notes_about_preflights_hold_no_key(open_server: Open) -> None:
    """An Origin that is a key is cut to its prefix, and one that is `null` needs `*`."""
    http, mock = open_server()
    preflight(http, JOBS["clado"], "lk_secretsecret")
    preflight(http, JOBS["clado"], "null")
    first, second = map(str, notes(mock))
    assert first.endswith("--cors 'lk_…'")
    assert second.endswith("--cors '*'")


def test_other_options_requests_have_no_such_note(open_server: Open) -> None:
    """An OPTIONS request that isn't a preflight gets only the note about its methods."""
    http, mock = open_server()
    http.options(JOBS["clado"], headers={"origin": PAGE})
    http.options(JOBS["clado"], headers={"access-control-request-method": "POST"})
    assert notes(mock) == ["this route has POST only"] * 2


@pytest.mark.parametrize("given", [(), (PAGE,), ("*",)])
@pytest.mark.parametrize("call", ["health", "journal", "clock", "clock/share", "nothing"])
def test_control_calls_answer_no_other_origin(open_server: Open, given: tuple[str, ...], call: str) -> None:
    """With every --cors, a control call and its preflight are refused to a page, without any header of CORS."""
    http, mock = open_server(*given)
    answers = [
        preflight(http, f"/__jobmock/{call}", method="GET"),
        http.get(f"/__jobmock/{call}", headers={**BEARER, "origin": PAGE}),
    ]
    for answer in answers:
        assert answer.status_code == 403
        assert not [name for name in answer.headers if name.startswith("access-control-")]
    assert len(mock.service.namespaces) == 0


WRONG: dict[str, Any] = {
    "a host": "localhost:3000", "a path": "http://localhost:3000/", "a default port": "http://mock.example:80",
    "a default port of https": "https://mock.example:443", "a pattern": "http://*.example", "nothing": "",
    "null": "null", "a user": "http://me@mock.example", "a blank": "http://a.example http://b.example",
}  # fmt: skip


@pytest.mark.parametrize("kind", WRONG)
def test_what_no_browser_sends_is_no_origin(catalogue: Catalogue, kind: str) -> None:
    """A text that a browser never sends as Origin is a usage error, which shows one that it sends."""
    with pytest.raises(UsageError) as caught:
        create_app(Service(catalogue), cors=[WRONG[kind]])
    assert str(caught.value).startswith(f"--cors is {WRONG[kind]!r}. Allowed: '*', or an origin such as http")


def test_faults_are_played_to_pages_too(open_server: Open) -> None:
    """A connection that a scenario resets is reset for an allowed page as well."""
    http, mock = open_server(PAGE)
    fault = {"operation": "status", "when": {"request": 1}, "disconnect": "mid_body"}
    job = mock.play("clado", scenario("clado", "completed", faults=[fault]), "lk_page")
    headers = {**BEARER, "origin": PAGE}
    with pytest.raises(httpx.TransportError):
        http.get(f"{JOBS['clado']}/{job}", headers=headers)
    assert json.loads(http.get(f"{JOBS['clado']}/{job}", headers=headers).content)["status"] == "completed"
