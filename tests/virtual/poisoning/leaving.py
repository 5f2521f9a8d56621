"""Tests that leave something behind: what must go on of it, in real time, is looked at by the plain test after them."""

from __future__ import annotations

import asyncio
import signal
import socket
import subprocess
import threading
import time
from random import Random
from typing import Any

from tests.virtual.poisoning.ground import EVERY, GROUND, Heart
from tests.virtual.poisoning.later import beating, ends, later, must
from tests.virtual.poisoning.poisons import ask, client, poison
from tests.virtual.poisoning.reality import LATE, SECOND, lasting, steady

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
    later(lambda: must(not woken.is_set()))


@poison("passed")
def leaves_a_thread_that_is_nearly_done(mock: Any, rng: Random) -> None:
    thread = threading.Thread(target=time.sleep, args=[1_000.3], daemon=True)
    thread.start()
    time.sleep(1_000)
    later(lambda: ends(thread))


@poison("passed")
def leaves_a_thread_that_works(mock: Any, rng: Random) -> None:
    ended, beats = threading.Event(), list[int]()

    def working() -> None:
        while not ended.is_set():
            beats.append(steady())
            time.sleep(EVERY)

    thread = threading.Thread(target=working, daemon=True)
    thread.start()
    time.sleep(rng.uniform(0, 20))

    def check() -> None:
        beating(beats)
        ended.set()
        thread.join(LATE + 1)

    later(check)


@poison("passed")
def leaves_timers(mock: Any, rng: Random) -> None:
    called = threading.Event()
    for seconds in (_LONG, 50):
        timer = threading.Timer(seconds, called.set if seconds > 50 else int)
        timer.daemon = True
        timer.start()
    time.sleep(rng.uniform(0, 100))
    later(lambda: must(not called.is_set()))


@poison("passed")
def leaves_timers_of_the_run_s_loop(mock: Any, rng: Random) -> None:
    called: list[int] = []
    GROUND.session.run_until_complete(asyncio.sleep(rng.uniform(0, 500)))
    GROUND.session.call_later(_LONG, called.append, 1)
    GROUND.session.call_later(1_000.2, lambda: called.append(steady()))
    GROUND.session.run_until_complete(asyncio.sleep(1_000))

    def check() -> None:
        with lasting(0.3):
            GROUND.session.run_until_complete(asyncio.sleep(0.3))
        must(len(called) == 1 and called[0] != 1)

    later(check)


@poison("passed")
def leaves_a_loop_in_a_thread(mock: Any, rng: Random) -> None:
    loop = asyncio.new_event_loop()
    heart = Heart(loop)
    loop.call_soon(heart.beat)
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    time.sleep(rng.uniform(0, 50))

    def check() -> None:
        beating(heart.beats)
        with lasting(EVERY):
            asyncio.run_coroutine_threadsafe(asyncio.sleep(EVERY), loop).result(LATE + 1)
        loop.call_soon_threadsafe(loop.stop)
        ends(thread)
        loop.close()

    later(check)


@poison("passed")
def leaves_a_loop_that_stands_still(mock: Any, rng: Random) -> None:
    loop = asyncio.new_event_loop()
    heart = Heart(loop)
    loop.call_soon(heart.beat)
    loop.run_until_complete(asyncio.sleep(rng.uniform(0, 50)))

    def check() -> None:
        del heart.beats[:]
        with lasting(3 * EVERY):
            loop.run_until_complete(asyncio.sleep(3 * EVERY))
        must(1 <= len(heart.beats) <= 4)
        loop.close()

    later(check)


@poison("passed")
def leaves_an_alarm(mock: Any, rng: Random) -> None:
    signal.setitimer(signal.ITIMER_REAL, 2_000)
    time.sleep(rng.uniform(0, 1_000))
    left, at = signal.getitimer(signal.ITIMER_REAL)[0], steady()

    def check() -> None:
        now = signal.setitimer(signal.ITIMER_REAL, 0)[0]
        passed = (steady() - at) / SECOND
        must(left - passed - 0.1 <= now <= left, f"{now} s of {left} s are left after {passed} s.")

    later(check)


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
        must(asking.recv(1) == b"x")
    time.sleep(rng.uniform(0, 50))

    def check() -> None:
        with socket.create_connection(address) as asking:
            asking.settimeout(LATE)
            asking.sendall(b"y")
            must(asking.recv(1) == b"y")

    later(check)


@poison("passed")
def leaves_a_child(mock: Any, rng: Random) -> None:
    child = subprocess.Popen(["/bin/sleep", "0.2"])
    time.sleep(0.01)
    later(lambda: must(child.wait(LATE + 1) == 0))


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
