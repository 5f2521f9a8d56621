"""Polls a job a few times, waits as Retry-After says, and prints each answer's status and the time that it took."""

from __future__ import annotations

import json
import os
import sys
import time

import httpx

place = f"{os.environ['CLADO_BASE_URL']}/api/search/deep_research/{sys.argv[1]}"
headers = {"Authorization": f"Bearer {os.environ['CLADO_API_KEY']}"}
laps = []
with httpx.Client(headers=headers, timeout=60) as http:
    for _ in range(int(sys.argv[2])):
        before = time.monotonic()
        try:
            answer = http.get(place)
            seen = answer.status_code, float(answer.headers.get("retry-after", 0))
        except httpx.HTTPError:
            seen = 0, 0.0
        laps.append({"status": seen[0], "took": round(time.monotonic() - before, 9)})
        time.sleep(seen[1])
sys.stdout.write(json.dumps(laps))
