"""Records the same exchanges as the proxy does, and from a file."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from tests.recording.polling_client import WORDS

from jobmock import apis
from jobmock.recording.file_recorder import FileRecorder
from jobmock.recording.files import LinesFile, ScenarioFolder
from jobmock.recording.raw_exchange import RawExchange
from jobmock.recording.recorder import Recorder

Contents = dict[str, bytes]


def _contents(folder: Path, lines: Path) -> Contents:
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())} | {"lines": lines.read_bytes()}


def recorded_live(exchanges: Iterable[RawExchange], api: str, folder: Path, warnings: list[str]) -> Contents:
    """Record as the proxy does, one exchange after the other; return the files."""
    scenarios, lines = ScenarioFolder(folder / "live", warnings.append), LinesFile(folder / "live.jsonl", print)
    recorder = Recorder(apis.load(api), scenarios, warnings.append, words=WORDS, lines=lines)
    for one in exchanges:
        recorder.record(one)
        recorder.wait()
    recorder.close()
    return _contents(folder / "live", folder / "live.jsonl")


def recorded_from(path: Path, folder: Path, warnings: list[str]) -> Contents:
    """Record from a file; return the files."""
    scenarios, lines = ScenarioFolder(folder / "from", warnings.append), LinesFile(folder / "from.jsonl", print)
    recorder = FileRecorder(scenarios, warnings.append, words=WORDS, lines=lines)
    recorder.read(path)
    recorder.close()
    return _contents(folder / "from", folder / "from.jsonl")
