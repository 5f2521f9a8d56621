"""Brings this interpreter into the virtual time of `jobmock run`, after the user's own sitecustomize.

The folder of this file is in PYTHONPATH. Any interpreter may import it, so it has no syntax newer than Python 3.6.
"""

import os
import sys
from importlib.machinery import PathFinder
from importlib.util import module_from_spec


def _run_own() -> None:
    """Run the next sitecustomize on the path. It takes the place of this module."""
    here = os.path.dirname(__spec__.origin or "")
    others = [place for place in sys.path if os.path.abspath(place or os.curdir) != here]
    spec = PathFinder.find_spec("sitecustomize", others)
    if spec is not None and spec.loader is not None:
        own = sys.modules["sitecustomize"] = module_from_spec(spec)
        spec.loader.exec_module(own)


def _take_part() -> None:
    """Begin virtual time. If that can't be, say so at the first connection to the mock."""
    try:
        from jobmock.version import __version__
    except ImportError:
        return _warn_later(sys.executable + " has no jobmock. Install it there")
    expected = os.environ.get("JOBMOCK_VERSION") or __version__
    if __version__ != expected:
        found = sys.executable + " has jobmock " + __version__ + ", not " + expected
        return _warn_later(found + ". Install that one there")
    try:
        from jobmock.preloads.python_process import begin

        begin()
    except Exception as error:
        return _warn_later(str(error).partition(". ")[0].rstrip(".") + ". Use such a Python")
    return None


def _warn_later(reason: str) -> None:
    """Print the reason when this process connects to the mock. Until then it isn't a client of the mock."""
    ports = [int(port) for port in os.environ.get("JOBMOCK_TIME_PORTS", "").split(",") if port]

    def watch(event: str, arguments: "tuple[object, ...]") -> None:
        if event == "socket.connect" and ports and _port(arguments[1]) in ports:
            del ports[:]
            text = "jobmock: this process isn't in virtual time: " + reason + ", or use --time scaled.\n"
            os.write(2, text.encode())

    if hasattr(sys, "addaudithook"):
        sys.addaudithook(watch)


def _port(address: object) -> object:
    return address[1] if isinstance(address, tuple) and len(address) > 1 else None


try:
    _run_own()
finally:
    if os.environ.get("JOBMOCK_TIME_URL"):
        _take_part()
