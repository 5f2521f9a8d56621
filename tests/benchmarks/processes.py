"""What the system says of a process: its processor time, how long it stood in the queue for one, and its memory."""

from __future__ import annotations

import os
from pathlib import Path
from typing import NamedTuple


class Took(NamedTuple):
    """Milliseconds: by the wall, of processor time, and ready to run while others had the processors."""

    wall: float
    cpu: float
    queued: float = 0.0

    @property
    def own(self) -> float:
        """What the wall would show on a machine that nobody else uses: waits count, the queue doesn't.

        Threads stand in the queue side by side, so their sum may be too much: it is never below the processor time.
        """
        return max(self.cpu, self.wall - self.queued)


def cpu_seconds(pid: int) -> float:
    """Return the processor time of all its threads, in user and in system mode."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def queued(pid: int | str = "self") -> dict[str, float]:
    """Return for how many milliseconds each thread was ready and had no processor; none where that isn't counted."""
    found = {}
    for thread in os.listdir(f"/proc/{pid}/task"):
        try:
            with open(f"/proc/{pid}/task/{thread}/schedstat", encoding="ascii") as file:
                found[thread] = int(file.read().split()[1]) / 1e6
        except OSError:  # it ended meanwhile, or the system doesn't count
            continue
    return found


def resident_mib(pid: int) -> float:
    """Return its resident memory."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 2**20
