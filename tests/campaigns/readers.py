"""Every reader of files gets inputs of 10 kB to 10 MB in hostile shapes: memory and time stay in proportion to them.

Memory is the growth of the process's peak (Linux only); it may be 30 times the input and 50 MB. Time is that of the
processor; ten times the input may take twenty times as long, and half a microsecond for a byte is always allowed.
"""

from __future__ import annotations

import time
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.campaigns.reporting import Report, progress_bar
from tests.checking.readers.hostile_inputs import READERS, TEXTS, VALUES, MiB, Reader, content, read

LEAST, MOST = 10_000, 10_000_000
_CLEAR = Path("/proc/self/clear_refs")
_STATUS = Path("/proc/self/status")


def run(fraction: float, seed: int) -> int:
    """Run the campaign; a smaller fraction tries smaller inputs."""
    report, largest, tried = Report("readers"), 0, 0
    sizes = [size for size in (LEAST, LEAST * 10, LEAST * 100, MOST) if size <= max(LEAST * 10, MOST * fraction)]
    with TemporaryDirectory() as folder:
        for name, reader in progress_bar(list(READERS.items()), "readers"):
            for shape in (*VALUES, *TEXTS):
                before = None
                for size in sizes:
                    took, memory = _measured(reader, shape, size, Path(folder))
                    most = 30 * size + 50 * MiB
                    report.check(memory <= most, "memory", f"{name}, {shape}, {size}: {memory / MiB:.0f} MiB")
                    slow = before is not None and took > max(20 * before, size / 2_000_000) + 0.2
                    report.check(not slow, "time", f"{name}, {shape}, {size}: {before} s, then {took:.2f} s")
                    before, largest, tried = took, max(largest, memory), tried + 1
    return report.end(f"{tried} inputs, at most {largest / MiB:.0f} MiB")


def _measured(reader: Reader, shape: str, size: int, folder: Path) -> tuple[float, int]:
    """Return the processor's seconds and the bytes that a reader needs for a shape."""
    path = folder / f"a{reader.suffix}"
    path.write_text(content(reader, shape, size))
    before = _memory(peak=False)
    began = time.process_time()
    read(reader, path)
    took = time.process_time() - began
    return took, _memory(peak=True) - before


def _memory(*, peak: bool) -> int:
    """Return the process's memory in bytes: the present one, from which the peak begins again, or the peak."""
    if not _CLEAR.exists():
        return 0
    if not peak:
        _CLEAR.write_text("5")
    lines = dict(line.split(":", 1) for line in _STATUS.read_text().splitlines())
    return int(lines["VmHWM" if peak else "VmRSS"].split()[0]) << 10
