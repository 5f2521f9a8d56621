"""Failures of an API's own package: what an exception says in one line, and where in the package it was raised."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from linecache import getline
from pathlib import Path
from traceback import walk_tb

from ..api_packages import ApiPackage, found
from ..errors import FaultyApi, JobmockError
from .answers import Refused

_LARGEST_DATA = 1 << 20
"""No larger file is compared with a text that is no JSON."""


def failure_of(api: str, error: BaseException) -> FaultyApi:
    """Return the failure of an API with the name `api` that an exception of its package is."""
    if isinstance(error, FaultyApi):
        return error
    package = found().usable.get(api)
    distribution = f" of {package.distribution}" if package else ""
    place = None if package is None else place_of(package, error)
    why = sentence_of(error, place)
    where = f" at {shown(package, place)}" if package and place else ""
    return FaultyApi(f"The API {api!r}{distribution} fails{where}. {why}", why, place)


@contextmanager
def failures_of(api: str) -> Iterator[None]:
    """Raise FaultyApi for what is raised in a `with` block that calls the package of an API, but for refusals."""
    try:
        yield
    except (Refused, FaultyApi):
        raise
    except Exception as error:
        raise failure_of(api, error) from error


def place_of(package: ApiPackage, error: BaseException) -> tuple[str, int] | None:
    """Return the file and the line of a package where an exception was raised, as deep in it as it shows.

    That of a text that is no JSON is in the file with the data. None if no line of the package took part.
    """
    root = package.root
    if (data := _data_file(root, error)) is not None:
        return str(data), getattr(error, "lineno", 1)
    for one in _chain(error):
        if isinstance(one, SyntaxError) and one.filename and Path(one.filename).is_relative_to(root):
            return one.filename, one.lineno or 1
        lines = [(frame.f_code.co_filename, line) for frame, line in walk_tb(one.__traceback__)]
        own = [(name, line) for name, line in lines if Path(name).is_relative_to(root)]
        if own:
            return own[-1]
    return None


def shown(package: ApiPackage, place: tuple[str, int]) -> str:
    """Return a place in a package as messages show it, such as `toast_api/tables.py:41`."""
    file, line = place
    return f"{Path(file).relative_to(package.root.parent).as_posix()}:{line}"


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    """Yield an exception, and those because of which it was raised."""
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def _data_file(root: Path, error: BaseException) -> Path | None:
    """Return the file of a package that has the text of a JSONDecodeError; None for another error."""
    text = getattr(error, "doc", None)
    if not isinstance(text, str) or not text:
        return None
    files = (file for file in root.rglob("*") if file.suffix != ".py" and file.is_file())
    return next((file for file in files if _has_text(file, text)), None)


def _has_text(file: Path, text: str) -> bool:
    return file.stat().st_size <= _LARGEST_DATA and file.read_text("utf-8", "replace") == text


def sentence_of(error: BaseException, place: tuple[str, int] | None = None) -> str:
    """Return an exception as a sentence in one line. One without a message has the line of code that raised it."""
    text = " ".join(str(getattr(error, "msg", error) if isinstance(error, SyntaxError) else error).split())
    if isinstance(error, JobmockError):
        return text if text.endswith(("?", ".")) else f"{text}."
    line = getline(*place).strip() if place and not text else ""
    said = f"{type(error).__name__}: {text}".rstrip(":. ")
    return f"{said}, raised by `{line}`." if line else f"{said}."
