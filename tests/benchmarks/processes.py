"""Counts that the system keeps of a process: its processor time, its waits for a processor, and its memory."""

from __future__ import annotations

import os
from pathlib import Path
from typing import NamedTuple


class Elapsed(NamedTuple):
    """Milliseconds of wall time, of processor time, and of waiting for a processor."""

    wall: float
    cpu: float
    queued: float = 0.0

    @property
    def own(self) -> float:
        """The wall time on a machine that nobody else uses: without the waits for a processor.

        Threads wait at the same time, so that their sum may be too large: the result is never below the processor time.
        """
        return max(self.cpu, self.wall - self.queued)


def cpu_seconds(pid: int) -> float:
    """Return the processor time of a process's threads, in user and in system mode."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def queued(pid: int | str = "self") -> dict[str, float]:
    """Return for how many milliseconds each thread waited for a processor; empty if the system doesn't count them."""
    found = {}
    for thread in os.listdir(f"/proc/{pid}/task"):
        try:
            with open(f"/proc/{pid}/task/{thread}/schedstat", encoding="ascii") as file:
                found[thread] = int(file.read().split()[1]) / 1e6
        except OSError:  # the thread has ended, or the system doesn't count
            continue
    return found


def resident_mib(pid: int) -> float:
    """Return the resident memory of a process."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 2**20
