"""Modules socket and ssl: connections to the mock, and between sockets of the process."""

from __future__ import annotations

import os
import socket
import tempfile
import threading
from collections.abc import Callable
from contextlib import closing
from typing import Any

from tests.virtual.matrix.cell_run import ANSWERS, CellRun
from tests.virtual.matrix.cells import Exact, Real, construct

SERVER = Real("a server other than the mock", 1.4)


def _times_out(cell: CellRun, call: Callable[[], Any]) -> None:
    try:
        call()
        cell.expect(False, "no timeout")
    except TimeoutError:
        pass


@construct(Exact(62), scenario=ANSWERS)
def recv_from_the_mock(cell: CellRun) -> None:
    """`recv` of a connection to the mock, timeout 62"""
    with socket.create_connection(("127.0.0.1", cell.port), timeout=cell.scale(62)) as connection:
        connection.sendall(b"GET / HTTP/1.1\r\n")
        _times_out(cell, lambda: connection.recv(1))


@construct(Exact(62), scenario=ANSWERS)
def makefile_from_the_mock(cell: CellRun) -> None:
    """`makefile().readline()` of a connection to the mock, timeout 62"""
    connection = socket.create_connection(("127.0.0.1", cell.port), timeout=cell.scale(62))
    with connection, connection.makefile("rb") as file:
        _times_out(cell, file.readline)


@construct(Exact(62))
def socketpair(cell: CellRun) -> None:
    """`recv` of a socketpair, timeout 62"""
    ours, theirs = socket.socketpair()
    ours.settimeout(cell.scale(62))
    with theirs:
        _times_out(cell, lambda: ours.recv(1))


@construct(Exact(30))
def socketpair_answered(cell: CellRun) -> None:
    """`recv` of a socketpair, sent by a thread after 30 s"""
    ours, theirs = socket.socketpair()
    cell.run_after(30, lambda: theirs.send(b"1"))
    cell.expect(ours.recv(1) == b"1", "something else")


@construct(Exact(30))
def recv_into(cell: CellRun) -> None:
    """`recv_into` of a socketpair, sent by a thread after 30 s"""
    ours, theirs = socket.socketpair()
    cell.run_after(30, lambda: theirs.send(b"1"))
    cell.expect(ours.recv_into(bytearray(4)) == 1, "something else")


@construct(Exact(30))
def recvmsg(cell: CellRun) -> None:
    """`recvmsg` of a socketpair, sent by a thread after 30 s"""
    ours, theirs = socket.socketpair()
    cell.run_after(30, lambda: theirs.send(b"1"))
    cell.expect(ours.recvmsg(1)[0] == b"1", "something else")


@construct(Exact(62))
def makefile(cell: CellRun) -> None:
    """`makefile().readline()` of a socketpair, timeout 62"""
    ours, theirs = socket.socketpair()
    ours.settimeout(cell.scale(62))
    with theirs, ours.makefile("rb") as file:
        _times_out(cell, file.readline)


@construct(Exact(62))
def unix(cell: CellRun) -> None:
    """`recv` of an AF_UNIX connection, timeout 62"""
    path = os.path.join(tempfile.gettempdir(), f"jobmock-matrix-unix-{os.getpid()}")
    with socket.socket(socket.AF_UNIX) as listener, socket.socket(socket.AF_UNIX) as ours:
        listener.bind(path)
        listener.listen()
        ours.settimeout(cell.scale(62))
        ours.connect(path)
        os.unlink(path)
        theirs, _ = listener.accept()
        with closing(theirs):
            _times_out(cell, lambda: ours.recv(1))


@construct(Exact(62))
def udp(cell: CellRun) -> None:
    """`recvfrom` of a UDP socket, timeout 62"""
    with socket.socket(type=socket.SOCK_DGRAM) as ours:
        ours.bind(("127.0.0.1", 0))
        ours.settimeout(cell.scale(62))
        _times_out(cell, lambda: ours.recvfrom(1))


@construct(Exact(30))
def udp_answered(cell: CellRun) -> None:
    """`recvfrom` of a UDP socket, sent by a thread after 30 s"""
    with socket.socket(type=socket.SOCK_DGRAM) as ours, socket.socket(type=socket.SOCK_DGRAM) as theirs:
        ours.bind(("127.0.0.1", 0))
        cell.run_after(30, lambda: theirs.sendto(b"1", ours.getsockname()))
        cell.expect(ours.recvfrom(1)[0] == b"1", "something else")


@construct(Exact(62))
def accept(cell: CellRun) -> None:
    """`accept`, timeout 62"""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(cell.scale(62))
        _times_out(cell, listener.accept)


@construct(Exact(30))
def accept_answered(cell: CellRun) -> None:
    """`accept`, a thread connects after 30 s"""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        cell.run_after(30, lambda: socket.create_connection(listener.getsockname()))
        listener.accept()[0].close()


@construct(Exact(30))
def own_server(cell: CellRun) -> None:
    """a server in a thread that answers after 30 s"""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            connection, _ = listener.accept()
            cell.run_after(30, lambda: connection.sendall(b"1"))

        threading.Thread(target=serve, daemon=True).start()
        with socket.create_connection(listener.getsockname(), timeout=cell.scale(62)) as ours:
            cell.expect(ours.recv(1) == b"1", "something else")


@construct(Exact(62))
def sendall_blocks(cell: CellRun) -> None:
    """`sendall` of more than the other end takes, timeout 62"""
    ours, theirs = socket.socketpair()
    ours.settimeout(cell.scale(62))
    with theirs:
        _times_out(cell, lambda: ours.sendall(bytes(8 << 20)))


@construct(Exact(30))
def sendall_read_later(cell: CellRun) -> None:
    """`sendall` of more than the other end takes, which reads after 30 s"""
    ours, theirs = socket.socketpair()

    def read() -> None:
        left = 8 << 20
        while left:
            left -= len(theirs.recv(left))

    cell.run_after(30, read)
    ours.sendall(bytes(8 << 20))


@construct(Exact(62))
def connect_timeout(cell: CellRun) -> None:
    """`create_connection(…, timeout=62)` to one whose backlog is full"""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        address = listener.getsockname()
        waiting = [socket.socket() for _ in range(4)]
        for one in waiting:
            one.setblocking(False)
            one.connect_ex(address)
        _times_out(cell, lambda: socket.create_connection(address, timeout=cell.scale(62)))


@construct(SERVER, tools=frozenset({"thread_server"}))
def foreign(cell: CellRun) -> None:
    """`recv`, timeout 10, from a server of an older thread that needs 1.4 real s"""
    port = int(cell.outside_url.rpartition(":")[2])
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        connection.sendall(b"GET /1.4 HTTP/1.0\r\n\r\n")
        cell.expect(connection.recv(4) == b"HTTP", "something else")


@construct(Real("a timeout on a server other than the mock", 0.5), tools=frozenset({"thread_server"}))
def foreign_too_slow(cell: CellRun) -> None:
    """`recv`, timeout 0.5, from a server of an older thread that needs longer"""
    port = int(cell.outside_url.rpartition(":")[2])
    with socket.create_connection(("127.0.0.1", port), timeout=0.5) as connection:
        connection.sendall(b"GET /30 HTTP/1.0\r\n\r\n")
        _times_out(cell, lambda: connection.recv(4))
