"""A client of a server whose page is tested."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import httpx
from tests.support import HANGS, JOBS, STARTS, scenario

PREFIXES = {"clado": "lk_", "orbit": "sk_orb_"}


class Caller:
    """Calls an API with a key of its own, and makes control calls for its namespace."""

    def __init__(self, url: str, api: str, name: str, token: str | None = None) -> None:
        self.api, self.key = api, PREFIXES[api] + "".join(letter if letter.isalnum() else "_" for letter in name)
        headers = {"Authorization": f"Bearer {self.key}", **({"X-Jobmock-Token": token} if token else {})}
        self.http = httpx.Client(base_url=url, headers=headers, trust_env=False, timeout=HANGS)

    @property
    def namespace(self) -> str:
        """The public name of its namespace, which has a request at least."""
        return str(self.control("GET", "journal")["exchanges"][0]["namespace"])

    def control(self, method: str, call: str, body: Any = None) -> Any:
        """Make a control call with its key."""
        answer = self.http.request(method, f"/__jobmock/{call}", json=body)
        assert answer.is_success, answer.text
        return answer.json()

    def use(self, played: Any) -> None:
        """Let its jobs play a scenario, by name or as an object."""
        self.control("PUT", "scenario", {"scenario": played})

    def start(self) -> str:
        """Start a job, and return its id."""
        answer = self.http.post(JOBS[self.api], json=STARTS[self.api])
        assert answer.is_success, answer.text
        return str(answer.json().get("job_id") or answer.json()["request_id"])

    def poll(self, job: str, **more: Any) -> httpx.Response:
        """Send a status request."""
        return self.http.get(f"{JOBS[self.api]}/{job}", **more)

    def advance(self, seconds: float) -> None:
        """Advance its clock."""
        self.control("POST", "clock/advance", {"seconds": seconds})

    def refused_once(self) -> str:
        """Return a job of eight polls, of which the fourth is refused and the last one comes too late."""
        fault = {"when": {"request": 4}, "respond": "rate_limited"}
        self.use(scenario("clado", {"status": "pending", "after": {"seconds": 25}}, "completed", faults=[fault]))
        job = self.start()
        for _ in range(8):
            self.poll(job)
            self.advance(5)
        return job

    @contextmanager
    def in_thread(self, work: Callable[[], Any]) -> Iterator[Future[Any]]:
        """Do some work in a thread for the length of a `with` block, which waits for it at its end."""
        with ThreadPoolExecutor(1) as pool:
            yield pool.submit(work)

    def close(self) -> None:
        """Close its connections."""
        self.http.close()
