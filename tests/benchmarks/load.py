"""Load on one URL for so many seconds: by `wrk` where the machine has it, else by a driver that needs no installing."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from typing import NamedTuple

from tests.benchmarks.subjects import on_processor

_DRIVER_CPU = 1
_UNITS = {"us": 1e-3, "ms": 1.0, "s": 1e3, "m": 6e4}


class Load(NamedTuple):
    """What came of it: answers, seconds, milliseconds that half and 99 of 100 answers took."""

    requests: int
    seconds: float
    p50: float
    p99: float


def driver() -> str:
    """Return the name of the driver."""
    return "wrk" if shutil.which("wrk") else "tests.benchmarks.driver"


def put_on(url: str, headers: Mapping[str, str], seconds: float, connections: int = 16) -> Load:
    """Ask over and over on so many connections. Ends with 1 unless every answer is a 200."""
    run = _wrk if driver() == "wrk" else _own
    return run(url, headers, seconds, connections)


def _called(command: list[str], seconds: float) -> str:
    with on_processor(_DRIVER_CPU):
        ran = subprocess.run(command, capture_output=True, text=True, timeout=seconds + 60, check=False)
    if ran.returncode:
        raise SystemExit(f"The driver failed: {ran.stdout}{ran.stderr}")
    return ran.stdout


def _wrk(url: str, headers: Mapping[str, str], seconds: float, connections: int) -> Load:
    flags = [word for name, value in headers.items() for word in ("--header", f"{name}: {value}")]
    command = ["wrk", "--latency", "-t1", f"-c{connections}", f"-d{max(1, round(seconds))}s", "--timeout", "30s"]
    told = _called([*command, *flags, url], seconds)
    if "Non-2xx" in told or "Socket errors" in told:
        raise SystemExit(f"Not every answer of {url} is a 200:\n{told}")
    count = re.search(r"(\d+) requests in ([\d.]+)(us|ms|s|m)", told)
    if count is None or not int(count[1]):
        raise SystemExit(f"{url} answered nothing:\n{told}")
    return Load(int(count[1]), float(count[2]), _quantile(told, 50), _quantile(told, 99))


def _quantile(told: str, percent: int) -> float:
    found = re.search(rf"^\s+{percent}%\s+([\d.]+)(us|ms|s|m)\s*$", told, re.MULTILINE)
    return float(found[1]) * _UNITS[found[2]] if found else float("nan")


def _own(url: str, headers: Mapping[str, str], seconds: float, connections: int) -> Load:
    words = [url, json.dumps(dict(headers)), str(seconds), str(connections)]
    return Load(**json.loads(_called([sys.executable, "-m", "tests.benchmarks.driver", *words], seconds)))
