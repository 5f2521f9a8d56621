"""Who may make control calls: raw requests over real sockets, with any Host, Origin, type of body and token."""

from __future__ import annotations

import json
import socket
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import httpx
import pytest
from tests.support import EPOCH, HANGS, Mock

from jobmock.catalogue import Catalogue
from jobmock.clock import Clock
from jobmock.engine.namespace import Namespaces
from jobmock.errors import UsageError
from jobmock.server.app import create_app
from jobmock.server.control.access import OPEN_CALLS, Access
from jobmock.server.control.calls import call_table
from jobmock.server.held_answers import HeldAnswers
from jobmock.server.page.event_stream import EventStreams
from jobmock.server.serving import running
from jobmock.server.shared_time.endpoint import SharedTimeEndpoint
from jobmock.service.service import Service

KEY = "lk_access"
JSON = "Content-Type: application/json"
PARSERS = ("h11", "httptools")
CONTROL = "/__jobmock/"
HEALTH = {
    "status", "version", "namespaces", "evicted", "jobs_dropped", "exchanges_dropped", "answers_dropped",
    "broken_scenarios",
}  # fmt: skip


class Answer(NamedTuple):
    """What came back for a raw request."""

    status: int
    type: str
    body: Any


class Site(NamedTuple):
    """A running server and the mock behind it."""

    mock: Mock
    port: int

    def send(self, method: str, target: str, *headers: str, body: bytes = b"", version: str = "1.1") -> Answer:
        """Send a request with these headers and no others."""
        lines = [f"{method} {target} HTTP/{version}", *headers, "Connection: close"]
        if body:
            lines.append(f"Content-Length: {len(body)}")
        with socket.create_connection(("127.0.0.1", self.port), timeout=HANGS) as connection:
            connection.sendall("\r\n".join([*lines, "", ""]).encode("latin-1") + body)
            received = b"".join(iter(lambda: connection.recv(65_536), b""))
        head, _, rest = received.partition(b"\r\n\r\n")
        rows = (line.partition(b": ") for line in head.split(b"\r\n")[1:])
        fields = httpx.Headers([(name, value) for name, _, value in rows])
        kind = fields.get("content-type", "")
        return Answer(int(head[9:12]), kind, json.loads(rest) if rest and "json" in kind else rest)

    def call(self, method: str, call: str, *headers: str, body: bytes = b"", host: str | None = None) -> Answer:
        """Make a control call for the key, to the server's own address unless `host` is given."""
        name = host or f"127.0.0.1:{self.port}"
        return self.send(
            method, CONTROL + call, f"Host: {name}", f"Authorization: Bearer {KEY}", *headers, body=body
        )

    def state(self) -> object:
        """Return what control calls change."""
        namespaces, plans = self.mock.service.namespaces, dict(self.mock.service.defaults.plans)
        rows = [(one.key, len(one.jobs), one.clock.now(), one.plan, one.credits.balance) for one in namespaces]
        return rows, plans, dict(namespaces.opening)


@pytest.fixture(scope="module", params=PARSERS)
def open_site(request: pytest.FixtureRequest, catalogue: Catalogue) -> Iterator[Callable[..., Site]]:
    """Makes a server with a token or names; one with the same arguments is used again."""
    with _Sites(catalogue, request.param) as sites:
        yield sites.open


class _Sites:
    def __init__(self, catalogue: Catalogue, parser: str) -> None:
        self._catalogue, self._parser = catalogue, parser
        self._open: dict[Any, tuple[Any, Site]] = {}

    def __enter__(self) -> _Sites:
        return self

    def __exit__(self, *error: object) -> None:
        for server, _ in self._open.values():
            server.__exit__(None, None, None)

    def open(self, token: str | None = None, *hosts: str) -> Site:
        if (token, hosts) not in self._open:
            mock = Mock(Service(self._catalogue, Namespaces(clock=lambda: Clock("manual", start=EPOCH))))
            server = running(create_app(mock.service, control_token=token, control_hosts=hosts), http=self._parser)
            port = int(server.__enter__().rpartition(":")[2])
            self._open[token, hosts] = server, Site(mock, port)
        return self._open[token, hosts][1]


@pytest.fixture
def site(open_site: Callable[..., Site]) -> Site:
    """A server without a token."""
    return open_site()


