"""A server whose clock processes share, and processes of clients."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from tests.server.shared_time.client_process import ClientProcess, Start
from tests.support import KEYS, Mock

from jobmock.server.app import App, create_app
from jobmock.server.serving import running


@pytest.fixture(params=["h11", "httptools"])
def app(mock: Mock, request: pytest.FixtureRequest) -> Iterator[App]:
    app = create_app(mock.service)
    with running(app, http=request.param) as url:
        app.state.url = url
        yield app


@pytest.fixture
def start(app: App) -> Iterator[Start]:
    """Start a client's process that has joined."""
    started: list[ClientProcess] = []

    def make(key: str = KEYS["clado"], *, join: bool = True) -> ClientProcess:
        process = ClientProcess(app.state.url, key)
        started.append(process)
        if join:
            process.join()
        return process

    yield make
    for process in started:
        process.close()
