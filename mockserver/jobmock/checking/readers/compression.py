"""Compressed files: gzip, bzip2, xz, and Zstandard where a library for it is installed (Python 3.14 has one)."""

from __future__ import annotations

import bz2
import gzip
import lzma
import zlib
from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any


def _zstandard() -> Any:
    """Return the module that reads Zstandard, None if there is none."""
    for name in ("compression.zstd", "backports.zstd"):
        try:
            return import_module(name)
        except ImportError:
            pass
    return None


_zstd = _zstandard()
_BY_MAGIC: Mapping[bytes, Callable[[Any], Any]] = {
    b"\x1f\x8b": lambda raw: gzip.GzipFile(fileobj=raw), b"BZh": bz2.BZ2File, b"\xfd7zXZ\0": lzma.LZMAFile,
    **({b"\x28\xb5\x2f\xfd": _zstd.ZstdFile} if _zstd else {}),
}  # fmt: skip
"""What decompresses a file, by the first bytes of it."""
DAMAGED: tuple[type[Exception], ...] = (
    EOFError, zlib.error, lzma.LZMAError, *((_zstd.ZstdError,) if _zstd else ()),
)  # fmt: skip
"""What is raised if compressed data are damaged or end too early."""


def decompressor(begin: bytes) -> Callable[[Any], Any] | None:
    """Return what opens a compressed file, by its first bytes; None if it isn't compressed."""
    return next((opened for magic, opened in _BY_MAGIC.items() if begin.startswith(magic)), None)
