"""Files as users name them: by a path, by an address such as `s3://bucket/traffic.jsonl.gz`, or by a pattern.

fsspec opens addresses.
"""

from __future__ import annotations

import errno
import glob
import io
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, cast

from ...errors import UsageError

_SECRET = re.compile(r"(?<=://)[^/?#]*(?=@)|(?<=[?#]).+", re.DOTALL)
_HTTP = ("http://", "https://")
_MISSING = "it is at an address, and jobmock needs fsspec to open it. Install jobmock[cluster]"
_UNKNOWN = re.compile(r"Protocol not known: *(.*)")


@dataclass(frozen=True, slots=True)
class RemoteFile:
    """A file at an address. As text it has neither a password nor a query, which may be a key."""

    address: str

    def __str__(self) -> str:
        return _SECRET.sub("…", self.address)

    def open(self, *, seekable: bool = False) -> IO[bytes]:
        """Open the file. It is read from its beginning unless it is to be `seekable`.

        Raises OSError, also while it is read.
        """
        return cast("IO[bytes]", io.BufferedReader(_Stream(self._opened(seekable)), 1 << 18))

    def beside(self, name: str) -> RemoteFile:
        """Return a file in the same folder."""
        return RemoteFile(self.address.rpartition("/")[0] + "/" + name)

    def _opened(self, seekable: bool) -> Any:
        """Return the file in its store. Servers that send no parts of files send them from the beginning."""
        as_stream = not seekable and self.address.startswith(_HTTP)
        try:
            import fsspec

            return fsspec.open(self.address, "rb", **({"block_size": 0} if as_stream else {})).open()
        except Exception as error:
            raise _store_error(error) from None


def file_at(text: str) -> Path | RemoteFile:
    """Return the file that a user names by a path or by an address."""
    return RemoteFile(text) if "://" in text else Path(text)


def matching(named: Path | RemoteFile) -> list[Path | RemoteFile]:
    """Return the files that a path, an address or a pattern names, in order. Raises UsageError if there are none."""
    if not _is_pattern(named):
        return [named]
    found = [*(_in_store(named) if isinstance(named, RemoteFile) else map(Path, sorted(glob.glob(str(named)))))]
    if not found:
        raise UsageError(f"No file matches {named}.")
    return found


def _is_pattern(named: Path | RemoteFile) -> bool:
    """Return whether a name is a pattern. An address may have brackets around its host, and any mark in its query."""
    if isinstance(named, RemoteFile):
        return "*" in named.address.partition("?")[0]
    return glob.has_magic(str(named)) and not named.exists()


def _in_store(pattern: RemoteFile) -> Iterable[RemoteFile]:
    """Return the files in a store whose addresses match a pattern, in order. Raises UsageError."""
    try:
        import fsspec

        store, path = fsspec.core.url_to_fs(pattern.address)
        return [RemoteFile(store.unstrip_protocol(name)) for name in sorted(store.glob(path))]
    except Exception as error:
        raise UsageError(f"{pattern} can't be read: {_store_error(error).strerror}.") from None


class _Stream(io.RawIOBase):
    """The bytes of a file in a store. All errors of the store are OSErrors."""

    def __init__(self, file: Any) -> None:
        super().__init__()
        self._file = file

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return bool(self._file.seekable())

    def readinto(self, buffer: Any) -> int:
        try:
            piece = self._file.read(len(buffer))
        except Exception as error:
            raise _store_error(error) from None
        buffer[: len(piece)] = piece
        return len(piece)

    def seek(self, offset: int, whence: int = 0) -> int:
        return int(self._file.seek(offset, whence))

    def tell(self) -> int:
        return int(self._file.tell())

    def close(self) -> None:
        self._file.close()
        super().close()


def _store_error(error: Exception) -> OSError:
    """Return an OSError whose text says why a store doesn't give a file. It has no address: that may hold a key."""
    return OSError(errno.EIO, _reason(error))


def _reason(error: Exception) -> str:
    if isinstance(error, ModuleNotFoundError) and error.name == "fsspec":
        return _MISSING
    if isinstance(error, ImportError):  # fsspec names the package that a store needs
        return str(error)
    if isinstance(error, FileNotFoundError):
        return "there is no such file, or its server can't be reached"
    if unknown := _UNKNOWN.match(str(error)):
        return f"fsspec knows no store of the kind {unknown[1]}://"
    status = getattr(error, "status", None)
    return f"its server answered {status}" if isinstance(status, int) else "its store doesn't give it"
