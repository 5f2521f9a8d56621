"""Files that are ours alone: claimed without touching another's, replaced in one step, whole at every moment."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from ...errors import StartError, UsageError

_Mark = tuple[int, int, int]
_MOST = 10_000


class OwnFile:
    """A file that nobody else has written. Each write replaces it by rename, so that a reader never sees a part."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._mark: _Mark | None = None

    def claim(self, content: bytes) -> bool:
        """Make the file, unless there is one of that name; say whether it was made. Raises OSError."""
        part = self._part(content)
        try:
            _link(part, self.path)
        except FileExistsError:
            return False
        finally:
            part.unlink(missing_ok=True)
        self._mark = _mark(self.path)
        return True

    def write(self, content: bytes) -> bool:
        """Replace the file, unless somebody else has changed it since; say whether it was. Raises OSError."""
        if self._mark is None or not self.path.exists() or _mark(self.path) != self._mark:
            return False
        self._part(content).replace(self.path)
        self._mark = _mark(self.path)
        return True

    def _part(self, content: bytes) -> Path:
        part = self.path.with_name(f".{self.path.name}.{os.getpid()}.part")
        part.write_bytes(content)
        return part


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
        if own is not None:
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
    """A file of lines that grows; it must be new. Raises UsageError where it exists, StartError where it can't."""

    def __init__(self, path: Path) -> None:
        self._own, self._content = OwnFile(path), bytearray()
        try:
            claimed = self._own.claim(b"")
        except OSError as error:
            raise StartError(f"Can't write {str(path)!r}: {error.strerror}.") from error
        if not claimed:
            raise UsageError(f"{str(path)!r} exists already, and nothing is overwritten. Name a new file.")

    def add(self, line: bytes) -> bool:
        """Add a line, its end included; False where somebody else has changed the file. Raises OSError."""
        self._content += line
        return self._own.write(bytes(self._content))


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


def _mark(path: Path) -> _Mark:
    known = path.stat()
    return known.st_ino, known.st_mtime_ns, known.st_size
