"""`python -m tests.virtual.accusations RUNS SEED`: run correct tests, and print which were reported as blocked."""

from __future__ import annotations

import json
import ssl
import sys
import threading
from collections import Counter
from random import Random
from tempfile import TemporaryDirectory
from typing import Any

from tests.virtual.accusations.activities import ACTIVITIES, RARE, Context

from jobmock.catalogue import Catalogue
from jobmock.clock import Clock
from jobmock.engine.namespace import Namespaces
from jobmock.server.app import create_app
from jobmock.server.listeners import Host
from jobmock.service.service import Service
from jobmock.virtual import Scheduler, in_real_time, virtual_time
from jobmock.virtual.frames import current_frames
from jobmock.virtual.watchdog import Watchdog, _blocked_message, _watchdog

KEY = {"Authorization": "Bearer lk_accusations"}


class StandstillRecorder:
    """Records in how many samples of the watchdog in a row a participant stood still."""

    def __init__(self, watchdog: Watchdog) -> None:
        self.rows: Counter[int] = Counter()
        self.longest, self.where = 0, ""
        self._watchdog, self._sample = watchdog, watchdog._sample
        watchdog._sample = self.sample  # type: ignore[method-assign]

    def sample(self, schedulers: tuple[Scheduler, ...], on_time: bool) -> None:
        """Take the watchdog's sample, and record its counts."""
        before = {one: samples for one, (_, samples) in self._watchdog._samples.items()}
        self._sample(schedulers, on_time)
        after = {one: samples for one, (_, samples) in self._watchdog._samples.items()}
        for one, samples in before.items():
            if samples and after.get(one, 0) <= samples:
                self.rows[samples] += 1
        for one, samples in after.items():
            if samples > self.longest:
                frame = current_frames().get(one.ident or 0)
                self.longest, self.where = samples, _blocked_message(one, frame) if frame else one.name


class Runs:
    """Runs of tests, one after another, each with a served mock."""

    def __init__(self, seed: int, folder: str) -> None:
        self.rng, self.folder, self.host = Random(seed), folder, Host()
        self.ssl_contexts = _ssl_contexts()
        self.catalogue = Catalogue()
        self.accused: list[str] = []
        self.errors: list[str] = []

    def run(self) -> None:
        """Run one test: its thread and up to three more each do two activities."""
        clock = Clock("manual")
        plan = self.catalogue.resolve("clado/usual", "clado")
        app = create_app(Service(self.catalogue, Namespaces(clock=lambda: clock), plans={"clado": plan}))
        listener = self.host.open(app)
        context = Context(
            job=f"{listener.url}/api/search/deep_research", headers=KEY, folder=self.folder,
            ssl_contexts=self.ssl_contexts,
        )  # fmt: skip
        try:
            settings: dict[str, Any] = {
                "wait_until_idle": self.host.settle, "ports": {listener.port}, "server_sockets": self.host.ends,
            }  # fmt: skip
            with virtual_time(clock, **settings):
                self._run_threads(context)
        except BaseException as error:
            self._note(error)
        finally:
            self.host.shut(listener)

    def _run_threads(self, context: Any) -> None:
        others = [Random(self.rng.random()) for _ in range(self.rng.randrange(4))]
        threads = [threading.Thread(target=self._run_activities, args=[context, rng]) for rng in others]
        for thread in threads:
            thread.start()
        self._run_activities(context, self.rng)
        for thread in threads:
            thread.join()

    def _run_activities(self, context: Any, rng: Random) -> None:
        names = [name for name in ACTIVITIES if name not in RARE] + (list(RARE) if rng.random() < 0.1 else [])
        for name in rng.choices(names, k=2):
            try:
                ACTIVITIES[name](Context(**vars(context), rng=rng))
            except BaseException as error:
                self._note(error, name)
                return

    def _note(self, error: BaseException, name: str = "the run") -> None:
        with in_real_time():
            text = f"{name}: {type(error).__name__}: {error}"
            (self.accused if "Virtual" in type(error).__name__ else self.errors).append(text[:800])


def _ssl_contexts() -> tuple[ssl.SSLContext, ssl.SSLContext] | None:
    """Return the TLS contexts of a client and of a server; None if trustme isn't installed."""
    try:
        import trustme
    except ImportError:
        return None
    authority = trustme.CA()
    client, server = ssl.create_default_context(), ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.configure_trust(client)
    authority.issue_cert("localhost").configure_cert(server)
    return client, server


def main(runs: int, seed: int) -> None:
    """Do so many runs, and print the results as JSON."""
    recorder = StandstillRecorder(_watchdog)
    with TemporaryDirectory() as folder:
        tests = Runs(seed, folder)
        for _ in range(runs):
            tests.run()
        tests.host.end()
    json.dump({
        "runs": runs, "accused": tests.accused, "errors": tests.errors, "longest": recorder.longest,
        "where": recorder.where, "rows": recorder.rows,
    }, sys.stdout)  # fmt: skip


main(int(sys.argv[1]), int(sys.argv[2]))
