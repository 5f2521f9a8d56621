"""Fixtures that several test modules share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from tests.support import EPOCH, Mock

from jobmock.app import create_app
from jobmock.catalogue import Catalogue
from jobmock.clock import Clock
from jobmock.namespace import Namespaces
from jobmock.server import running
from jobmock.service import Service

pytest_plugins = ["pytester"]


@pytest.fixture(scope="session")
def catalogue() -> Catalogue:
    return Catalogue()


@pytest.fixture
def mock(catalogue: Catalogue) -> Mock:
    """A fresh service on manual clocks that begin at EPOCH."""
    return Mock(Service(catalogue, Namespaces(clock=lambda: Clock("manual", start=EPOCH))))


@pytest.fixture
def server(mock: Mock) -> Iterator[str]:
    """The URL of a real server in front of `mock`."""
    with running(create_app(mock.service)) as url:
        yield url
