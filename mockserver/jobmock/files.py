"""Reads and writes files that a user names. Nothing is left of a file that can't be written completely."""

from __future__ import annotations

import errno
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from stat import S_ISDIR, S_ISREG

_DEVICES = (("dev",), ("proc",))
"""The folders of devices and open files, such as /dev/stdout, as parts of a path."""


def read_regular_file(path: Path, most: int) -> bytes:
    """Return the content of a regular file of at most so many bytes. Raises OSError, also for a device or a pipe."""
    known = path.stat()
    if not S_ISREG(known.st_mode):
        raise OSError(errno.EINVAL, "It is no regular file", str(path))
    if known.st_size > most:
        raise OSError(errno.EFBIG, f"It has {known.st_size} bytes, and at most {most} are read", str(path))
    with path.open("rb") as file:
        content = file.read(known.st_size + 1)
        if len(content) > known.st_size:  # it has grown, or is a file whose size is never known
            content += file.read(most + 1 - len(content))
    if len(content) > most:
        raise OSError(errno.EFBIG, f"It has more than {most} bytes", str(path))
    return content


def write_file(path: Path, content: bytes) -> None:
    """Write a file completely, or not at all. A device or a pipe is written to as it is. Raises OSError."""
    if _is_written_in_place(path):
        path.write_bytes(content)
        return
    with whole_file(path.resolve()) as temporary:
        temporary.write_bytes(content)


def check_writable(path: Path) -> None:
    """Raise OSError if `write_file` couldn't write a file. Nothing is written, and nothing is opened."""
    if _is_written_in_place(path):
        if path.is_dir():
            raise OSError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
        allowed = os.access(path, os.W_OK)
    else:
        folder = path.resolve().parent
        if not S_ISDIR(folder.stat().st_mode):
            raise OSError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), str(folder))
        allowed = os.access(folder, os.W_OK | os.X_OK)
    if not allowed:
        raise OSError(errno.EACCES, os.strerror(errno.EACCES), str(path))


def _is_written_in_place(path: Path) -> bool:
    """Return whether a path is a device, a pipe or a folder. Raises OSError, such as for a link to itself."""
    if path.absolute().parts[1:2] in _DEVICES:
        return True
    try:
        return not S_ISREG(path.stat().st_mode)
    except FileNotFoundError:  # a new file, or a link to one
        return False


@contextmanager
def whole_file(path: Path) -> Iterator[Path]:
    """Yield the path of a temporary file, which becomes the file at the end. After an error, it is deleted.

    Each OSError names the file, and not the temporary one.
    """
    temporary = path.with_name(f".{os.getpid()}-{secrets.token_hex(4)}.part")
    with error_names_file(path):
        try:
            yield temporary
            if temporary.exists():
                _replace(path, temporary)
        finally:
            temporary.unlink(missing_ok=True)


def _replace(path: Path, temporary: Path) -> None:
    """Put a temporary file in the place of a file, which keeps its permissions."""
    if path.exists():
        temporary.chmod(path.stat().st_mode & 0o7777)
    try:
        temporary.replace(path)
    except OSError:  # such as for a file that is a mount point; there is room for its content
        path.write_bytes(temporary.read_bytes())


@contextmanager
def error_names_file(path: Path) -> Iterator[None]:
    """Make each OSError name this file, and not another one that stands for it."""
    try:
        yield
    except OSError as error:
        raise OSError(error.errno, error.strerror, str(path)) from error
