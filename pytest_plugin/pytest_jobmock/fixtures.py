"""The fixtures. All are plain ones, for sync, asyncio, anyio and trio tests alike."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import cache, partial
from importlib.util import find_spec
from pkgutil import iter_modules
from typing import TYPE_CHECKING, Any

import pytest

from . import marker
from .options import Options, resolve
from .stash import BENCH

if TYPE_CHECKING:
    from jobmock.live import Contract

    from .mock import Mock
    from .server import MockServer
    from .session import Bench


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
    from . import live
    from .session import Bench

    with _plainly():
        options, marked = marker.read(request.node, jobmock_options)
        marker.check_use(marked, _apis(), apis_of(request.fixturenames))
        if options.live:
            live.check(options, marked, jobmock_scenario)
        if jobmock_scenario:
            marked = marked._replace(scenarios=(jobmock_scenario,))
        bench = Bench(jobmock_server, options, marked, request.node)
    request.node.stash[BENCH] = jobmock_server.bench = bench
    with bench.running():
        yield bench
    jobmock_server.bench = None


@pytest.fixture
def contract() -> Iterator[Contract]:
    """The contract of every API: what a client sends through it is judged, and the test fails at its end."""
    from jobmock.errors import ContractViolation
    from jobmock.live import Contract

    held = Contract()
    yield held
    if held.broken:
        pytest.fail(str(ContractViolation(held.broken)), pytrace=False)


def of_apis() -> dict[str, Any]:
    """Return a fixture for each API, such as `clado_mock`: found by looking, without importing jobmock."""
    made = {"mock": _mock_of, "example": _example_of}
    return {f"{api}_{kind}": make(api) for api in _apis() for kind, make in made.items()}


def apis_of(fixturenames: Collection[str]) -> list[str]:
    """Return the APIs whose mocks a test uses, whole or for each example."""
    return [api for api in _apis() if not {f"{api}_mock", f"{api}_example"}.isdisjoint(fixturenames)]


def take_bench(item: pytest.Item) -> None:
    """Let a test of examples have a bench, which it doesn't name: Hypothesis is told of no function's fixture."""
    names = getattr(item, "fixturenames", [])
    if "jobmock_bench" not in names and apis_of(names):
        names.append("jobmock_bench")


def _mock_of(api: str) -> Any:
    def mock(jobmock_bench: Bench) -> Mock:
        with _plainly():
            return jobmock_bench.mock(api)

    mock.__doc__ = f"The mock of {api.capitalize()} that belongs to this test alone."
    return pytest.fixture(name=f"{api}_mock")(mock)


def _example_of(api: str) -> Any:
    def example(jobmock_server: MockServer) -> Callable[[], AbstractContextManager[Mock]]:
        return partial(jobmock_server.example, api)

    example.__doc__ = f"`with {api}_example() as mock`: a fresh mock for each example of a Hypothesis test."
    return pytest.fixture(name=f"{api}_example", scope="session")(example)


@contextmanager
def _plainly() -> Iterator[None]:
    """Fail with what is wrong in the test's set-up, and not with where in this plugin that was noticed."""
    from jobmock.errors import JobmockError

    try:
        yield
    except (JobmockError, pytest.UsageError) as error:
        raise pytest.fail.Exception(str(error), pytrace=False) from None


@cache
def _apis() -> tuple[str, ...]:
    """Return the names of the APIs, looked for once: every test asks for them."""
    found = find_spec("jobmock")
    roots = (found.submodule_search_locations if found else None) or []
    return tuple(sorted(module.name for module in iter_modules([f"{root}/apis" for root in roots])))
