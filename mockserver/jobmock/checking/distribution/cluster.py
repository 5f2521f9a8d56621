"""The check of recorded files on a Dask cluster. Dask plans the tasks, and does those of a lost worker again.

Files lie where the workers see them. Each file is checked by one task. Answers about jobs that are in several files
stay on the workers, as digests, counts, times and listed words, and are compared there.
"""

from __future__ import annotations

import logging
import re
import threading
from array import array
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeVar
from uuid import uuid4

from ...contract import documents
from ...errors import StartError, UsageError
from ...version import __version__
from ..job_answers import Digests
from ..readers.named_files import matching
from ..report_builder import ReportBuilder
from .checked_file import WHOLE, CheckedFile, File, Settings
from .joined_jobs import KeptOfFile, check_apart, in_several, jobs_in_file, judge_together, kept_of_part
from .reader_warnings import collected_warnings

if TYPE_CHECKING:
    from distributed import Client, Future

Result = TypeVar("Result")
_ADDRESS = re.compile(r"((tcp|tls|ucx|wss?)://)?[^\s/?#@]+:[0-9]{1,5}")
_SECONDS_TO_CONNECT = 5
_MOST_PARTS = 8
"""How many tasks compare the answers about jobs that are in several files."""
_one_at_a_time = threading.Lock()
"""The user's own documents are used by a whole process, and checks gain nothing by threads."""
_log = logging.getLogger("jobmock")
_SPILLS = (
    "The workers may write data to disk, and a check leaves nothing there. Start them with the environment variables"
    " DASK_DISTRIBUTED__WORKER__MEMORY__TARGET=False and DASK_DISTRIBUTED__WORKER__MEMORY__SPILL=False."
)


def check_on_cluster(
    address: str, settings: Settings, files: Sequence[File], *, join: bool
) -> Iterator[tuple[File, list[CheckedFile]]]:
    """Yield each file that matches, with what was found in it, in order.

    Raises UsageError if nothing matches, or if Dask isn't there; StartError if the cluster can't do the work.
    """
    settings = replace(settings, digests=Digests.for_several())
    with _client(address) as client:
        tasks = _Tasks(client, address, settings)
        matched = [one for file in files for one in tasks.result(tasks.add(_matching, file), str(file))]
        yield from _in_rounds(tasks, matched) if join and len(matched) > 1 else _alone(tasks, matched)


class _Tasks:
    """The tasks of one check on a cluster."""

    def __init__(self, client: Client, address: str, settings: Settings) -> None:
        self._client, self._address, self._settings = client, address, settings

    def add(self, work: Callable[..., Any], *args: Any) -> Future:
        """Add a task. An argument that is a task is replaced by its result, on the worker."""
        key = f"{work.__name__}-{uuid4()}"
        return self._client.submit(_work, __version__, self._settings, work, *args, key=key)

    def result(self, task: Future, file: str) -> Any:
        """Return the result of a task, which is about a file. Raises UsageError and StartError."""
        from distributed import CancelledError, KilledWorker

        try:
            return task.result()
        except KilledWorker:
            text = f"{file} ended several workers one after another. Is their memory large enough?"
            raise StartError(text) from None
        except ModuleNotFoundError:
            text = f"The workers at {self._address} have no jobmock. Install jobmock[cluster]=={__version__} there."
            raise StartError(text) from None
        except (CancelledError, OSError):
            raise StartError(f"The cluster at {self._address} is gone, so the check isn't complete.") from None

    def parts(self) -> int:
        """Return how many tasks shall compare answers."""
        return max(1, min(_MOST_PARTS, len(self._client.nthreads())))


def _alone(tasks: _Tasks, files: Sequence[File]) -> Iterator[tuple[File, list[CheckedFile]]]:
    """Check each file without regard to the others."""
    checked = deque(tasks.add(_check, frozenset(), file) for file in files)
    for file in files:
        yield file, [tasks.result(checked.popleft(), str(file))]


def _in_rounds(tasks: _Tasks, files: Sequence[File]) -> Iterator[tuple[File, list[CheckedFile]]]:
    """Check each file, and bring together the answers about jobs that are in several files."""
    several = tasks.add(_in_several, [tasks.add(jobs_in_file, file) for file in files])
    checked = [tasks.add(_check, several, file) for file in files]
    count = tasks.parts()
    parts = [
        tasks.add(_judge, [tasks.add(_kept, one, index, part, count) for index, one in enumerate(checked)])
        for part in range(count)
    ]
    alone = deque(tasks.add(_without_kept, one) for one in checked)
    del checked
    together = [tasks.result(part, "A file") for part in parts]
    for index, file in enumerate(files):
        found = tasks.result(alone.popleft(), str(file))
        others = (part[index] for part in together if index in part)
        yield file, [found, *(CheckedFile(report=report, number=found.number) for report in others)]


def _work(version: str, settings: Settings, work: Callable[..., Result], *args: Any) -> Result:
    """Do a task on a worker. Raises UsageError if it has another jobmock, or may write results to disk."""
    from distributed import get_worker
    from distributed.spill import SpillBuffer

    if version != __version__:
        raise UsageError(f"A worker has jobmock {__version__}, and this is {version}. Install the same on all.")
    if isinstance(get_worker().data, SpillBuffer):
        raise UsageError(_SPILLS)
    with _one_at_a_time:
        documents.use(settings.schemas)
        return work(settings, *args)


@contextmanager
def _client(address: str) -> Iterator[Client]:
    """Connect to a scheduler until the end of the block. Raises UsageError and StartError."""
    try:
        from distributed import Client
    except ModuleNotFoundError:
        raise UsageError("--cluster needs Dask. Install jobmock[cluster], here and on the workers.") from None
    _silence_dask()
    if not _ADDRESS.fullmatch(address):
        raise UsageError(f"--cluster {address!r} is no address of a scheduler, such as tcp://host:8786.")
    try:
        client = Client(address, timeout=_SECONDS_TO_CONNECT, set_as_default=False)
    except OSError:
        raise StartError(f"No scheduler of Dask answers at {address}.") from None
    with client:
        if not client.nthreads():
            _log.warning("The cluster at %s has no worker yet. The check waits for one.", address)
        yield client


def _silence_dask() -> None:
    """Let Dask's own loggers print nothing: they show a lost worker or scheduler as tracebacks."""
    for name in logging.root.manager.loggerDict:
        if name.partition(".")[0] == "distributed":
            logging.getLogger(name).setLevel(logging.CRITICAL + 1)


# The tasks, each with the settings as its first argument.


def _matching(settings: Settings, file: File) -> list[File]:
    return matching(file)


def _in_several(settings: Settings, jobs_of_files: Sequence[array[int]]) -> frozenset[int]:
    return in_several(jobs_of_files)


def _check(settings: Settings, several: frozenset[int], file: File) -> CheckedFile:
    """Check a file. What jobmock warns of goes to the user, and not to the log of a worker."""
    with collected_warnings() as warnings:
        return replace(check_apart(settings, WHOLE, several, file), warnings=warnings)


def _kept(settings: Settings, checked: CheckedFile, file: int, part: int, of: int) -> KeptOfFile:
    return kept_of_part(checked, file, part, of)


def _without_kept(settings: Settings, checked: CheckedFile) -> CheckedFile:
    return replace(checked, kept=())


def _judge(settings: Settings, kept: Sequence[KeptOfFile]) -> dict[int, ReportBuilder]:
    return judge_together(kept)
