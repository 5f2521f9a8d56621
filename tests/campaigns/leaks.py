"""Recordings of a host that plants secrets and names in headers, bodies, URLs and errors: none of them is left on disk.

Each is searched for byte by byte in every file and its name, as text, in JSON, percent-encoded, in hex, in base64 and
in whatever is compressed; and in everything that was said.
"""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

from tests.campaigns.reporting import Report, bar, share
from tests.recording.hostile_host import on_disk, record_hostile_job

from jobmock.catalogue import Catalogue

RECORDINGS = 2_000


class _Kept(logging.Handler):
    """Keeps every line of every log."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(self.format(record))


def run(fraction: float = 1.0, seed: int = 0) -> int:
    report, rng, catalogue = Report("leaks"), Random(seed), Catalogue()
    number, planted, written, kept = share(RECORDINGS, fraction), 0, 0, _Kept()
    logging.getLogger().addHandler(kept)
    try:
        for _ in bar(range(number), "Recordings"):
            name = rng.choice(catalogue.names())
            with TemporaryDirectory() as place:
                folder = Path(place) / "recorded"
                secrets, said = asyncio.run(record_hostile_job(catalogue.plan(name), catalogue, folder, rng))
                left = [*on_disk(folder), "\n".join(said + kept.lines).encode()]
                written += len([path for path in folder.iterdir() if path.suffix == ".yaml"])
            report.check(not any("couldn't" in line for line in said + kept.lines), "not recorded", said + kept.lines)
            kept.lines.clear()
            planted += len(secrets.all)
            for data in left:
                for secret in secrets.found(data):
                    report.fail("a secret is left", f"{secret!r} of {name}")
    finally:
        logging.getLogger().removeHandler(kept)
    return report.end(f"{number} recordings, {planted} secrets, {written} scenarios written")
