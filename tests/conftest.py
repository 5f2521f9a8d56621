"""Fixtures that several test modules share."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Iterator
from pathlib import Path

import certifi
import hypothesis
import pytest
from hypothesis.internal.conjecture import providers
from hypothesis.internal.entropy import deterministic_PRNG
from tests.forking import PARENT
from tests.support import EPOCH, Mock

from jobmock.catalogue import Catalogue
from jobmock.clock import Clock
from jobmock.engine.namespace import Namespaces
from jobmock.server.app import create_app
from jobmock.server.serving import running
from jobmock.service.service import Service

pytest_plugins = ["pytester"]

# Bytecode is written: the tests start a hundred processes, and each would compile all modules again.
sys.dont_write_bytecode = False
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

# Counterexamples are saved on a developer's machine alone. The tests see the same jobmock on each machine.
os.environ.pop("CI", None)

# Properties have no deadlines: these would depend on the machine.
hypothesis.settings.register_profile("suite", deadline=None)
hypothesis.settings.load_profile("suite")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers(config: pytest.Config) -> int | None:
    """Run named files in this process: workers would take longer, and wouldn't allow a debugger."""
    named = config.option.file_or_dir
    return 0 if named and all(Path(name.partition("::")[0]).is_file() for name in named) else None


def pytest_collection_finish() -> None:
    """Exclude the tests and their modules from garbage collection.

    Each run of pytest within a test ends with five full collections, which would visit all of them again. Hypothesis
    registers its generator before: it warns of one to which it finds no reference, and finds none in frozen objects.
    """
    with deterministic_PRNG():
        gc.collect()
    gc.freeze()


@pytest.fixture
def quick_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a server in this process report strangers, and processes that stall, after 0.2 seconds instead of one."""
    monkeypatch.setattr("jobmock.server.shared_time.unclaimed._SECONDS", 0.2)
    monkeypatch.setattr("jobmock.server.shared_time.group._STALLED_SECONDS", 0.2)


@pytest.fixture(scope="session", autouse=True)
def _end_forking_process() -> Iterator[None]:
    """End the process that forks others after the last test."""
    yield
    PARENT.end()


@pytest.fixture(scope="session", autouse=True)
def _no_constants_from_sources() -> Iterator[None]:
    """Keep Hypothesis from drawing constants that it finds in this project's modules.

    Draws would depend on what was imported before, and it would read all sources again after each import.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(providers, "is_local_module_file", lambda path: False, raising=False)
        yield


@pytest.fixture(scope="session", autouse=True)
def _one_certificate(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Let clients load one root certificate: to load all takes 20 ms for each client, and tests don't need them."""
    path, end = tmp_path_factory.mktemp("authority") / "one.pem", "-----END CERTIFICATE-----\n"
    path.write_text(Path(certifi.where()).read_text("utf-8").partition(end)[0] + end, "utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(certifi, "where", lambda: str(path))
        patch.setenv("SSL_CERT_FILE", str(path))
        yield


@pytest.fixture(scope="session")
def catalogue() -> Catalogue:
    return Catalogue()


@pytest.fixture
def mock(catalogue: Catalogue) -> Mock:
    """A new service with manual clocks that begin at EPOCH."""
    return Mock(Service(catalogue, Namespaces(clock=lambda: Clock("manual", start=EPOCH))))


@pytest.fixture
def server(mock: Mock) -> Iterator[str]:
    """The URL of a real server in front of `mock`."""
    with running(create_app(mock.service)) as url:
        yield url