def every_call(catalogue: Catalogue) -> list[tuple[str, str]]:
    """Return method and name of every control call."""
    table = call_table(Service(catalogue, Namespaces(clock=lambda: Clock("manual"))), HeldAnswers())
    named = [(method, name) for name, methods in table.items() for method in methods]
    return [*named, ("GET", SharedTimeEndpoint.call)]


STREAM = ("GET", EventStreams.call)
"""A call whose answer has no end, unless it is refused."""
FOREIGN_ORIGINS = {
    "another site": "Origin: https://evil.example",
    "a sandboxed frame or a file": "Origin: null",
    "another port": "Origin: http://127.0.0.1:1",
    "https": "Origin: https://127.0.0.1:{port}",
    "the same machine by name": "Origin: http://localhost:{port}",
    "a longer name": "Origin: http://127.0.0.1:{port}.evil.example",
    "an empty origin": "Origin: ",
}


@pytest.mark.parametrize("kind", FOREIGN_ORIGINS)
def test_no_call_is_answered_to_a_page_of_another_origin(site: Site, catalogue: Catalogue, kind: str) -> None:
    """Each control call with a foreign Origin is 403 and does nothing, with and without a body."""
    header, before = FOREIGN_ORIGINS[kind].format(port=site.port), site.state()
    for method, name in (*every_call(catalogue), STREAM):
        for more, body in (((), b""), ((JSON,), b"{}")):
            answer = site.call(method, name, header, *more, body=body)
            assert (answer.status, answer.type) == (403, "application/problem+json"), (method, name)
            assert "Allowed: no Origin, or the server's own, " in answer.body["detail"]
    assert site.state() == before


@pytest.mark.parametrize("origin", ["", "Origin: http://rebound.example:8087"])
def test_no_call_is_answered_to_a_rebound_name(site: Site, catalogue: Catalogue, origin: str) -> None:
    """A page whose own name leads to the server gets counts alone: every other call is 403 and does nothing."""
    before = site.state()
    for method, name in (*every_call(catalogue), STREAM):
        answer = site.call(method, name, *([origin] if origin else []), host="rebound.example:8087")
        if name in OPEN_CALLS:
            assert set(answer.body) == HEALTH
            continue
        assert (answer.status, answer.type) == (403, "application/problem+json"), (method, name)
        assert "Allowed: localhost, an address such as 127.0.0.1 or [::1], and names that" in answer.body["detail"]
    assert site.state() == before


SIMPLE_TYPES = {
    "text": ["Content-Type: text/plain"],
    "a form": ["Content-Type: application/x-www-form-urlencoded"],
    "a form with files": ["Content-Type: multipart/form-data; boundary=x"],
    "no type": [],
    "an empty type": ["Content-Type: "],
    "JSON as a parameter": ["Content-Type: text/plain; application/json"],
    "JSON as a second type": ["Content-Type: text/plain, application/json"],
    "JSON in a second header": [JSON, "Content-Type: text/plain"],
    "almost JSON": ["Content-Type: application/jsonx"],
    "a kind of JSON": ["Content-Type: application/problem+json"],
}


@pytest.mark.parametrize("kind", SIMPLE_TYPES)
def test_body_of_another_type_is_refused(site: Site, catalogue: Catalogue, kind: str) -> None:
    """Each control call with a body that isn't declared as JSON is 415, does nothing, and names curl's flag."""
    before = site.state()
    for method, name in (*every_call(catalogue), STREAM):
        answer = site.call(method, name, *SIMPLE_TYPES[kind], body=b'{"seconds": 5}')
        assert (answer.status, answer.type) == (415, "application/problem+json"), (method, name)
        assert answer.body["title"] == "Unsupported Media Type"
        assert answer.body["detail"].endswith(f"With curl: -H '{JSON}'.")
    assert site.state() == before


@pytest.mark.parametrize("kind", ["application/json", "Application/JSON", "application/json; charset=utf-8"])
def test_json_is_taken_with_its_parameters(site: Site, kind: str) -> None:
    """`application/json` is the type of a body in any case, with or without parameters."""
    assert site.call("POST", "clock/advance", f"Content-Type: {kind}", body=b'{"seconds": 1}').status == 200


