"""Activities of correct tests: polls, locks, pools, work in Python and in C, files, child processes, look-ups."""

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

Context = SimpleNamespace
"""What an activity uses: the URL `job` of the mock, `headers`, a random `rng`, a `folder` and `ssl_contexts`."""
ACTIVITIES: dict[str, Callable[[Any], Any]] = {}
RARE = ("a_pool_of_processes", "imports_of_big_modules")


def _activity(function: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Add a function to the table."""
    ACTIVITIES[function.__name__] = function
    return function


@_activity
def polls(context: Context) -> None:
    with httpx.Client(headers=context.headers, trust_env=False, verify=False) as http:
        job = http.post(context.job, json={"query": "x"}).json()["job_id"]
        for _ in range(context.rng.randrange(10, 60)):
            if http.get(f"{context.job}/{job}").json()["status"] == "completed":
                break
            time.sleep(5)


@_activity
def polls_in_a_loop(context: Context) -> None:
    async def polling() -> None:
        async with httpx.AsyncClient(headers=context.headers, trust_env=False, verify=False) as http:
            job = (await http.post(context.job, json={"query": "x"})).json()["job_id"]
            for _ in range(context.rng.randrange(10, 60)):
                await http.get(f"{context.job}/{job}", timeout=10)
                await asyncio.sleep(5)

    asyncio.run(polling())


@_activity
def a_pool_of_threads(context: Context) -> None:
    with ThreadPoolExecutor(4) as pool:
        for job in [pool.submit(time.sleep, context.rng.uniform(0, 30)) for _ in range(20)]:
            job.result()


@_activity
def contended_locks(context: Context) -> None:
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


@_activity
def sums(context: Context) -> None:
    sum(number * number for number in range(context.rng.randrange(1_000_000, 4_000_000)))


@_activity
def sorting(context: Context) -> None:
    numbers = [context.rng.random() for _ in range(300_000)]
    sorted(numbers, key=lambda number: -number)
    sorted(numbers)


@_activity
def compression_and_hashes(context: Context) -> None:
    data = context.rng.randbytes(3_000_000)
    zlib.decompress(zlib.compress(data, 9))
    hashlib.pbkdf2_hmac("sha256", data[:50], b"salt", 300_000)
    hashlib.sha512(data * 20).hexdigest()


@_activity
def json_and_regular_expressions(context: Context) -> None:
    rows = [{"number": number, "text": "x" * 50} for number in range(60_000)]
    assert json.loads(json.dumps(rows)) == rows
    re.search(r"(a+)+$", "a" * 22 + "b")


@_activity
def large_files(context: Context) -> None:
    for number in range(20):
        path = Path(context.folder) / f"{threading.get_ident()}-{number}"
        with path.open("wb") as file:
            file.write(b"x" * 2_000_000)
            file.flush()
            os.fsync(file.fileno())
        path.read_bytes()
        path.unlink()


@_activity
def log_records(context: Context) -> None:
    logger = logging.Logger("accusations")
    logger.addHandler(logging.FileHandler(Path(context.folder) / f"{threading.get_ident()}.log"))
    for number in range(5_000):
        logger.warning("Record %d", number)
    logger.handlers[0].close()


@_activity
def imports_of_big_modules(context: Context) -> None:
    gone = ("doctest", "pydoc", "unittest", "xml", "xmlrpc", "mailbox")
    for name in [name for name in sys.modules if name.partition(".")[0] in gone]:
        del sys.modules[name]
    import doctest  # noqa: F401
    import mailbox  # noqa: F401
    import pydoc  # noqa: F401
    import unittest.mock  # noqa: F401
    import xml.dom.minidom  # noqa: F401
    import xmlrpc.client  # noqa: F401


@_activity
def child_processes(context: Context) -> None:
    subprocess.run([sys.executable, "-S", "-c", "import time; time.sleep(0.4)"], check=True)
    with subprocess.Popen(["/bin/cat"], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:
        child.communicate(b"x" * 100_000)


@_activity
def child_processes_of_a_loop(context: Context) -> None:
    async def running() -> None:
        child = await asyncio.create_subprocess_exec("/bin/sleep", "0.4")
        await asyncio.wait_for(child.wait(), 60)

    asyncio.run(running())


@_activity
def a_pool_of_processes(context: Context) -> None:
    code = (
        "from concurrent.futures import ProcessPoolExecutor as P\n"
        "import time\n"
        "with P(2) as pool: print(list(pool.map(abs, range(10))))"
    )
    subprocess.run([sys.executable, "-c", code], check=True, stdout=subprocess.DEVNULL)


@_activity
def name_lookups(context: Context) -> None:
    for _ in range(50):
        socket.getaddrinfo("localhost", 80)


@_activity
def sqlite_tables(context: Context) -> None:
    folders = tempfile.TemporaryDirectory(dir=context.folder)
    with folders as folder, closing(sqlite3.connect(Path(folder, "r.db"))) as base:
        base.execute("create table rows (number integer, text text)")
        for _ in range(5):
            base.executemany("insert into rows values (?, ?)", ((number, "x" * 50) for number in range(5_000)))
            base.commit()
        base.execute("select count(*) from rows, (select number from rows limit 400)").fetchall()


@_activity
def garbage_collection(context: Context) -> None:
    kept = [[number] for number in range(300_000)]
    for one in kept[:1_000]:
        one.append(one)  # type: ignore[arg-type]
    del kept
    gc.collect()


@_activity
def temporary_files(context: Context) -> None:
    for _ in range(30):
        with tempfile.TemporaryDirectory(dir=context.folder) as folder:
            Path(folder, "x").write_text("x")


@_activity
def tls_handshakes(context: Context) -> None:
    """Make TLS connections in memory."""
    if context.ssl_contexts is None:
        return
    import ssl

    for _ in range(10):
        inward, outward = ssl.MemoryBIO(), ssl.MemoryBIO()
        client = context.ssl_contexts[0].wrap_bio(inward, outward, server_hostname="localhost")
        server = context.ssl_contexts[1].wrap_bio(outward, inward, server_side=True)
        for side in (client, server, client, server):
            try:
                side.do_handshake()
            except ssl.SSLWantReadError:
                continue
