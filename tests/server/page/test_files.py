"""The files of the page, over real sockets: who is led to it, and what its answers allow a browser to do."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest
from tests.support import EPOCH, KEYS

from jobmock.catalogue import Catalogue
from jobmock.clock import Clock
from jobmock.engine.namespace import Namespaces
from jobmock.server.app import create_app
from jobmock.server.serving import running
from jobmock.service.service import Service

BROWSER = {"accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}
SECRET = "a-secret"


@pytest.fixture(scope="module")
def service(catalogue: Catalogue) -> Service:
    return Service(catalogue, Namespaces(clock=lambda: Clock("manual", start=EPOCH)))


@pytest.fixture(scope="module", params=[None, SECRET], ids=["without a token", "with a token"])
def client(request: pytest.FixtureRequest, service: Service) -> Iterator[httpx.Client]:
    with running(create_app(service, control_token=request.param)) as url, httpx.Client(base_url=url) as opened:
        yield opened


@pytest.mark.parametrize("path", ["/", "/__jobmock"])
def test_a_browser_is_led_to_the_page(client: httpx.Client, service: Service, path: str) -> None:
    """A request for HTML at the root gets a relative redirect, and isn't in the journal."""
    before = service.namespaces.outside.count
    answer = client.get(path, headers=BROWSER)
    assert (answer.status_code, answer.headers["location"]) == (302, "__jobmock/")
    page = client.get(path, headers=BROWSER, follow_redirects=True)
    assert page.url.path == "/__jobmock/" and page.headers["content-type"].startswith("text/html")
    assert service.namespaces.outside.count == before


@pytest.mark.parametrize("accept", ["*/*", "application/json", "", "text/plain"])
def test_other_clients_get_json(client: httpx.Client, service: Service, accept: str) -> None:
    """At the root they get the 404 of an API, which is in the journal, and at `/__jobmock/` a list of the calls."""
    before = service.namespaces.outside.count
    answer = client.get("/", headers={"accept": accept})
    assert (answer.status_code, answer.headers["content-type"]) == (404, "application/json")
    assert service.namespaces.outside.count == before + 1
    listed = client.get("/__jobmock/", headers={"accept": accept, "x-jobmock-token": SECRET}).json()
    assert {"journal", "events", "clock/advance"} <= set(listed["calls"])


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS"])
def test_only_reading_leads_to_the_page(client: httpx.Client, method: str) -> None:
    """A request that isn't GET or HEAD gets no page, whatever it accepts."""
    for path in ("/", "/__jobmock/"):
        answer = client.request(method, path, headers={**BROWSER, "x-jobmock-token": SECRET})
        assert answer.status_code in (404, 405) and "json" in answer.headers["content-type"]


def test_the_page_may_load_nothing_from_elsewhere(client: httpx.Client) -> None:
    """Its policy allows scripts and styles of this server alone, no inline ones, no markup from texts, and no frame."""
    policy = client.get("/__jobmock/", headers=BROWSER).headers["content-security-policy"]
    rules = dict(rule.strip().split(" ", 1) for rule in policy.split(";"))
    assert rules["default-src"] == rules["base-uri"] == rules["form-action"] == rules["frame-ancestors"] == "'none'"
    assert rules["script-src"] == rules["style-src"] == rules["connect-src"] == "'self'"
    assert rules["require-trusted-types-for"] == "'script'" and rules["trusted-types"] == "'none'"
    assert "unsafe" not in policy and "http" not in policy


def test_the_files_need_no_token_and_hold_no_data(client: httpx.Client, service: Service) -> None:
    """They are the same before and after requests, and each is served with the headers of the page."""
    before = client.get("/__jobmock/", headers=BROWSER)
    client.get("/api/credits", headers={"authorization": f"Bearer {KEYS['clado']}"})
    after = client.get("/__jobmock/", headers=BROWSER)
    assert before.content == after.content and before.status_code == 200
    assert before.headers["x-content-type-options"] == "nosniff"


def test_a_file_that_is_known_is_not_sent_again(client: httpx.Client) -> None:
    """A browser that has a file gets 304, as long as the file is the same."""
    tag = client.get("/__jobmock/", headers=BROWSER).headers["etag"]
    again = client.get("/__jobmock/", headers={**BROWSER, "if-none-match": tag})
    assert (again.status_code, again.content) == (304, b"")
    assert client.get("/__jobmock/", headers={**BROWSER, "if-none-match": '"other"'}).status_code == 200


@pytest.mark.parametrize("name", [
    "%2e%2e", "../files.py", "%2e%2e%2ffiles.py", "files.py", "static", "", "index.html/",
])  # fmt: skip
def test_no_other_file_is_served(client: httpx.Client, name: str) -> None:
    """A name that isn't one of the page's files is no control call."""
    answer = client.get(f"/__jobmock/page/{name}", headers={"x-jobmock-token": SECRET})
    assert answer.status_code == 404 and answer.headers["content-type"] == "application/problem+json"


def test_a_browser_gets_packed_files(client: httpx.Client) -> None:
    """A client that takes gzip gets the same file in fewer bytes, and others get it as it is."""
    packed = client.get("/__jobmock/page/main.js", headers={"accept-encoding": "gzip"})
    plain = client.get("/__jobmock/page/main.js", headers={"accept-encoding": "identity"})
    assert packed.headers["content-encoding"] == "gzip" and "content-encoding" not in plain.headers
    assert packed.content == plain.content and packed.headers["etag"] != plain.headers["etag"]
    assert int(packed.headers["content-length"]) < int(plain.headers["content-length"]) / 1.5
