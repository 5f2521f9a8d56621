"""The fixtures. None is asynchronous, so they serve sync, asyncio, anyio and trio tests alike."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest

from jobmock import api_packages

from . import marker
from .options import Options, resolve
from .stash import SESSION

if TYPE_CHECKING:
    from jobmock.conformance import ConformanceCase
    from jobmock.live import Contract

    from .mocks.mock import Mock
    from .mocks.server import MockServer
    from .session import MockSession


@pytest.fixture(scope="session")
def jobmock_options(pytestconfig: pytest.Config) -> Options:
    """The run's options; override it for a folder or a module to choose others."""
    return resolve(pytestconfig)


@pytest.fixture(scope="session")
def jobmock_server() -> Iterator[MockServer]:
    """The event loop and thread in which the mocks of all tests listen, each on its own port; started on first use."""
    from .mocks.server import MockServer

    server = MockServer()
    yield server
    server.stop()


@pytest.fixture
def jobmock_scenario(request: pytest.FixtureRequest) -> str | None:
    """The scenario that a test marked with `scenarios=PATTERN` is run for; None for any other test."""
    name: str | None = getattr(request, "param", None)
    return name


@pytest.fixture
def conformance_case(request: pytest.FixtureRequest) -> ConformanceCase:
    """The conformance case that a test marked with `conformance=API` is run for."""
    case: ConformanceCase = request.param
    return case


@pytest.fixture
def jobmock_session(
    request: pytest.FixtureRequest, jobmock_server: MockServer, jobmock_options: Options, jobmock_scenario: str | None
) -> Iterator[MockSession]:
    """The mocks of one test, with their clock, their verdict and their story."""
    from .mocks import live
    from .session import MockSession

    with _without_traceback():
        options, arguments = marker.read(request.node, jobmock_options)
        marker.check_scenarios(arguments, api_packages.names(), used_apis(request.fixturenames))
        if options.live:
            live.skip_unless_live(options, arguments, jobmock_scenario)
        if jobmock_scenario:
            arguments = arguments._replace(scenarios=(jobmock_scenario,))
        session = MockSession(jobmock_server, options, arguments, request.node)
        session.coverage = request.config.pluginmanager.get_plugin("jobmock-coverage")
    request.node.stash[SESSION] = request.config.stash[SESSION] = session
    try:
        with session.running():
            yield session
    finally:
        del request.config.stash[SESSION]


@pytest.fixture
def contract() -> Iterator[Contract]:
    """The contract of every API. Answers that pass through it are checked, and violations fail the test at its end."""
    from jobmock.errors import ContractViolation
    from jobmock.live import Contract

    checked = Contract()
    yield checked
    if checked.broken:
        pytest.fail(str(ContractViolation(checked.broken)), pytrace=False)


def api_fixtures() -> dict[str, Any]:
    """Return the fixtures of each API by name, such as `clado_mock`. Imports no API."""
    makers = {"mock": _mock_fixture, "example": _example_fixture}
    return {f"{api}_{kind}": make(api) for api in api_packages.names() for kind, make in makers.items()}


def used_apis(fixturenames: Collection[str]) -> list[str]:
    """Return the APIs whose fixtures a test uses."""
    return [api for api in api_packages.names() if not {f"{api}_mock", f"{api}_example"}.isdisjoint(fixturenames)]


def request_session(item: pytest.Item) -> None:
    """Let a test that uses only `clado_example` have a session: Hypothesis accepts no fixture of function scope."""
    names = getattr(item, "fixturenames", [])
    if "jobmock_session" not in names and used_apis(names):
        names.append("jobmock_session")


def _mock_fixture(api: str) -> Any:
    def mock(jobmock_session: MockSession) -> Mock:
        with _without_traceback():
            return jobmock_session.mock(api)

    mock.__doc__ = f"The mock of {api.capitalize()} that belongs to this test alone."
    return pytest.fixture(name=f"{api}_mock")(mock)


def _example_fixture(api: str) -> Any:
    def example(pytestconfig: pytest.Config) -> Callable[[], AbstractContextManager[Mock]]:
        return partial(_example, pytestconfig, api)

    example.__doc__ = f"`with {api}_example() as mock`: a fresh mock for each example of a Hypothesis test."
    return pytest.fixture(name=f"{api}_example", scope="session")(example)


@contextmanager
def _example(config: pytest.Config, api: str) -> Iterator[Mock]:
    """Yield a fresh mock of the running test, for one example. Raises UsageError where no test runs."""
    from jobmock.errors import UsageError

    session = config.stash.get(SESSION, None)
    if session is None:
        raise UsageError(f"{api}_example() is for tests: no test that takes it is running.")
    with session.mock(api).example() as mock:
        yield mock


@contextmanager
def _without_traceback() -> Iterator[None]:
    """Report a mistake in the test's set-up by its message, without a traceback through this plugin."""
    from jobmock.errors import JobmockError

    try:
        yield
    except (JobmockError, pytest.UsageError) as error:
        raise pytest.fail.Exception(str(error), pytrace=False) from None
