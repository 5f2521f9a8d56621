"""Files that a user names are read if they are regular ones, and written completely or not at all."""

from __future__ import annotations

import errno
import os
import threading
from contextlib import suppress
from pathlib import Path

import pytest

from jobmock.files import check_writable, read_regular_file, whole_file, write_file


def full(self: Path, content: bytes) -> int:
    """Write half of the content to a disk that is then full."""
    with self.open("wb") as file:
        file.write(content[: len(content) // 2])
    raise OSError(errno.ENOSPC, "No space left on device", str(self))


@pytest.mark.parametrize("before", [None, b"before"])
def test_a_full_disk_leaves_what_was_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, before: bytes | None
) -> None:
    """A file that can't be written completely stays as it was, or isn't made. The error names it."""
    path = tmp_path / "report"
    if before is not None:
        path.write_bytes(before)
    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(OSError, match="No space left on device") as caught:
        write_file(path, b"0123456789")
    assert caught.value.filename == str(path)
    assert {file.name: file.read_bytes() for file in tmp_path.iterdir()} == ({"report": before} if before else {})


def test_a_file_is_replaced_and_keeps_its_permissions(tmp_path: Path) -> None:
    """A file that exists gets the new content, also through a link, and keeps its permissions and the link."""
    path, link = tmp_path / "report", tmp_path / "link"
    path.write_bytes(b"before")
    path.chmod(0o640)
    link.symlink_to(path)
    write_file(link, b"after")
    assert path.read_bytes() == b"after" and link.is_symlink()
    assert path.stat().st_mode & 0o777 == 0o640
    assert len(list(tmp_path.iterdir())) == 2


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="This system has no named pipes.")
def test_a_pipe_is_written_to(tmp_path: Path) -> None:
    """A pipe or a device gets the content and stays what it is."""
    path, read = tmp_path / "pipe", list[bytes]()
    os.mkfifo(path)
    reader = threading.Thread(target=lambda: read.append(path.read_bytes()))
    reader.start()
    write_file(path, b"content")
    reader.join()
    assert read == [b"content"] and path.is_fifo()
    write_file(Path(os.devnull), b"content")
    assert not Path(os.devnull).is_file()


def test_nothing_is_written_where_the_block_writes_nothing(tmp_path: Path) -> None:
    """A block that writes nothing, or that fails, leaves nothing behind."""
    with whole_file(tmp_path / "file"):
        pass
    with suppress(ZeroDivisionError), whole_file(tmp_path / "file") as temporary:
        temporary.write_text("half")
        raise ZeroDivisionError
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="This system has no named pipes.")
def test_only_regular_files_are_read(tmp_path: Path) -> None:
    """A device, a pipe and a folder are refused without being opened, and so is a file that is too long."""
    pipe, huge, link = tmp_path / "pipe", tmp_path / "huge", tmp_path / "link"
    os.mkfifo(pipe)
    with huge.open("wb") as file:
        file.truncate(2 << 30)
    for path in (pipe, tmp_path, Path("/dev/zero")):
        with pytest.raises(OSError, match="It is no regular file"):
            read_regular_file(path, 10)
    with pytest.raises(OSError, match="It has 2147483648 bytes, and at most 10 are read"):
        read_regular_file(huge, 10)
    (tmp_path / "own").write_bytes(b"content")
    link.symlink_to(tmp_path / "own")
    assert read_regular_file(link, 10) == b"content"
    if (growing := Path("/proc/self/environ")).exists():
        assert growing.stat().st_size == 0
        with pytest.raises(OSError, match="It has more than 3 bytes"):
            read_regular_file(growing, 3)
        assert read_regular_file(growing, 1 << 20) == growing.read_bytes()


def test_writable_files(tmp_path: Path) -> None:
    """A file that `write_file` would write is writable, and nothing is made; others are named with the reason."""
    (tmp_path / "file").touch()
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    (tmp_path / "link").symlink_to(tmp_path / "new")
    for path in (tmp_path / "file", tmp_path / "new", tmp_path / "link", Path(os.devnull)):
        check_writable(path)
    wrong = {"": errno.EISDIR, "no/new": errno.ENOENT, "file/new": errno.ENOTDIR, "loop": errno.ELOOP}
    for name, code in wrong.items():
        for action in (check_writable, lambda path: write_file(path, b"")):
            with pytest.raises(OSError) as caught:  # noqa: PT011 (its number is compared)
                action(tmp_path / name)
            assert caught.value.errno == code, name
    assert sorted(path.name for path in tmp_path.iterdir()) == ["file", "link", "loop"]
