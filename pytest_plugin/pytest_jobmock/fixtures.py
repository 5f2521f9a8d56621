"""The fixtures. All are plain ones, for sync, asyncio, anyio and trio tests alike."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from . import marking
from .keys import BENCH
from .options import Options, resolve

if TYPE_CHECKING:
    from .bench import Bench
    from .mock import Mock
    from .server import MockServer


@pytest.fixture(scope="session")
def jobmock_options(pytestconfig: pytest.Config) -> Options:
    """The run's options; override it for a folder or a module to choose others."""
    return resolve(pytestconfig)


@pytest.fixture(scope="session")
def jobmock_server() -> Iterator[MockServer]:
    """The loop and thread on which every test's mocks listen, each on a port of its own; started when first used."""
    from .server import MockServer

    server = MockServer()
    yield server
    server.end()


@pytest.fixture
def jobmock_scenario(request: pytest.FixtureRequest) -> str | None:
    """The scenario that a test marked with `scenarios=PATTERN` is run for; None for any other test."""
    name: str | None = getattr(request, "param", None)
    return name


@pytest.fixture
def jobmock_bench(
    request: pytest.FixtureRequest, jobmock_server: MockServer, jobmock_options: Options, jobmock_scenario: str | None
) -> Iterator[Bench]:
    """All that one test's mocks share: their clock, their verdict, their story."""
    from .bench import Bench

    options, marked = marking.read(request.node, jobmock_options)
    if jobmock_scenario:
        marked = marked._replace(scenarios=(jobmock_scenario,))
    bench = Bench(jobmock_server, options, marked, request.node)
    request.node.stash[BENCH] = bench
    with bench.running():
        yield bench


@pytest.fixture
def clado_mock(jobmock_bench: Bench) -> Mock:
    """A mock of Clado deep research that belongs to this test alone."""
    return jobmock_bench.mock("clado")


@pytest.fixture
def orbit_mock(jobmock_bench: Bench) -> Mock:
    """A mock of Orbit Deep Search that belongs to this test alone."""
    return jobmock_bench.mock("orbit")
