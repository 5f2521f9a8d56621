"""What the system reports of a server's process: memory, open files, and the processor time of its loop. Linux only."""

from __future__ import annotations

import os
from pathlib import Path

NANOSECONDS = 1_000_000_000


class ServerWatch:
    """Reads the files of one process in /proc. The main thread of `jobmock serve` runs the loop."""

    def __init__(self, pid: int) -> None:
        self._place = Path(f"/proc/{pid}")
        self._schedule = self._place / f"task/{pid}/schedstat"

    def loop_time(self) -> float:
        """Return the seconds that the loop's thread has run on a processor."""
        return int(self._schedule.read_text().split()[0]) / NANOSECONDS

    def waited(self) -> float:
        """Return the seconds that the process' threads waited for a free processor."""
        total = 0
        for thread in (self._place / "task").iterdir():
            try:
                total += int((thread / "schedstat").read_text().split()[1])
            except (OSError, IndexError):  # the thread has just ended
                continue
        return total / NANOSECONDS

    def memory(self) -> int:
        """Return the resident memory in bytes."""
        return self._status("VmRSS")

    def peak(self) -> int:
        """Return the largest resident memory since `forget_peak`, in bytes."""
        return self._status("VmHWM")

    def forget_peak(self) -> None:
        """Let the peak begin again at the present memory."""
        (self._place / "clear_refs").write_text("5")

    def open_files(self) -> int:
        """Return the number of open file descriptors."""
        return len(os.listdir(self._place / "fd"))

    def _status(self, name: str) -> int:
        lines = dict(line.split(":", 1) for line in (self._place / "status").read_text().splitlines())
        return int(lines[name].split()[0]) << 10
