"""Load on one URL for so many seconds, made by `wrk` if it is installed, and by `driver` otherwise."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from typing import NamedTuple

from tests.benchmarks.subjects import pinned_to

_DRIVER_CPU = 1
_UNITS = {"us": 1e-3, "ms": 1.0, "s": 1e3, "m": 6e4}


class Load(NamedTuple):
    """The result: answers, seconds, and the milliseconds within which 50 % and 99 % of the answers came."""

    requests: int
    seconds: float
    p50: float
    p99: float


def driver() -> str:
    """Return the name of the driver that is used."""
    return "wrk" if shutil.which("wrk") else "tests.benchmarks.driver"


def measure(url: str, headers: Mapping[str, str], seconds: float, connections: int = 16) -> Load:
    """Send requests on so many connections. Raises SystemExit unless every answer is a 200."""
    run = _run_wrk if driver() == "wrk" else _run_driver
    return run(url, headers, seconds, connections)


def _run(command: list[str], seconds: float) -> str:
    with pinned_to(_DRIVER_CPU):
        ran = subprocess.run(command, capture_output=True, text=True, timeout=seconds + 60, check=False)
    if ran.returncode:
        raise SystemExit(f"The driver failed: {ran.stdout}{ran.stderr}")
    return ran.stdout


def _run_wrk(url: str, headers: Mapping[str, str], seconds: float, connections: int) -> Load:
    flags = [word for name, value in headers.items() for word in ("--header", f"{name}: {value}")]
    command = ["wrk", "--latency", "-t1", f"-c{connections}", f"-d{max(1, round(seconds))}s", "--timeout", "30s"]
    output = _run([*command, *flags, url], seconds)
    if "Non-2xx" in output or "Socket errors" in output:
        raise SystemExit(f"Not every answer of {url} is a 200:\n{output}")
    count = re.search(r"(\d+) requests in ([\d.]+)(us|ms|s|m)", output)
    if count is None or not int(count[1]):
        raise SystemExit(f"{url} answered nothing:\n{output}")
    return Load(int(count[1]), float(count[2]), _quantile(output, 50), _quantile(output, 99))


def _quantile(output: str, percent: int) -> float:
    found = re.search(rf"^\s+{percent}%\s+([\d.]+)(us|ms|s|m)\s*$", output, re.MULTILINE)
    return float(found[1]) * _UNITS[found[2]] if found else float("nan")


def _run_driver(url: str, headers: Mapping[str, str], seconds: float, connections: int) -> Load:
    words = [url, json.dumps(dict(headers)), str(seconds), str(connections)]
    return Load(**json.loads(_run([sys.executable, "-m", "tests.benchmarks.driver", *words], seconds)))
