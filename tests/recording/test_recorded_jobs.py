"""An exchange belongs to the right job."""

from __future__ import annotations

import json
from typing import Any

from tests.recording.raw_exchanges import JSON
from tests.support import EPOCH, JOBS, KEYS

from jobmock import apis
from jobmock.models import Request
from jobmock.recording.allow_list import AllowList
from jobmock.recording.raw_exchange import RawExchange
from jobmock.recording.recorded_jobs import RecordedJobs
from jobmock.recording.sanitizer import Sanitizer


def test_job_of_a_profile() -> None:
    """A profile belongs to the job whose answers showed its id, or to the latest job if none did."""
    jobs, sanitizer = RecordedJobs(), Sanitizer(apis.load("orbit"), AllowList(apis.load("orbit")))

    def number(path: str, body: Any) -> int:
        bearer = (b"authorization", f"Bearer {KEYS['orbit']}".encode())
        request = Request("GET", path.encode(), b"", (bearer,))
        seen = RawExchange(at=EPOCH, request=request, status=200, headers=JSON, body=json.dumps(body).encode())
        one = sanitizer.sanitize(seen)
        assert one is not None
        return jobs.add(one).number

    for job in (1, 2):
        body = {"status": "completed", "result": {"candidate_profile_ids": [f"p{job}"]}}
        assert number(f"{JOBS['orbit']}/j{job}", body) == job
    for profile, job in (("p1", 1), ("p2", 2), ("p1", 1), ("unknown", 1)):
        assert number(f"/v2/developer/profiles/{profile}", {"status": "success"}) == job
