"""`tests/server/test_schemathesis.py` with many more requests: both APIs, all phases, all checks."""

from __future__ import annotations

import sys
import time

from tests.server.test_schemathesis import MET, campaign

from jobmock import apis

EXAMPLES = 1000


def run(fraction: float = 1.0, seed: int = 0) -> int:
    """Generate EXAMPLES × fraction examples for each operation; print a summary; return the number of failures."""
    failures = 0
    for api in apis.names():
        began = time.monotonic()
        outcome = campaign(api, max(1, round(EXAMPLES * fraction)), seed)
        missed = sorted(MET[api] - set(outcome.answers))
        failures += len(outcome.failures) + len(missed)
        took = time.monotonic() - began
        lines = [f"{api}: {outcome.cases} requests in {took:.0f} s, {len(outcome.failures)} failures"]
        lines += [f"  {count:6} × {name} {status}" for (name, status), count in sorted(outcome.answers.items())]
        lines += [f"  {count:6} × exempt: {exempt.fact}" for exempt, count in outcome.exempted.items()]
        lines += [f"  FAILURE {failure}" for failure in outcome.failures]
        lines += [f"  FAILURE no answer {status} of {name}" for name, status in missed]
        sys.stdout.write("\n".join(lines) + "\n")
    return failures
