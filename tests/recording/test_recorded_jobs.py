"""Which job an exchange belongs to."""

from __future__ import annotations

import json
from typing import Any

from tests.recording.test_recorder import JSON
from tests.support import EPOCH, JOBS, KEYS

from jobmock import apis
from jobmock.models import Request
from jobmock.recording.allow_list import AllowList
from jobmock.recording.raw_exchange import RawExchange
from jobmock.recording.recorded_jobs import RecordedJobs
from jobmock.recording.sanitizer import Sanitizer


def test_a_profile_belongs_to_the_job_that_told_of_it() -> None:
    """A profile is read in the story whose answers showed its id, and in the latest where none did."""
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
    for profile, story in (("p1", 1), ("p2", 2), ("p1", 1), ("unknown", 1)):
        assert number(f"/v2/developer/profiles/{profile}", {"status": "success"}) == story
