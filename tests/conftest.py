"""Fixtures that several test modules share."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import certifi
import pytest
from tests.support import EPOCH, Mock

from jobmock.app import create_app
from jobmock.catalogue import Catalogue
from jobmock.clock import Clock
from jobmock.namespace import Namespaces
from jobmock.server import running
from jobmock.service import Service

pytest_plugins = ["pytester"]

# Bytecode is kept: the tests begin a hundred processes, and each would compile everything anew.
sys.dont_write_bytecode = False
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers(config: pytest.Config) -> int | None:
    """A run of files that are named runs in this process: workers would take longer, and forbid a debugger."""
    named = config.option.file_or_dir
    return 0 if named and all(Path(name.partition("::")[0]).is_file() for name in named) else None


@pytest.fixture(scope="session", autouse=True)
def _one_authority(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Let clients read one certificate instead of all, which takes 20 ms for each client: nothing here speaks TLS."""
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
    """A fresh service on manual clocks that begin at EPOCH."""
    return Mock(Service(catalogue, Namespaces(clock=lambda: Clock("manual", start=EPOCH))))


@pytest.fixture
def server(mock: Mock) -> Iterator[str]:
    """The URL of a real server in front of `mock`."""
    with running(create_app(mock.service)) as url:
        yield url
