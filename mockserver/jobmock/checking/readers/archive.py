"""Archives of recordings: a zip file of HAR files with the bodies that they name, or of recordings of any form."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO
from zipfile import BadZipFile, ZipFile, is_zipfile

from ...errors import UsageError
from .named_files import RemoteFile
from .recorded_file import RecordedFile, of_path, opened

_BEGINNINGS = (b"PK\3\4", b"PK\5\6")
_FIDDLER = "raw/"


@contextmanager
def recorded_files(path: Path | RemoteFile) -> Iterator[list[RecordedFile]]:
    """Yield the recorded files in an archive, or the file itself if it is none. Raises UsageError, OSError."""
    with opened(path) as file:
        if file.read(4) not in _BEGINNINGS:
            yield [of_path(path)]
            return
    with opened(path, seekable=True) as file:
        if not file.seekable():
            raise UsageError(f"{path} is a zip archive, and its server sends no parts of files. Copy it first.")
        yield from _in_archive(path, file)


def _in_archive(path: Path | RemoteFile, file: IO[bytes]) -> Iterator[list[RecordedFile]]:
    if not is_zipfile(file):
        raise UsageError(f"{path} is a zip archive without its end. Copy it again.")
    try:
        with ZipFile(file) as archive:
            yield _members(path, archive)
    except (BadZipFile, NotImplementedError, RuntimeError):
        raise UsageError(f"{path} is a zip archive that is damaged or encrypted. Unpack it first.") from None


def _members(path: Path | RemoteFile, archive: ZipFile) -> list[RecordedFile]:
    """Return the members that are recordings: HAR files if there are any, beside the bodies that they name, or all."""
    names = [one.filename for one in archive.infolist() if not one.is_dir()]
    if any(name.startswith(_FIDDLER) for name in names):
        raise UsageError(f"{path} is an archive of Fiddler. Export it as HAR (File > Export Sessions > HTTPArchive).")

    def member(name: str) -> RecordedFile:
        folder = name.rpartition("/")[0]

        def attached(other: str) -> bytes | None:
            place = f"{folder}/{other}" if folder else other
            return archive.read(place) if place in names else None

        return RecordedFile(f"{path}/{name}", lambda: archive.open(name), attached)

    recorded = [name for name in names if name.lower().endswith((".har", ".har.gz"))] or names
    return [member(name) for name in recorded]
