"""Recordings of a host that puts secrets and names into headers, bodies, URLs and errors: none is written to disk.

Each secret is searched for in all files and their names, as text, in JSON, percent-encoded, in hex, in base64 and in
compressed data, and also in the output and the logs.
"""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

from tests.campaigns.reporting import Report, progress_bar, scaled
from tests.recording.hostile_host import on_disk, record_hostile_job

from jobmock.catalogue import Catalogue

RECORDINGS = 2_000


class _LogLines(logging.Handler):
    """Collects the lines of all logs."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(self.format(record))


def run(fraction: float = 1.0, seed: int = 0) -> int:
    report, rng, catalogue = Report("leaks"), Random(seed), Catalogue()
    number, planted, written, log = scaled(RECORDINGS, fraction), 0, 0, _LogLines()
    logging.getLogger().addHandler(log)
    try:
        for _ in progress_bar(range(number), "Recordings"):
            name = rng.choice(catalogue.names())
            with TemporaryDirectory() as place:
                folder = Path(place) / "recorded"
                secrets, output = asyncio.run(record_hostile_job(catalogue.plan(name), catalogue, folder, rng))
                left = [*on_disk(folder), "\n".join(output + log.lines).encode()]
                written += len([path for path in folder.iterdir() if path.suffix == ".yaml"])
            report.check(not any("couldn't" in line for line in output + log.lines), "not recorded", output + log.lines)
            log.lines.clear()
            planted += len(secrets.all)
            for data in left:
                for secret in secrets.found(data):
                    report.fail("a secret is left", f"{secret!r} of {name}")
    finally:
        logging.getLogger().removeHandler(log)
    return report.end(f"{number} recordings, {planted} secrets, {written} scenarios written")
