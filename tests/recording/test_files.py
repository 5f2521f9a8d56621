"""A recording's files: nobody else's are touched, and what can't be written now is written later, or said."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from jobmock.recording.files import LinesFile, OwnedFile, ScenarioFolder


def failing(number: int) -> Callable[..., Any]:
    """Something of the system's that fails with an errno."""

    def fail(*args: Any) -> Any:
        raise OSError(number, os.strerror(number))

    return fail


@pytest.mark.parametrize("number", [errno.EPERM, errno.EOPNOTSUPP, errno.EMLINK])
def test_where_no_file_can_have_two_names(number: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """On such a file system a file is claimed all the same, whole, and never another's."""
    monkeypatch.setattr(os, "link", failing(number))
    (tmp_path / "taken").write_text("mine")
    assert not OwnedFile(tmp_path / "taken").claim(b"new")
    own = OwnedFile(tmp_path / "free")
    assert own.claim(b"new")
    assert own.write(b"newer")
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == {"taken": "mine", "free": "newer"}


@pytest.mark.parametrize("step", ["write_bytes", "replace"])
def test_what_cannot_be_written_leaves_nothing_behind(
    step: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On a full disk the file stays as it was, and beside it is no part of a new one."""
    own, plain = OwnedFile(tmp_path / "a"), getattr(Path, step)
    assert own.claim(b"old")

    def full(path: Path, given: Any) -> None:
        plain(path, given[:1] if step == "write_bytes" else path)
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(Path, step, full)
    with pytest.raises(OSError, match="No space left"):
        own.write(b"new")
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == {"a": "old"}


def test_lines_that_could_not_be_written_are_written_with_the_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of a line that doesn't reach the disk nothing is left; it goes before the next one. The error names the file."""
    said = list[str]()
    lines = LinesFile(tmp_path / "a.jsonl", said.append)
    lines.add(b"1\n")
    with monkeypatch.context() as full:
        full.setattr(os, "fsync", failing(errno.ENOSPC))
        with pytest.raises(OSError, match="No space left") as caught:
            lines.add(b"2\n")
        assert caught.value.filename == str(tmp_path / "a.jsonl")
        assert (tmp_path / "a.jsonl").read_bytes() == b"1\n"
    lines.add(b"3\n")
    assert ((tmp_path / "a.jsonl").read_bytes(), lines.flush(), said) == (b"1\n2\n3\n", True, [])


def test_lines_are_appended(tmp_path: Path) -> None:
    """The file stays the same one: what it holds is neither kept in memory nor written again."""
    lines = LinesFile(tmp_path / "a.jsonl", lambda text: None)
    first = (tmp_path / "a.jsonl").stat().st_ino
    for _ in range(3):
        lines.add(b"x\n")
    assert (tmp_path / "a.jsonl").stat().st_ino == first
    assert (tmp_path / "a.jsonl").read_bytes() == b"x\nx\nx\n"


def test_a_file_of_lines_that_somebody_changes_is_theirs(tmp_path: Path) -> None:
    """Nothing more is added to it; that is said, and told at the end."""
    said = list[str]()
    lines = LinesFile(tmp_path / "a.jsonl", said.append)
    (tmp_path / "a.jsonl").write_text("mine")
    lines.add(b"1\n")
    lines.add(b"2\n")
    assert ((tmp_path / "a.jsonl").read_text(), lines.flush(), len(said)) == ("mine", False, 1)


def test_a_folder_that_has_gone_is_made_again(tmp_path: Path) -> None:
    """Scenarios and lines go on in a new one of the same name."""
    said, place = list[str](), tmp_path / "out" / "deep"
    folder, lines = ScenarioFolder(place, said.append), LinesFile(place / "a.jsonl", said.append)
    folder.write("job-1", b"1")
    lines.add(b"1\n")
    for path in place.iterdir():
        path.unlink()
    place.rmdir()
    folder.write("job-1", b"2")
    lines.add(b"2\n")
    assert {path.name: path.read_bytes() for path in place.iterdir()} == {"job-1.yaml": b"2", "a.jsonl": b"2\n"}
    assert said == ["The file of exchanges was taken away; a new one goes on from there."]
