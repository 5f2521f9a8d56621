"""HAProxy and nginx with the configurations of `mockserver/deploy`, in front of real servers on free ports."""

from __future__ import annotations

import re
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

from tests.free_ports import free_port
from tests.support import HANGS, Served, served

FOLDER = Path(__file__).parents[2] / "mockserver" / "deploy"
BALANCERS = {"haproxy": "haproxy.cfg", "nginx": "nginx.conf"}
SECRET = "shared"
_SERVERS = ("127.0.0.1:8101", "127.0.0.1:8102", "127.0.0.1:8103", "127.0.0.1:8104")
_PATHS = "client_body", "proxy", "fastcgi", "uwsgi", "scgi"


def missing(program: str) -> str | None:
    """Return why a balancer can't be run, or None."""
    return None if _found(program) else f"{program} isn't installed."


def _found(program: str) -> str | None:
    return shutil.which(program) or shutil.which(program, path="/usr/sbin:/usr/local/sbin")


class Balanced(NamedTuple):
    """Servers behind a balancer. `url` is that of the balancer."""

    url: str
    servers: Sequence[Served]
    process: subprocess.Popen[bytes]


@contextmanager
def balanced(program: str, folder: Path, *flags: object, count: int = 4) -> Iterator[Balanced]:
    """Yield so many servers behind a balancer, each with the same secret."""
    with ExitStack() as stack:
        servers = [stack.enter_context(served("--id-secret", SECRET, *flags)) for _ in range(count)]
        ports = [int(one.ready["port"]) for one in servers]
        url, process = stack.enter_context(balancer(program, folder, ports))
        yield Balanced(url, servers, process)


@contextmanager
def balancer(
    program: str, folder: Path, ports: Sequence[int], changed: Callable[[str], str] = lambda text: text
) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """Run a balancer in front of the servers on these ports, and yield its address and its process.

    Its configuration is `changed`.
    """
    port, path = free_port(), folder / BALANCERS[program]
    path.write_text(_on_ports(changed((FOLDER / path.name).read_text("utf-8")), port, ports))
    command = {"haproxy": ["-db", "-f", str(path)], "nginx": ["-p", str(folder), "-c", str(path)]}[program]
    if program == "nginx":
        path.write_text(_in_folder(path.read_text("utf-8"), folder))
        command += ["-g", f"daemon off; pid {folder}/nginx.pid; error_log {folder}/error.log;"]
    with (folder / "output").open("wb") as output:
        process = subprocess.Popen([_found(program) or program, *command], stdout=output, stderr=output)
        try:
            _wait_for(port, process, folder / "output")
            yield f"http://127.0.0.1:{port}", process
        finally:
            process.terminate()
            process.wait(HANGS)


def _on_ports(text: str, port: int, ports: Sequence[int]) -> str:
    """Return a configuration with other ports, and with no more servers than these."""
    for server, own in zip(_SERVERS, ports, strict=False):
        text = text.replace(server, f"127.0.0.1:{own}")
    for server in _SERVERS[len(ports) :]:
        text = re.sub(rf"^.*{server}.*\n", "", text, flags=re.MULTILINE)
    return re.sub(r"\b(bind :|listen )8087\b", rf"\g<1>{port}", text).replace("bind :", "bind 127.0.0.1:")


def _in_folder(text: str, folder: Path) -> str:
    """Return the configuration of nginx with its own files in a folder that any user may write."""
    paths = "".join(f"    {name}_temp_path {folder}/{name};\n" for name in _PATHS)
    return text.replace("http {\n", f"http {{\n{paths}", 1)


def _wait_for(port: int, process: subprocess.Popen[bytes], output: Path) -> None:
    end = time.monotonic() + HANGS
    while True:
        assert process.poll() is None, output.read_text(errors="replace")
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        assert time.monotonic() < end, output.read_text(errors="replace")
        time.sleep(0.01)
