"""Behind a balancer, an API whose key is in a header of its own keeps each key at one server too."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import httpx
import pytest
from tests.deploy.balancers import BALANCERS, balancer, missing
from tests.distributions.installed import installed
from tests.free_ports import free_port
from tests.support import HANGS

DISTRIBUTION = "long_operations"
KEYS = [f"lro-{number}" for number in range(16)]


@contextmanager
def server() -> Iterator[int]:
    """Run a server that finds the API, and yield its port."""
    port = free_port()
    env = {**os.environ, "PYTHONPATH": str(installed(DISTRIBUTION))}
    process = subprocess.Popen([sys.executable, "-m", "jobmock", "serve", "--port", str(port)], env=env)
    try:
        ready = [sys.executable, "-m", "jobmock", "ready", "--url", f"http://127.0.0.1:{port}", "--wait", str(HANGS)]
        subprocess.run(ready, check=True, capture_output=True, timeout=HANGS)
        yield port
    finally:
        process.terminate()
        process.wait(HANGS)


def with_the_line(text: str) -> str:
    """Return a configuration in which the line for such an API is used."""
    line = "http-request set-var(txn.key) req.fhdr(api-key)"
    text = text.replace(f"# {line}", line)
    return text.replace('        default "";\n', "", 1).replace("# default $http_api_key;", "default $http_api_key;")


@pytest.mark.parametrize("program", BALANCERS)
def test_each_key_stays_at_one_server(program: str, tmp_path: Path) -> None:
    """A job that is started through the balancer is found by each poll, and keys are at several servers."""
    if reason := missing(program):
        pytest.skip(reason)
    with ExitStack() as stack:
        ports = [stack.enter_context(server()) for _ in range(2)]
        url, _ = stack.enter_context(balancer(program, tmp_path, ports, with_the_line))
        http = stack.enter_context(httpx.Client(trust_env=False, timeout=HANGS))
        for key in KEYS:
            job = http.post(f"{url}/long-operations", headers={"api-key": key}, json={"kind": "render"})
            place = httpx.URL(job.raise_for_status().headers["operation-location"]).path
            polls = [http.get(url + place, headers={"api-key": key}).status_code for _ in range(3)]
            assert polls == [200] * 3
        opened = [http.get(f"http://127.0.0.1:{port}/__jobmock/health").json()["namespaces"] for port in ports]
        assert sum(opened) == len(KEYS) and all(opened)
