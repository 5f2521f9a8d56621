"""SIGTERM ends `jobmock serve` whatever its clients do: with 0, without a traceback, and no answer holds it up."""

from __future__ import annotations

import signal
import socket
from contextlib import ExitStack
from pathlib import Path

import httpx
from tests.support import JOBS, KEYS, STARTS, Served, scenario, served

KEY = KEYS["clado"]
HEAD = f"Host: x\r\nAuthorization: Bearer {KEY}\r\n"
HALF_A_HEAD = f"GET {JOBS['clado']}/x HTTP/1.1\r\nHost: x\r\n"
HALF_A_BODY = f"POST {JOBS['clado']} HTTP/1.1\r\n{HEAD}Content-Length: 100\r\n\r\n{{"
HALF_A_CONTROL_CALL = f"PUT /__jobmock/scenario HTTP/1.1\r\n{HEAD}Content-Length: 100\r\n\r\n{{"
FAULTS: dict[str, dict[str, object]] = {
    "drip": {"drip": {"bytes": 1, "every": "1ms"}}, "slow drip": {"drip": {"bytes": 1, "every": "1h"}},
    "mid_body": {"disconnect": "mid_body"}, "hang": {"hang": True}, "delay": {"delay": "1h"},
}  # fmt: skip


def job_with(server: Served, fault: dict[str, object]) -> str:
    """Return the path of a job with a large answer that a fault spoils."""
    headers = {"Authorization": f"Bearer {KEY}"}
    many = {"count": 1000}
    played = scenario("clado", "completed", results=many, faults=[{"when": {"every": 1}, **fault}])
    with httpx.Client(base_url=server.url, headers=headers, trust_env=False) as client:
        client.put("/__jobmock/scenario", json={"scenario": played}).raise_for_status()
        return f"{JOBS['clado']}/{client.post(JOBS['clado'], json=STARTS['clado']).json()['job_id']}"


def test_the_end_of_the_server_ends_every_answer(tmp_path: Path) -> None:
    """Clients that send half a request, or don't read their answer, don't hold up the end, and log no traceback."""
    with served(cwd=tmp_path) as server, ExitStack() as clients:
        host, port = server.url.removeprefix("http://").split(":")
        polls = [f"GET {job_with(server, fault)} HTTP/1.1\r\n{HEAD}\r\n" for fault in FAULTS.values()]
        for begun in [HALF_A_HEAD, HALF_A_BODY, HALF_A_CONTROL_CALL, *polls] * 3:
            client = clients.enter_context(socket.socket())
            client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            client.connect((host, int(port)))
            client.sendall(begun.encode())
        httpx.get(f"{server.url}/__jobmock/ready", trust_env=False).raise_for_status()
        assert server.end(signal.SIGTERM) == 0
        logged = server.err.until_end()
    assert not any("Traceback" in line or "Cancel" in line for line in logged), logged