@pytest.mark.parametrize("headers", [[], [JSON], ["Content-Type: text/plain"]])
def test_call_without_a_body_needs_no_type(site: Site, catalogue: Catalogue, headers: list[str]) -> None:
    """Each control call that has no body is judged by its fields alone."""
    for method, name in every_call(catalogue):
        assert site.call(method, name, *headers).status in (200, 400, 409, 426), (method, name)
    assert site.call("POST", "reset", *headers).status == 200


ALLOWED_HOSTS = [
    "localhost", "localhost:8087", "LocalHost:80", "localhost.", "localhost.:8087", "127.0.0.1", "127.0.0.1:1",
    "127.0.0.1.", "127.9.9.9", "0.0.0.0:8087", "192.168.1.5", "203.0.113.7:8087", "[::1]", "[::1]:8087",
    "[2001:DB8::1]:443", "[::ffff:127.0.0.1]:8087", "localhost:", "[fe80::1%eth0]:8087",
]  # fmt: skip
REFUSED_HOSTS = [
    "evil.example", "evil.example:8087", "localhost.evil.example", "evil-localhost", "127.0.0.1.evil.example",
    "127.0.0.1.evil.example:8087", "x.localhost", "localhost@evil.example", "localhost:8087@evil.example",
    "evil.example#localhost", "localhost, evil.example", "localhost evil.example", "[::1].evil.example",
    "[evil.example]", "[127.0.0.1]", "::1", "[::1", "::1]", "localhost..", "localhost:80:80", "localhost:x", ":8087",
    "127.1", "0x7f.0.0.1", "2130706433", "mock.internal", "x" * 5_000, "xn--lcalhost-0nb", "[::1]x:1",
]  # fmt: skip


@pytest.mark.parametrize("host", ALLOWED_HOSTS)
def test_hosts_that_no_page_can_take(site: Site, host: str) -> None:
    """`localhost` and each literal address are allowed, in any case, with or without a port and a last dot."""
    assert site.call("GET", "journal", host=host).status == 200


@pytest.mark.parametrize("host", REFUSED_HOSTS)
def test_hosts_that_a_page_may_have(site: Site, host: str) -> None:
    """Any other Host is 403 (or 400 where the parser refuses it), in a message of bounded length."""
    answer = site.call("GET", "journal", host=host)
    assert answer.status in (400, 403)
    assert answer.status == 400 or len(answer.body["detail"]) < 400


@pytest.mark.parametrize("host", ["mock.internal", "MOCK.internal:8087", "mock.internal.", "mock:1", "localhost"])
def test_names_that_the_server_is_given(open_site: Callable[..., Site], host: str) -> None:
    """A name of `control_hosts` is allowed in any case, with a port and a last dot; localhost and addresses stay."""
    site = open_site(None, "mock.Internal.", "mock")
    assert site.call("GET", "journal", host=host).status == 200
    assert site.call("GET", "journal", host=f"x.{host}").status == 403


@pytest.mark.parametrize("name", ["", ".", "mock:8087", "http://mock", "mock/x", "*", "a b", "127.0.0.1", "[::1]", "é"])
def test_names_that_are_none(name: str) -> None:
    """A name with a port, a scheme or a wildcard, and an address, is refused with what is allowed."""
    with pytest.raises(UsageError, match=r"--control-host is .* Allowed: a name without scheme and port, such as"):
        Access(None, [name])


def test_call_without_a_host(site: Site) -> None:
    """A call of HTTP/1.0 that has no Host is 403 and says so; one of HTTP/1.1 is 400 or 403; the counts are shown."""
    answer = site.send("GET", f"{CONTROL}journal", version="1.0")
    assert answer.status == 403 and answer.body["detail"].startswith("The call has no Host. Allowed: localhost, ")
    assert site.send("GET", f"{CONTROL}journal").status in (400, 403)
    assert site.send("GET", f"{CONTROL}journal", "Host:").status in (400, 403)
    assert site.send("GET", f"{CONTROL}health", version="1.0").status == 200
    assert site.send("GET", f"{CONTROL}journal", "Host: localhost", version="1.0").status == 200


def test_call_with_two_hosts(site: Site) -> None:
    """A call with two Hosts isn't answered unless both are allowed."""
    for hosts in (("localhost", "evil.example"), ("evil.example", "localhost")):
        assert site.send("GET", f"{CONTROL}journal", *(f"Host: {host}" for host in hosts)).status in (400, 403)


