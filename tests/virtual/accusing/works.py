"""What correct tests are busy with: polls, locks, pools, work in Python and in C, files, children, look-ups."""

from __future__ import annotations

import asyncio
import gc
import hashlib
import json
import logging
import os
import re
import socket
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
import zlib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx

At = SimpleNamespace
"""A test's: the mock's `job` address, its `headers`, a random `rng` and a `folder`."""
WORKS: dict[str, Callable[[Any], Any]] = {}
RARE = ("a_pool_of_processes", "imports_of_big_modules")


def _work(function: Callable[[Any], Any]) -> Callable[[Any], Any]:
    WORKS[function.__name__] = function
    return function


@_work
def polls(at: At) -> None:
    with httpx.Client(headers=at.headers, trust_env=False, verify=False) as http:
        job = http.post(at.job, json={"query": "x"}).json()["job_id"]
        for _ in range(at.rng.randrange(10, 60)):
            if http.get(f"{at.job}/{job}").json()["status"] == "completed":
                break
            time.sleep(5)


@_work
def polls_in_a_loop(at: At) -> None:
    async def polling() -> None:
        async with httpx.AsyncClient(headers=at.headers, trust_env=False, verify=False) as http:
            job = (await http.post(at.job, json={"query": "x"})).json()["job_id"]
            for _ in range(at.rng.randrange(10, 60)):
                await http.get(f"{at.job}/{job}", timeout=10)
                await asyncio.sleep(5)

    asyncio.run(polling())


@_work
def a_pool_of_threads(at: At) -> None:
    with ThreadPoolExecutor(4) as pool:
        for job in [pool.submit(time.sleep, at.rng.uniform(0, 30)) for _ in range(20)]:
            job.result()


@_work
def locks_that_many_want(at: At) -> None:
    lock, many = threading.Lock(), [0]

    def counting() -> None:
        for number in range(200):
            with lock:
                many[0] += 1
                if number % 50 == 0:
                    time.sleep(0.1)

    threads = [threading.Thread(target=counting) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


@_work
def sums(at: At) -> None:
    sum(number * number for number in range(at.rng.randrange(1_000_000, 4_000_000)))


@_work
def sorting(at: At) -> None:
    numbers = [at.rng.random() for _ in range(300_000)]
    sorted(numbers, key=lambda number: -number)
    sorted(numbers)


@_work
def packing(at: At) -> None:
    data = at.rng.randbytes(3_000_000)
    zlib.decompress(zlib.compress(data, 9))
    hashlib.pbkdf2_hmac("sha256", data[:50], b"salt", 300_000)
    hashlib.sha512(data * 20).hexdigest()


@_work
def texts(at: At) -> None:
    rows = [{"number": number, "text": "x" * 50} for number in range(60_000)]
    assert json.loads(json.dumps(rows)) == rows
    re.search(r"(a+)+$", "a" * 22 + "b")


@_work
def files(at: At) -> None:
    for number in range(20):
        path = Path(at.folder) / f"{threading.get_ident()}-{number}"
        with path.open("wb") as file:
            file.write(b"x" * 2_000_000)
            file.flush()
            os.fsync(file.fileno())
        path.read_bytes()
        path.unlink()


@_work
def records(at: At) -> None:
    logger = logging.Logger("accusing")
    logger.addHandler(logging.FileHandler(Path(at.folder) / f"{threading.get_ident()}.log"))
    for number in range(5_000):
        logger.warning("Record %d", number)
    logger.handlers[0].close()


@_work
def imports_of_big_modules(at: At) -> None:
    gone = ("doctest", "pydoc", "unittest", "xml", "xmlrpc", "mailbox")
    for name in [name for name in sys.modules if name.partition(".")[0] in gone]:
        del sys.modules[name]
    import doctest  # noqa: F401
    import mailbox  # noqa: F401
    import pydoc  # noqa: F401
    import unittest.mock  # noqa: F401
    import xml.dom.minidom  # noqa: F401
    import xmlrpc.client  # noqa: F401


@_work
def children(at: At) -> None:
    subprocess.run([sys.executable, "-S", "-c", "import time; time.sleep(0.4)"], check=True)
    with subprocess.Popen(["/bin/cat"], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:
        child.communicate(b"x" * 100_000)


@_work
def children_of_a_loop(at: At) -> None:
    async def running() -> None:
        child = await asyncio.create_subprocess_exec("/bin/sleep", "0.4")
        await asyncio.wait_for(child.wait(), 60)

    asyncio.run(running())


@_work
def a_pool_of_processes(at: At) -> None:
    code = (
        "from concurrent.futures import ProcessPoolExecutor as P\n"
        "import time\n"
        "with P(2) as pool: print(list(pool.map(abs, range(10))))"
    )
    subprocess.run([sys.executable, "-c", code], check=True, stdout=subprocess.DEVNULL)


@_work
def names(at: At) -> None:
    for _ in range(50):
        socket.getaddrinfo("localhost", 80)


@_work
def tables(at: At) -> None:
    with tempfile.TemporaryDirectory(dir=at.folder) as folder, closing(sqlite3.connect(Path(folder, "r.db"))) as base:
        base.execute("create table rows (number integer, text text)")
        for _ in range(5):
            base.executemany("insert into rows values (?, ?)", ((number, "x" * 50) for number in range(5_000)))
            base.commit()
        base.execute("select count(*) from rows, (select number from rows limit 400)").fetchall()


@_work
def garbage(at: At) -> None:
    kept = [[number] for number in range(300_000)]
    for one in kept[:1_000]:
        one.append(one)  # type: ignore[arg-type]
    del kept
    gc.collect()


@_work
def temporary_files(at: At) -> None:
    for _ in range(30):
        with tempfile.TemporaryDirectory(dir=at.folder) as folder:
            Path(folder, "x").write_text("x")


@_work
def handshakes(at: At) -> None:
    """Make TLS connections in memory, with a certificate of this test's own."""
    if at.contexts is None:
        return
    import ssl

    for _ in range(10):
        inward, outward = ssl.MemoryBIO(), ssl.MemoryBIO()
        client = at.contexts[0].wrap_bio(inward, outward, server_hostname="localhost")
        server = at.contexts[1].wrap_bio(outward, inward, server_side=True)
        for side in (client, server, client, server):
            try:
                side.do_handshake()
            except ssl.SSLWantReadError:
                continue
