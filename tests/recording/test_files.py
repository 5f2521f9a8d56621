"""A recording's files: other programs' files aren't touched, and failed writes are repeated or reported."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from jobmock.recording.files import LinesFile, OwnedFile, ScenarioFolder


def failing(number: int) -> Callable[..., Any]:
    """Return a function that fails with an errno."""

    def fail(*args: Any) -> Any:
        raise OSError(number, os.strerror(number))

    return fail


@pytest.mark.parametrize("number", [errno.EPERM, errno.EOPNOTSUPP, errno.EMLINK])
def test_file_system_without_hard_links(number: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """On a file system without hard links, a file is created complete, and never replaces another program's file."""
    monkeypatch.setattr(os, "link", failing(number))
    (tmp_path / "taken").write_text("mine")
    assert not OwnedFile(tmp_path / "taken").claim(b"new")
    own = OwnedFile(tmp_path / "free")
    assert own.claim(b"new")
    assert own.write(b"newer")
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == {"taken": "mine", "free": "newer"}


@pytest.mark.parametrize("step", ["write_bytes", "replace"])
def test_failed_write_leaves_no_temporary_file(
    step: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On a full disk the file stays as it was, and no temporary file is left."""
    own, plain = OwnedFile(tmp_path / "a"), getattr(Path, step)
    assert own.claim(b"old")

    def full(path: Path, given: Any) -> None:
        plain(path, given[:1] if step == "write_bytes" else path)
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(Path, step, full)
    with pytest.raises(OSError, match="No space left"):
        own.write(b"new")
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == {"a": "old"}


def test_failed_line_is_written_before_the_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """If a line can't be written, no part of it is left, and it is written with the next. The error names the file."""
    warnings = list[str]()
    lines = LinesFile(tmp_path / "a.jsonl", warnings.append)
    lines.add(b"1\n")
    with monkeypatch.context() as full:
        full.setattr(os, "fsync", failing(errno.ENOSPC))
        with pytest.raises(OSError, match="No space left") as caught:
            lines.add(b"2\n")
        assert caught.value.filename == str(tmp_path / "a.jsonl")
        assert (tmp_path / "a.jsonl").read_bytes() == b"1\n"
    lines.add(b"3\n")
    assert ((tmp_path / "a.jsonl").read_bytes(), lines.flush(), warnings) == (b"1\n2\n3\n", True, [])


def test_lines_are_appended(tmp_path: Path) -> None:
    """Lines are appended to the same file, so earlier lines aren't kept in memory and aren't written again."""
    lines = LinesFile(tmp_path / "a.jsonl", lambda text: None)
    first = (tmp_path / "a.jsonl").stat().st_ino
    for _ in range(3):
        lines.add(b"x\n")
    assert (tmp_path / "a.jsonl").stat().st_ino == first
    assert (tmp_path / "a.jsonl").read_bytes() == b"x\nx\nx\n"


def test_changed_file_of_lines_is_left_alone(tmp_path: Path) -> None:
    """No more lines are added after somebody changed the file. There is one warning, and `flush` returns False."""
    warnings = list[str]()
    lines = LinesFile(tmp_path / "a.jsonl", warnings.append)
    (tmp_path / "a.jsonl").write_text("mine")
    lines.add(b"1\n")
    lines.add(b"2\n")
    assert ((tmp_path / "a.jsonl").read_text(), lines.flush(), len(warnings)) == ("mine", False, 1)


def test_deleted_folder_is_created_again(tmp_path: Path) -> None:
    """If the folder is deleted, scenarios and lines are written to a new one of the same name."""
    warnings, place = list[str](), tmp_path / "out" / "deep"
    folder, lines = ScenarioFolder(place, warnings.append), LinesFile(place / "a.jsonl", warnings.append)
    folder.write("job-1", b"1")
    lines.add(b"1\n")
    for path in place.iterdir():
        path.unlink()
    place.rmdir()
    folder.write("job-1", b"2")
    lines.add(b"2\n")
    assert {path.name: path.read_bytes() for path in place.iterdir()} == {"job-1.yaml": b"2", "a.jsonl": b"2\n"}
    assert warnings == ["The file of exchanges was deleted; further exchanges go to a new one."]