@pytest.mark.parametrize("target", ["http://evil.example/__jobmock/journal", "http://localhost/__jobmock/journal"])
def test_whole_url_as_target(site: Site, target: str) -> None:
    """A request whose target is a whole URL is refused like any other by its Host."""
    assert site.send("GET", target, "Host: evil.example").status in (403, 404)


@pytest.mark.parametrize("path", ["/%5F_jobmock/journal", "/__jobmock/%6Aournal", "/__jobmock/reset?x", "/__jobmock//"])
def test_other_spellings_of_a_path(site: Site, path: str) -> None:
    """No spelling of a control call's path leads round the check."""
    assert site.send("GET", path, "Host: evil.example").status == 403


def test_page_of_the_server_itself(site: Site) -> None:
    """A page that came from the server's own address may make calls."""
    own = f"Origin: http://127.0.0.1:{site.port}"
    assert site.call("POST", "clock/advance", own, JSON, body=b'{"seconds": 1}').status == 200


FETCHES = {
    "an image of another page": ("cross-site", "image", 403), "a page of another port": ("same-site", "empty", 403),
    "a frame of another page": ("cross-site", "iframe", 403), "a link of another page": ("cross-site", "document", 200),
    "the page of the server": ("same-origin", "empty", 200), "an address that was typed": ("none", "document", 200),
}  # fmt: skip


@pytest.mark.parametrize("kind", FETCHES)
def test_requests_of_pages_without_an_origin(site: Site, kind: str) -> None:
    """A browser says whose page a request is from, also where it sends no Origin; only a link may lead from another."""
    from_where, of_what, status = FETCHES[kind]
    headers = (f"Sec-Fetch-Site: {from_where}", f"Sec-Fetch-Dest: {of_what}")
    assert site.call("GET", "journal", *headers).status == status
    if status == 403:
        assert site.call(*STREAM, *headers).status == 403


def test_browser_that_asks_first_is_refused(site: Site) -> None:
    """The question of a browser whether a page may send JSON or a token is refused, and names no allowed origin."""
    asked = ("Access-Control-Request-Method: POST", "Access-Control-Request-Headers: content-type,x-jobmock-token")
    with socket.create_connection(("127.0.0.1", site.port), timeout=HANGS) as connection:
        lines = (f"OPTIONS {CONTROL}reset HTTP/1.1", "Host: 127.0.0.1", "Origin: https://evil.example", *asked)
        connection.sendall("\r\n".join([*lines, "Connection: close", "", ""]).encode())
        received = b"".join(iter(lambda: connection.recv(65_536), b"")).lower()
    assert received.startswith(b"http/1.1 403 ") and b"access-control" not in received


@pytest.mark.parametrize("token", ["secret", "sécret", "x" * 300])
@pytest.mark.parametrize("host", ["127.0.0.1", "evil.example", "mock.internal:80"])
def test_token_counts_instead_of_the_host(
    open_site: Callable[..., Site], catalogue: Catalogue, token: str, host: str
) -> None:
    """With the right token any Host is answered, without it none is, be it an address; the counts need neither."""
    site = open_site(token)
    raw = token.encode().decode("latin-1")
    for method, name in (*every_call(catalogue), STREAM):
        if (method, name) != STREAM:
            assert site.call(method, name, f"X-Jobmock-Token: {raw}", host=host).status in (200, 400, 409, 426), name
        for wrong in ([], ["X-Jobmock-Token: "], ["X-Jobmock-Token: wrong"], [f"X-Jobmock-Token: {raw[:-1]}"]):
            answer = site.call(method, name, *wrong, host=host)
            assert (answer.status == 200) is (name in OPEN_CALLS)
            assert name in OPEN_CALLS or "need its token: send it in X-Jobmock-Token" in answer.body["detail"]


def test_token_does_not_open_calls_to_pages(open_site: Callable[..., Site]) -> None:
    """A foreign Origin is refused even with the right token."""
    site = open_site("secret")
    answer = site.call("GET", "journal", "X-Jobmock-Token: secret", "Origin: https://evil.example")
    assert answer.status == 403 and "'https://evil.example'" in answer.body["detail"]


def test_apis_answer_any_host(site: Site) -> None:
    """The rule is for control calls: a client of the APIs may use any name, and may be a page."""
    for header in ("Host: search.clado.ai", "Host: evil.example"):
        headers = (header, f"Authorization: Bearer {KEY}", "Origin: https://app.example")
        assert site.send("GET", "/api/credits", *headers).status == 200
