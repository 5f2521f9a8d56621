"""API keys in every spelling and place, and recordings of a host that sends secrets and names: none is left anywhere.

The keys are in requests, recordings and errors, and everything that is written or printed is searched for them. The
secrets are in headers, bodies, URLs and errors of the recorded host. Its traffic is recorded by the proxy, and again
from a HAR, a cassette or JSON Lines, with the name of a new member that may be kept. Each secret is searched for in all
files and their names, as text, in JSON, percent-encoded, in hex, in base64 and in compressed data, and also in the
output and the logs.
"""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

from tests.campaigns.key_spellings import FORMS, Planted
from tests.campaigns.planted_keys import PLACES, leaks
from tests.campaigns.reporting import Report, progress_bar, scaled
from tests.recording import forms
from tests.recording.hostile_host import on_disk, record_from_file, record_hostile_job

from jobmock.catalogue import Catalogue

RECORDINGS, KEYS = 2_000, 10_000


class _LogLines(logging.Handler):
    """Collects the lines of all logs."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(self.format(record))


def _plant_keys(report: Report, rng: Random, catalogue: Catalogue, number: int) -> None:
    """Plant one key after another, each in one spelling and one place."""
    with TemporaryDirectory() as folder:
        for _ in progress_bar(range(number), "Keys"):
            planted = Planted(rng, rng.choice(list(FORMS)))
            for kind, detail in leaks(planted, rng.choice(PLACES), catalogue, Path(folder)):
                report.fail(kind, detail)


def run(fraction: float = 1.0, seed: int = 0) -> int:
    report, rng, catalogue = Report("leaks"), Random(seed), Catalogue()
    keys = scaled(KEYS, fraction)
    _plant_keys(report, rng, catalogue, keys)
    number, planted, written, log = scaled(RECORDINGS, fraction), 0, 0, _LogLines()
    logging.getLogger().addHandler(log)
    try:
        for _ in progress_bar(range(number), "Recordings"):
            name = rng.choice(catalogue.names())
            with TemporaryDirectory() as place:
                folder = Path(place) / "recorded"
                secrets, output, seen = asyncio.run(record_hostile_job(catalogue.plan(name), catalogue, folder, rng))
                output += record_from_file(seen, rng.choice(list(forms.FORMS)), folder / "from")
                left = [*on_disk(folder), "\n".join(output + log.lines).encode()]
                written += len(list(folder.rglob("*.yaml")))
            report.check(not any("couldn't" in line for line in output + log.lines), "not recorded", output + log.lines)
            log.lines.clear()
            planted += len(secrets.all)
            for data in left:
                for secret in secrets.found(data):
                    report.fail("a secret is left", f"{secret!r} of {name}")
    finally:
        logging.getLogger().removeHandler(log)
    recordings = f"{number} recordings, each live and from a file, {planted} secrets, {written} scenarios written"
    return report.end(f"{keys} keys, {recordings}")
