"""A script that runs a Dask cluster of processes, until its stdin is closed.

It prints the scheduler's address. Each line on stdin ends the first worker; the script prints its process id then.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from typing import Any

import dask
from distributed import LocalCluster

_MEMORY = "distributed.worker.memory"


def _main(workers: int, spills: bool) -> None:
    config = {} if spills else {f"{_MEMORY}.target": False, f"{_MEMORY}.spill": False}
    with dask.config.set({**config, "distributed.scheduler.allowed-failures": 1}), LocalCluster(
        n_workers=workers, threads_per_worker=1, processes=True, dashboard_address=None
    ) as cluster:
        _say(cluster.scheduler_address)
        for _ in sys.stdin:
            _say(_kill_one(cluster))


def _kill_one(cluster: Any) -> int:
    """Kill the first worker that has a process, and return its id: those that were killed start again."""
    while not (running := [nanny.pid for nanny in cluster.workers.values() if nanny.pid]):
        time.sleep(0.01)
    os.kill(running[0], signal.SIGKILL)
    return int(running[0])


def _say(value: object) -> None:
    sys.stdout.write(json.dumps(value) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    _main(int(sys.argv[1]), sys.argv[2] == "spills")
