"""Files of a recording. They never overwrite another program's file, and readers never see a half-written one."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import FileIO
from pathlib import Path

from ..errors import StartError, UsageError
from ..files import error_names_file
from ..scenario import schema_line

_Version = tuple[int, int, int]
"""What changes when somebody writes a file: inode, time of change, size."""
_MOST_FILES = 10_000


class OwnedFile:
    """A file that only this process writes. Each write replaces it by rename, so that readers see it complete.

    Errors name the file. A folder that was deleted is created again.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._version: _Version | None = None

    def claim(self, content: bytes) -> bool:
        """Create the file, unless there is one of that name; return whether it was created. Raises OSError."""
        with error_names_file(self.path):
            with self._temporary(content) as temporary:
                try:
                    _link(temporary, self.path)
                except FileExistsError:
                    return False
            self._version = _version_of(self.path)
            return True

    def write(self, content: bytes) -> bool:
        """Replace the file, unless somebody else has changed it; return whether it was replaced. Raises OSError."""
        with error_names_file(self.path):
            if not self._is_unchanged():
                return False
            with self._temporary(content) as temporary:
                temporary.replace(self.path)
            self._version = _version_of(self.path)
            return True

    def append(self, content: bytes) -> bool:
        """Append to the file, unless somebody else has changed it; return whether it was done. Raises OSError.

        The content is on the disk when this returns. If it can't be written completely, none of it is left.
        """
        with error_names_file(self.path):
            if not self._is_unchanged():
                return False
            with self.path.open("r+b", buffering=0) as file:
                end = file.seek(0, os.SEEK_END)
                try:
                    _write(file, content)
                except OSError:
                    file.truncate(end)
                    raise
                finally:
                    self._version = _version_of(self.path)
            return True

    def _is_unchanged(self) -> bool:
        return self._version is not None and self.path.exists() and _version_of(self.path) == self._version

    @contextmanager
    def _temporary(self, content: bytes) -> Iterator[Path]:
        """Write a temporary file beside this one; it is deleted at the end."""
        temporary = self.path.with_name(f".{self.path.name}.{os.getpid()}.part")
        temporary.parent.mkdir(parents=True, exist_ok=True)
        try:
            temporary.write_bytes(content)
            yield temporary
        finally:
            temporary.unlink(missing_ok=True)


class ScenarioFolder:
    """The folder of the recorded scenarios. `warn` gets a text when a file can't have its usual name."""

    def __init__(self, path: Path, warn: Callable[[str], None]) -> None:
        self._path, self._warn, self._first_line = path, warn, schema_line(path).encode()
        self._files: dict[str, OwnedFile] = {}
        try:
            path.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StartError(f"Can't write to the folder {str(path)!r}: {error.strerror}.") from error
        if not os.access(path, os.W_OK):
            raise StartError(f"Can't write to the folder {str(path)!r}: Permission denied.")

    def write(self, name: str, content: bytes) -> Path:
        """Write the file of a name (`job-1`), or of a similar name if it is taken; return its path. Raises OSError."""
        own, content = self._files.get(name), self._first_line + content
        if own is not None and own.write(content):
            return own.path
        if own is not None and own.path.exists():
            self._warn(f"{own.path.name} was changed by somebody else; it stays as it is.")
        self._files[name] = self._claim_free_name(name, content)
        return self._files[name].path

    def _claim_free_name(self, name: str, content: bytes) -> OwnedFile:
        for number in range(1, _MOST_FILES):
            own = OwnedFile(self._path / (f"{name}.yaml" if number == 1 else f"{name}-{number}.yaml"))
            if own.claim(content):
                if number > 1:
                    self._warn(f"{name}.yaml exists already and stays as it is; {own.path.name} is written instead.")
                return own
        raise FileExistsError(f"There are {_MOST_FILES} files of the name {name!r}.")


class LinesFile:
    """A new file to which lines are appended. Raises UsageError if it exists, StartError if it can't be written.

    `warn` gets a text when somebody else changes the file. Only lines that couldn't be written are kept in memory.
    """

    def __init__(self, path: Path, warn: Callable[[str], None]) -> None:
        self._file, self._warn, self._unwritten, self._lost = OwnedFile(path), warn, b"", False
        try:
            claimed = self._file.claim(b"")
        except OSError as error:
            raise StartError(f"Can't write {str(path)!r}: {error.strerror}.") from error
        if not claimed:
            raise UsageError(f"{str(path)!r} exists already, and nothing is overwritten. Name a new file.")

    def add(self, line: bytes) -> None:
        """Append a line, which ends with a line break, after those that couldn't be written before. Raises OSError."""
        if not self._lost:
            self._unwritten += line
            self.flush()

    def flush(self) -> bool:
        """Write the lines that couldn't be written before; return whether no line is lost. Raises OSError."""
        if self._unwritten and not self._file.append(self._unwritten):
            self._continue_in_new_file()
        self._unwritten = b""
        return not self._lost

    def _continue_in_new_file(self) -> None:
        """Create the file again if somebody deleted it; write no more lines if somebody changed it."""
        if self._file.path.exists() or not self._file.claim(self._unwritten):
            self._lost = True
            self._warn("The file of exchanges was changed by somebody else; no more exchanges are added.")
        else:
            self._warn("The file of exchanges was deleted; further exchanges go to a new one.")


def _write(file: FileIO, content: bytes) -> None:
    """Write all content to the disk itself."""
    left = memoryview(content)
    while left:
        left = left[file.write(left) :]
    os.fsync(file.fileno())


def _link(temporary: Path, path: Path) -> None:
    """Give a complete file its name, unless that is taken. Raises OSError.

    On a file system without hard links, an empty file takes the name first.
    """
    try:
        os.link(temporary, path)
    except FileExistsError:
        raise
    except OSError:
        path.open("xb").close()
        temporary.replace(path)


def _version_of(path: Path) -> _Version:
    stat = path.stat()
    return stat.st_ino, stat.st_mtime_ns, stat.st_size
