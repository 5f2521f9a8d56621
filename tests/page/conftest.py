"""A browser, a server in this process, and a page that watches itself: its console, its requests, its addresses."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import pytest
from tests.page.browsers import launched, missing
from tests.page.callers import Caller
from tests.page.watched import PATIENCE, Watched
from tests.support import EPOCH

from jobmock.catalogue import Catalogue
from jobmock.clock import Clock
from jobmock.engine.namespace import Namespaces
from jobmock.server.app import create_app
from jobmock.server.serving import running
from jobmock.service.service import Service

if TYPE_CHECKING:
    from playwright.sync_api import Browser

Open = Callable[..., Watched]
Call = Callable[..., Caller]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """The browser of this machine. It ends with this module: Playwright's event loop is in the way of other tests."""
    if why := missing():
        pytest.skip(why)
    from playwright.sync_api import expect

    expect.set_options(timeout=PATIENCE)
    with launched() as opened:
        yield opened


@pytest.fixture(scope="module")
def server(catalogue: Catalogue) -> Iterator[str]:
    """The URL of a server with manual clocks."""
    service = Service(catalogue, Namespaces(clock=lambda: Clock("manual", start=EPOCH)))
    with running(create_app(service)) as url:
        yield url


@pytest.fixture
def call(request: pytest.FixtureRequest) -> Iterator[Call]:
    """Returns a client with a new key of an API, of this module's server or of another one."""
    callers: list[Caller] = []

    def make(api: str, url: str | None = None, token: str | None = None) -> Caller:
        url = url or request.getfixturevalue("server")
        callers.append(Caller(url, api, f"{request.node.name}-{len(callers)}", token))
        return callers[-1]

    yield make
    for caller in callers:
        caller.close()


@pytest.fixture
def caller(call: Call) -> Caller:
    """A client of Clado with a new key."""
    return call("clado")


@pytest.fixture
def open_page(browser: Browser) -> Iterator[Open]:
    """Opens a server's page in a new window, at a namespace. Afterwards, nothing may have been wrong in it."""
    opened: list[Watched] = []

    def opening(server: str, namespace: str = "", **options: Any) -> Watched:
        opened.append(Watched(browser, server, **options))
        opened[-1].open(namespace)
        return opened[-1]

    yield opening
    for one in opened:
        one.close()
    for one in opened:
        assert one.wrong() == []
