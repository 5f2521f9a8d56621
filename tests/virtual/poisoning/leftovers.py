"""Tests that leave threads, timers or loops behind. The next plain test checks that they go on in real time."""

from __future__ import annotations

import asyncio
import signal
import socket
import subprocess
import threading
import time
from random import Random
from typing import Any

from tests.virtual.poisoning.checks import check_later, require, require_beats, require_end
from tests.virtual.poisoning.poisons import ask, client, poison
from tests.virtual.poisoning.real_time import LATE, SECOND, lasts, real_monotonic_ns
from tests.virtual.poisoning.session import EVERY, SESSION, Heartbeat

_LONG = 100_000.0


@poison("passed")
def leaves_threads(mock: Any, rng: Random) -> None:
    woken = threading.Event()

    def sleeping() -> None:
        time.sleep(_LONG)
        woken.set()

    for _ in range(rng.randrange(1, 4)):
        threading.Thread(target=sleeping, daemon=True).start()
    time.sleep(rng.uniform(0, 1_000))
    check_later(lambda: require(not woken.is_set()))


@poison("passed")
def leaves_a_thread_that_is_nearly_done(mock: Any, rng: Random) -> None:
    thread = threading.Thread(target=time.sleep, args=[1_000.3], daemon=True)
    thread.start()
    time.sleep(1_000)
    check_later(lambda: require_end(thread))


@poison("passed")
def leaves_a_thread_that_works(mock: Any, rng: Random) -> None:
    ended, beats = threading.Event(), list[int]()

    def working() -> None:
        while not ended.is_set():
            beats.append(real_monotonic_ns())
            time.sleep(EVERY)

    thread = threading.Thread(target=working, daemon=True)
    thread.start()
    time.sleep(rng.uniform(0, 20))

    def check() -> None:
        require_beats(beats)
        ended.set()
        thread.join(LATE + 1)

    check_later(check)


@poison("passed")
def leaves_timers(mock: Any, rng: Random) -> None:
    called = threading.Event()
    for seconds in (_LONG, 50):
        timer = threading.Timer(seconds, called.set if seconds > 50 else int)
        timer.daemon = True
        timer.start()
    time.sleep(rng.uniform(0, 100))
    check_later(lambda: require(not called.is_set()))


@poison("passed")
def leaves_timers_of_the_run_s_loop(mock: Any, rng: Random) -> None:
    called: list[int] = []
    SESSION.session_loop.run_until_complete(asyncio.sleep(rng.uniform(0, 500)))
    SESSION.session_loop.call_later(_LONG, called.append, 1)
    SESSION.session_loop.call_later(1_000.2, lambda: called.append(real_monotonic_ns()))
    SESSION.session_loop.run_until_complete(asyncio.sleep(1_000))

    def check() -> None:
        with lasts(0.3):
            SESSION.session_loop.run_until_complete(asyncio.sleep(0.3))
        require(len(called) == 1 and called[0] != 1)

    check_later(check)


@poison("passed")
def leaves_a_loop_in_a_thread(mock: Any, rng: Random) -> None:
    loop = asyncio.new_event_loop()
    heartbeat = Heartbeat(loop)
    loop.call_soon(heartbeat.beat)
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    time.sleep(rng.uniform(0, 50))

    def check() -> None:
        require_beats(heartbeat.beats)
        with lasts(EVERY):
            asyncio.run_coroutine_threadsafe(asyncio.sleep(EVERY), loop).result(LATE + 1)
        loop.call_soon_threadsafe(loop.stop)
        require_end(thread)
        loop.close()

    check_later(check)


@poison("passed")
def leaves_a_loop_that_stands_still(mock: Any, rng: Random) -> None:
    loop = asyncio.new_event_loop()
    heartbeat = Heartbeat(loop)
    loop.call_soon(heartbeat.beat)
    loop.run_until_complete(asyncio.sleep(rng.uniform(0, 50)))

    def check() -> None:
        del heartbeat.beats[:]
        with lasts(3 * EVERY):
            loop.run_until_complete(asyncio.sleep(3 * EVERY))
        require(1 <= len(heartbeat.beats) <= 4)
        loop.close()

    check_later(check)


@poison("passed")
def leaves_an_alarm(mock: Any, rng: Random) -> None:
    signal.setitimer(signal.ITIMER_REAL, 2_000)
    time.sleep(rng.uniform(0, 1_000))
    left, at = signal.getitimer(signal.ITIMER_REAL)[0], real_monotonic_ns()

    def check() -> None:
        now = signal.setitimer(signal.ITIMER_REAL, 0)[0]
        passed = (real_monotonic_ns() - at) / SECOND
        require(left - passed - 0.1 <= now <= left, f"{now} s of {left} s are left after {passed} s.")

    check_later(check)


@poison("passed")
def leaves_a_server(mock: Any, rng: Random) -> None:
    listener = socket.create_server(("127.0.0.1", 0))
    address = listener.getsockname()

    def serving() -> None:
        while connection := listener.accept()[0]:
            connection.sendall(connection.recv(10))

    threading.Thread(target=serving, daemon=True).start()
    with socket.create_connection(address) as asking:
        asking.sendall(b"x")
        require(asking.recv(1) == b"x")
    time.sleep(rng.uniform(0, 50))

    def check() -> None:
        with socket.create_connection(address) as asking:
            asking.settimeout(LATE)
            asking.sendall(b"y")
            require(asking.recv(1) == b"y")

    check_later(check)


@poison("passed")
def leaves_a_child(mock: Any, rng: Random) -> None:
    child = subprocess.Popen(["/bin/sleep", "0.2"])
    time.sleep(0.01)
    check_later(lambda: require(child.wait(LATE + 1) == 0))


@poison("passed")
def leaves_a_poller(mock: Any, rng: Random) -> None:
    job = mock.play("usual")

    def polling() -> None:
        try:
            with client(mock, rng) as http:
                while ask(http, mock, job.id):
                    time.sleep(5)
        except Exception:
            return

    threading.Thread(target=polling, daemon=True).start()
    time.sleep(rng.uniform(0, 100))
