"""Files that are ours alone: claimed without touching another's, replaced in one step, whole at every moment."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import FileIO
from pathlib import Path

from ..errors import StartError, UsageError

_Mark = tuple[int, int, int]
_MOST = 10_000


class OwnFile:
    """A file that nobody else has written. Each write replaces it by rename, so that a reader never sees a part.

    Errors name the file, and a folder that has gone is made again.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._mark: _Mark | None = None

    def claim(self, content: bytes) -> bool:
        """Make the file, unless there is one of that name; say whether it was made. Raises OSError."""
        with _naming(self.path):
            with self._part(content) as part:
                try:
                    _link(part, self.path)
                except FileExistsError:
                    return False
            self._mark = _mark(self.path)
            return True

    def write(self, content: bytes) -> bool:
        """Replace the file, unless somebody else has changed it since; say whether it was. Raises OSError."""
        with _naming(self.path):
            if not self._ours():
                return False
            with self._part(content) as part:
                part.replace(self.path)
            self._mark = _mark(self.path)
            return True

    def append(self, content: bytes) -> bool:
        """Add to the file, unless somebody else has changed it since; say whether that was done. Raises OSError.

        What was added is on the disk itself then; where it couldn't all be, none of it is left.
        """
        with _naming(self.path):
            if not self._ours():
                return False
            with self.path.open("r+b", buffering=0) as file:
                whole = file.seek(0, os.SEEK_END)
                try:
                    _write(file, content)
                except OSError:
                    file.truncate(whole)
                    raise
                finally:
                    self._mark = _mark(self.path)
            return True

    def _ours(self) -> bool:
        return self._mark is not None and self.path.exists() and _mark(self.path) == self._mark

    @contextmanager
    def _part(self, content: bytes) -> Iterator[Path]:
        """Write a file beside it, which is gone in the end, whatever became of it."""
        part = self.path.with_name(f".{self.path.name}.{os.getpid()}.part")
        part.parent.mkdir(parents=True, exist_ok=True)
        try:
            part.write_bytes(content)
            yield part
        finally:
            part.unlink(missing_ok=True)


class Folder:
    """The folder that a recording goes to. `say` is told, in words, where a file couldn't have the name it should."""

    def __init__(self, path: Path, say: Callable[[str], None]) -> None:
        self._path, self._say = path, say
        self._files: dict[str, OwnFile] = {}
        try:
            path.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StartError(f"Can't write to the folder {str(path)!r}: {error.strerror}.") from error
        if not os.access(path, os.W_OK):
            raise StartError(f"Can't write to the folder {str(path)!r}: Permission denied.")

    def write(self, name: str, content: bytes) -> None:
        """Write the file of a name (`job-1`), under another where that is taken. Raises OSError."""
        own = self._files.get(name)
        if own is not None and own.write(content):
            return
        if own is not None and own.path.exists():
            self._say(f"{own.path.name} was changed by somebody else; it stays as it is.")
        self._files[name] = self._claimed(name, content)

    def _claimed(self, name: str, content: bytes) -> OwnFile:
        for number in range(1, _MOST):
            own = OwnFile(self._path / (f"{name}.yaml" if number == 1 else f"{name}-{number}.yaml"))
            if own.claim(content):
                if number > 1:
                    self._say(f"{name}.yaml is another's file and stays as it is; written to {own.path.name} instead.")
                return own
        raise FileExistsError(f"There are {_MOST} files of the name {name!r}.")


class Lines:
    """A file of lines that grows; it must be new. Raises UsageError where it exists, StartError where it can't.

    `say` is told, in words, what became of the file. Nothing is kept in memory but what couldn't be written.
    """

    def __init__(self, path: Path, say: Callable[[str], None]) -> None:
        self._own, self._say, self._owed, self._lost = OwnFile(path), say, b"", False
        try:
            claimed = self._own.claim(b"")
        except OSError as error:
            raise StartError(f"Can't write {str(path)!r}: {error.strerror}.") from error
        if not claimed:
            raise UsageError(f"{str(path)!r} exists already, and nothing is overwritten. Name a new file.")

    def add(self, line: bytes) -> None:
        """Add a line, its end included, after those that couldn't be written before. Raises OSError."""
        if not self._lost:
            self._owed += line
            self.flush()

    def flush(self) -> bool:
        """Write what couldn't be written before; say whether nothing was lost. Raises OSError."""
        if self._owed and not self._own.append(self._owed):
            self._begin_anew()
        self._owed = b""
        return not self._lost

    def _begin_anew(self) -> None:
        """Write to a new file where somebody took the old one away, and no further where somebody changed it."""
        if self._own.path.exists() or not self._own.claim(self._owed):
            self._lost = True
            self._say("The file of exchanges was changed by somebody else; nothing is added to it any more.")
        else:
            self._say("The file of exchanges was taken away; a new one goes on from there.")


def _write(file: FileIO, content: bytes) -> None:
    """Write all of it, and have the disk hold it."""
    left = memoryview(content)
    while left:
        left = left[file.write(left) :]
    os.fsync(file.fileno())


def _link(part: Path, path: Path) -> None:
    """Give a whole file its name, unless that is taken; where no file can have two names, the name is taken first.

    Raises OSError.
    """
    try:
        os.link(part, path)
    except FileExistsError:
        raise
    except OSError:
        path.open("xb").close()
        part.replace(path)


@contextmanager
def _naming(path: Path) -> Iterator[None]:
    """Have errors name the file that is meant, and not the one on the way to it."""
    try:
        yield
    except OSError as error:
        raise OSError(error.errno, error.strerror, str(path)) from error


def _mark(path: Path) -> _Mark:
    known = path.stat()
    return known.st_ino, known.st_mtime_ns, known.st_size
