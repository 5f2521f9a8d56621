"""Clients whose code names the real host: `intercept` sends their calls to the mock, and nowhere else."""

from __future__ import annotations

import asyncio
import os
import queue
import socket
import ssl
import stat
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest
import requests
import trio

from jobmock.errors import NeverAnswered
from jobmock.virtual import current_participant
from pytest_jobmock.mocks.intercept import HostRefused, Intercept, certificates, net
from pytest_jobmock.mocks.mock import Mock

from ..conftest import Project
from .http_clients import CLIENTS, NAMED, aiohttp_async, by_httpx, by_urllib, httpx_async

CLADO = "https://search.clado.ai/api/credits"
ORBIT = "https://api.orbitsearch.com/v2/developer/deep-search/nobody"
CLADO_KEY, ORBIT_KEY = {"Authorization": "Bearer lk_mine"}, {"Authorization": "Bearer sk_orb_mine"}
JOBS = "https://search.clado.ai/api/search/deep_research"


@pytest.fixture(autouse=True)
def looked_up(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """The other hosts that are looked up, which fails: nothing leaves this machine."""
    real, hosts = socket.getaddrinfo, list[Any]()

    def guard(host: Any, *args: Any, **kwargs: Any) -> Any:
        if host not in ("127.0.0.1", "localhost", b"127.0.0.1"):
            hosts.append(host)
            raise OSError("guarded")
        return real(host, *args, **kwargs)

    monkeypatch.setattr(socket, "getaddrinfo", guard)
    return hosts


def attributes() -> list[Any]:
    return [vars(owner).get(name) for owner, name, _ in net._ATTRIBUTES]


@pytest.mark.parametrize("library", CLIENTS)
def test_calls_to_the_real_hosts_come_here(
    library: str, clado_mock: Mock, orbit_mock: Mock, looked_up: list[Any]
) -> None:
    """Calls of each library to either API go to that API's mock, over https and http, with nothing looked up."""
    get = CLIENTS[library]
    with clado_mock.intercept(), orbit_mock.intercept():
        assert get(CLADO, CLADO_KEY) == 200
        assert get(ORBIT, ORBIT_KEY) == 404
        assert get(CLADO.replace("https", "http"), CLADO_KEY) == 200
    assert [one.path for one in clado_mock.journal] == ["/api/credits"] * 2
    assert [one.path for one in orbit_mock.journal] == [ORBIT.removeprefix("https://api.orbitsearch.com")]
    assert looked_up == []


@pytest.mark.parametrize(
    ("library", "time"),
    [pytest.param(one, time, marks=pytest.mark.jobmock(time=time)) for one in CLIENTS for time in ("virtual", "real")],
)
def test_other_hosts_are_refused(library: str, time: str, clado_mock: Mock, looked_up: list[Any]) -> None:
    """A call of each library to any other host is refused before a look-up, with the host's and the library's name."""
    with clado_mock.intercept(), pytest.raises(Exception, match="intercept") as caught:
        CLIENTS[library]("https://api.clado.ai/api/credits", CLADO_KEY)
    assert f" by {NAMED.get(library, library.split()[0])} " in str(caught.value)
    assert "to api.clado.ai" in str(caught.value)
    assert "Did you mean 'search.clado.ai'?" in str(caught.value)
    assert isinstance(caught.value, HostRefused) or library == "botocore", "Only botocore wraps errors of all kinds."
    assert looked_up == []


@pytest.mark.jobmock(time="real")
@pytest.mark.parametrize("by", ["httpx", "aiohttp"])
def test_uvloop(by: str, clado_mock: Mock) -> None:
    """Calls on uvloop, which connects without Python's sockets, go to the mock too, and other hosts are refused."""
    uvloop = pytest.importorskip("uvloop", reason="uvloop isn't installed here.")
    get = {"httpx": httpx_async, "aiohttp": aiohttp_async}[by]
    with clado_mock.intercept():
        assert uvloop.run(get(CLADO, CLADO_KEY)) == 200
        with pytest.raises(HostRefused, match=rf" by {by} .*to api\.clado\.ai"):
            uvloop.run(get("https://api.clado.ai/", CLADO_KEY))
    assert len(clado_mock.journal) == 1


def datagram_socket() -> socket.socket:
    return socket.socket(socket.AF_INET, socket.SOCK_DGRAM)


REFUSED: dict[str, Callable[[], object]] = {
    "an address": lambda: socket.create_connection(("192.0.2.1", 443), 1),
    "an address of IPv6": lambda: socket.socket(socket.AF_INET6).connect(("2001:db8::1", 443)),
    "connect_ex": lambda: socket.socket().connect_ex(("192.0.2.1", 443)),
    "connect with a name": lambda: socket.socket().connect(("other.invalid", 443)),
    "UDP": lambda: datagram_socket().sendto(b"x", ("192.0.2.1", 53)),
    "UDP by sendmsg": lambda: datagram_socket().sendmsg([b"x"], [], 0, ("192.0.2.1", 53)),
    "gethostbyname": lambda: socket.gethostbyname("other.invalid"),
    "gethostbyname_ex": lambda: socket.gethostbyname_ex("other.invalid"),
    "gethostbyaddr": lambda: socket.gethostbyaddr("192.0.2.1"),
    "an address by httpx": lambda: by_httpx("https://192.0.2.1/", CLADO_KEY),
}


@pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning")
@pytest.mark.parametrize("how", REFUSED)
def test_no_way_around_a_library(how: str, clado_mock: Mock) -> None:
    """Literal addresses, datagrams and the older look-ups are refused as well."""
    with clado_mock.intercept(), pytest.raises(HostRefused, match=r"192\.0\.2\.1|2001:db8::1|other\.invalid"):
        REFUSED[how]()


def test_what_is_let_through(clado_mock: Mock, orbit_mock: Mock, looked_up: list[Any]) -> None:
    """The loopback address and hosts in `allow` are let through, also at the addresses that their look-up returned."""
    other = orbit_mock.url
    with clado_mock.intercept():
        assert by_httpx(clado_mock.url + "/api/credits", CLADO_KEY) == 200
        assert by_httpx(other, ORBIT_KEY) == by_httpx(other.replace("127.0.0.1", "localhost"), ORBIT_KEY) == 404
        with datagram_socket() as datagrams:
            datagrams.sendto(b"x", ("127.0.0.1", 9))
    for allow in ("other.invalid", ["Other.invalid."]):
        with clado_mock.intercept(allow=allow), pytest.raises(OSError, match="guarded"):
            socket.create_connection(("other.invalid", 443), 1)
    assert looked_up == ["other.invalid"] * 2


def test_addresses_of_an_allowed_host(clado_mock: Mock, monkeypatch: pytest.MonkeyPatch) -> None:
    """A client may connect to the addresses that the look-up of an allowed host has returned, and to no others."""
    found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("192.0.2.7", 443))]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *args, **kwargs: found)
    reached: list[Any] = []
    monkeypatch.setattr(socket.socket, "connect", lambda self, address: reached.append(address), raising=False)
    with clado_mock.intercept(allow=["other.invalid"]):
        socket.create_connection(("other.invalid", 443)).close()
        with socket.socket() as connection, pytest.raises(HostRefused):
            connection.connect(("192.0.2.8", 443))
    assert reached == [("192.0.2.7", 443)]


@pytest.fixture
def older_thread() -> Iterator[Callable[[Callable[[], Any]], Any]]:
    """Runs a function in a thread that is older than the test's mock."""
    jobs: queue.Queue[Any] = queue.Queue()
    results: queue.Queue[Any] = queue.Queue()

    def work() -> None:
        while job := jobs.get():
            try:
                results.put(job())
            except BaseException as error:
                results.put(error)

    thread = threading.Thread(target=work)
    thread.start()

    def run(job: Callable[[], Any]) -> Any:
        jobs.put(job)
        return results.get(timeout=20)

    yield run
    jobs.put(None)
    thread.join()


@pytest.mark.jobmock(time="real")
def test_other_threads(older_thread: Any, clado_mock: Mock, looked_up: list[Any]) -> None:
    """A thread that isn't the test's may call other hosts, but it can't reach the real API."""
    with clado_mock.intercept():
        assert older_thread(lambda: by_urllib(CLADO, CLADO_KEY)) == 200
        assert str(older_thread(lambda: socket.create_connection(("other.invalid", 443), 1))) == "guarded"
    assert looked_up == ["other.invalid"]


@pytest.mark.parametrize("time", ["virtual", "manual", "real"])
def test_threads_of_the_test(time: str, project: Project) -> None:
    """Threads and pools that the test starts, and jobs that it gives to an older pool, are redirected and refused."""
    project.write(
        "test_sample.py",
        f"""
        import asyncio, threading, urllib.request
        from concurrent.futures import ThreadPoolExecutor

        import pytest

        pytestmark = pytest.mark.jobmock(time={time!r})
        OLDER = ThreadPoolExecutor(1)
        OLDER.submit(len, "").result()

        def call():
            def get(host):
                headers = {{"Authorization": "Bearer lk_mine"}}
                return urllib.request.urlopen(urllib.request.Request(f"https://{{host}}/api/credits", headers=headers))
            with get("search.clado.ai") as answer:
                assert answer.status == 200
            with pytest.raises(AssertionError, match="by urllib.request .*to other.invalid"):
                get("other.invalid")
            return "both"

        def in_thread():
            found = []
            thread = threading.Thread(target=lambda: threading_in_threading(found))
            thread.start()
            thread.join()
            return found[0]

        def threading_in_threading(found):
            inner = threading.Thread(target=lambda: found.append(call()))
            inner.start()
            inner.join()

        def in_pool():
            with ThreadPoolExecutor(1) as pool:
                return pool.submit(call).result()

        @pytest.mark.parametrize("run", [
            in_thread, in_pool, lambda: OLDER.submit(call).result(), lambda: asyncio.run(asyncio.to_thread(call)),
        ])
        def test_all(clado_mock, run):
            clado_mock.intercept()
            assert run() == "both"
        """,
    )
    project.run().assert_outcomes(passed=4)


def test_threads_in_virtual_time(clado_mock: Mock) -> None:
    """Threads and pools of the test take part in virtual time as they do without `intercept`."""
    clado_mock.intercept()
    took_part: list[bool] = []
    thread = threading.Thread(target=lambda: took_part.append(current_participant() is not None))
    thread.start()
    thread.join()
    assert took_part == [True]
    clado_mock.clock.advance(5000)
    with ThreadPoolExecutor(1) as pool:
        assert pool.submit(time.monotonic).result() == time.monotonic()


def poll_by_requests(headers: dict[str, str]) -> Any:
    with requests.Session() as session:
        session.headers.update(headers)
        job = session.post(JOBS, json={"query": "x"}, timeout=30).json()["job_id"]
        while (body := session.get(f"{JOBS}/{job}", timeout=30).json())["status"] != "completed":
            time.sleep(5)
        return body


async def poll_by_httpx(headers: dict[str, str], sleep: Any) -> Any:
    async with httpx.AsyncClient(headers=headers, timeout=30) as client:
        job = (await client.post(JOBS, json={"query": "x"})).json()["job_id"]
        while (body := (await client.get(f"{JOBS}/{job}")).json())["status"] != "completed":
            await sleep(5)
        return body


@pytest.mark.jobmock("clado/slow")
@pytest.mark.parametrize(
    "poll",
    [
        poll_by_requests,
        lambda headers: asyncio.run(poll_by_httpx(headers, asyncio.sleep)),
        lambda headers: trio.run(poll_by_httpx, headers, trio.sleep),
    ],
    ids=["requests", "asyncio", "trio"],
)
def test_virtual_time_over_tls(poll: Any, clado_mock: Mock) -> None:
    """A connection with TLS counts as one to the mock: fifteen minutes of polling take as many virtual seconds."""
    clado_mock.intercept()
    body = poll({"Authorization": f"Bearer {clado_mock.api_key}"})
    assert clado_mock.clock.elapsed == 900
    clado_mock.verify(returned=body)


@pytest.mark.jobmock("clado/hanging")
def test_timeout_over_tls(clado_mock: Mock) -> None:
    """A client's read timeout is exact in virtual time over TLS."""
    clado_mock.intercept()
    headers = {"Authorization": f"Bearer {clado_mock.api_key}"}
    with httpx.Client(headers=headers, timeout=30) as client:
        job = client.post(JOBS, json={"query": "x"}).json()["job_id"]
        for _ in range(2):
            time.sleep(5)
            client.get(f"{JOBS}/{job}")
        time.sleep(5)
        with pytest.raises(httpx.ReadTimeout):
            client.get(f"{JOBS}/{job}")
    assert clado_mock.clock.elapsed == 3 * 5 + 30


@pytest.mark.jobmock("clado/hanging")
def test_answer_that_never_comes_over_tls(clado_mock: Mock) -> None:
    """A client without a timeout that waits for such an answer is ended, in the same words as without TLS."""
    clado_mock.intercept()
    headers = {"Authorization": f"Bearer {clado_mock.api_key}"}
    with httpx.Client(headers=headers, timeout=None) as client:
        job = client.post(JOBS, json={"query": "x"}).json()["job_id"]
        for _ in range(2):
            time.sleep(5)
            client.get(f"{JOBS}/{job}")
        time.sleep(5)
        with pytest.raises(NeverAnswered):
            client.get(f"{JOBS}/{job}")


@pytest.mark.jobmock("clado/lost-answers")
def test_faults_over_tls(clado_mock: Mock) -> None:
    """A reset and a cut reach a client over TLS as broken connections."""
    clado_mock.intercept()
    headers = {"Authorization": f"Bearer {clado_mock.api_key}"}
    errors: list[str] = []
    with httpx.Client(headers=headers, timeout=30) as client:
        job = client.post(JOBS, json={"query": "x"}).json()["job_id"]
        for _ in range(20):
            try:
                if client.get(f"{JOBS}/{job}").json()["status"] == "completed":
                    break
            except httpx.TransportError as error:
                errors.append(type(error).__name__)
            time.sleep(5)
    assert errors
    assert set(errors) <= {"ReadError", "RemoteProtocolError", "ReadTimeout"}


def test_contexts_stay_as_they_are(clado_mock: Mock) -> None:
    """A client's own TLS context isn't changed, so it trusts nobody new after the test."""
    context = ssl.create_default_context(cafile=None, cadata=None)
    before = context.cert_store_stats()
    with clado_mock.intercept(), httpx.Client(verify=context) as client:
        assert client.get(CLADO, headers=CLADO_KEY).status_code == 200
    assert context.cert_store_stats() == before


def test_certificates_are_verified(clado_mock: Mock) -> None:
    """TLS to the mock's own port by another name fails, because the certificate is only the real host's."""
    with clado_mock.intercept():
        by_httpx(CLADO, CLADO_KEY)
        address = clado_mock.address(certificates.server_context(clado_mock.host))
        with socket.create_connection(address, 5) as raw, pytest.raises(ssl.SSLCertVerificationError):
            ssl.create_default_context().wrap_socket(raw, server_hostname="localhost")


@pytest.mark.skipif(not os.path.isdir("/dev/fd"), reason="OpenSSL can't read a pipe here.")
def test_no_key_is_written(monkeypatch: pytest.MonkeyPatch) -> None:
    """The key of a certificate goes to OpenSSL through a pipe, and no file is made."""
    kinds: list[bool] = []
    load = ssl.SSLContext.load_cert_chain

    def noting(context: ssl.SSLContext, *paths: str) -> None:
        kinds.extend(stat.S_ISFIFO(os.stat(path).st_mode) for path in paths)
        load(context, *paths)

    monkeypatch.setattr(ssl.SSLContext, "load_cert_chain", noting)
    certificates.server_context.__wrapped__("search.clado.ai")
    assert kinds == [True, True]


def test_nothing_is_made_for_tests_without_it(project: Project) -> None:
    """A mock without `intercept()`, and one whose calls need no TLS, load no certificates and replace nothing."""
    project.write(
        "test_sample.py",
        """
        import socket, sys
        import httpx

        def test_plain(clado_mock):
            httpx.get(clado_mock.url)
            assert "pytest_jobmock.mocks.intercept" not in sys.modules
            with clado_mock.intercept():
                httpx.get("http://search.clado.ai/api/credits")
            assert "trustme" not in sys.modules
        """,
    )
    project.run_fresh().assert_outcomes(passed=1)


def test_everything_is_put_back(clado_mock: Mock, orbit_mock: Mock) -> None:
    """After the block, or the last of several in any order, everything is as it was before."""
    before, finders = attributes(), list(sys.meta_path)
    first = clado_mock.intercept()
    with orbit_mock.intercept():
        assert attributes() != before
        first.__exit__()
        assert by_httpx(ORBIT, ORBIT_KEY) == 404
        with pytest.raises(HostRefused):
            by_httpx(CLADO, CLADO_KEY)
    assert attributes() == before
    assert sys.meta_path == finders
    assert Intercept.active == []


def test_replacement_by_somebody_else_stays(clado_mock: Mock, monkeypatch: pytest.MonkeyPatch) -> None:
    """What another library replaces meanwhile is left alone, whatever is put back first."""
    with clado_mock.intercept():
        monkeypatch.setattr(socket, "gethostbyname", len)
    assert socket.gethostbyname is len  # type: ignore[comparison-overlap]
    monkeypatch.undo()
    assert socket.gethostbyname("127.0.0.1") == "127.0.0.1"


def test_without_a_block_it_holds_to_the_tests_end(project: Project) -> None:
    """Without a block it holds until its test ends, whether that passes or fails, and not for the next test."""
    project.write(
        "test_sample.py",
        """
        import httpx, pytest, socket, ssl

        def state():
            return vars(socket.socket).get("connect"), socket.getaddrinfo, ssl.SSLContext.wrap_socket

        before = state()

        @pytest.mark.parametrize("red", [False, True])
        @pytest.mark.parametrize("time", ["virtual", "manual"])
        def test_rest(request, red, time):
            request.node.add_marker(pytest.mark.jobmock(time=time))
            clado_mock = request.getfixturevalue("clado_mock")
            clado_mock.intercept()
            clado_mock.intercept()
            for _ in range(2):
                httpx.get("https://search.clado.ai/api/credits", headers={"Authorization": "Bearer lk_x"})
            assert len(clado_mock.journal) == 2
            assert not red

        @pytest.fixture(autouse=True)
        def nothing_before():
            assert state() == before
        """,
    )
    project.run().assert_outcomes(passed=2, failed=2)


def test_sessions_made_before_are_caught(clado_mock: Mock) -> None:
    """Clients and sessions that exist already go to the mock too, with the bodies of their requests."""
    session = requests.Session()
    with httpx.Client(base_url="https://search.clado.ai", headers=CLADO_KEY) as client, session:
        clado_mock.intercept()
        started = client.post("/api/search/deep_research", json={"query": "x", "limit": 2})
        place = f"{JOBS}/{started.json()['job_id']}"
        assert session.get(place, headers=CLADO_KEY, timeout=5).json()["status"] == "pending"
        assert client.get(place, params={"page": 1}).status_code == 200
    assert [one.query for one in clado_mock.journal] == ["", "", "page=1"]


def test_library_that_the_client_imports_later_is_caught(project: Project) -> None:
    """A client that imports its library in the test, after `intercept()`, doesn't get through to the real host."""
    project.write(
        "test_sample.py",
        """
        import sys

        import pytest

        @pytest.mark.jobmock(time="real")
        @pytest.mark.parametrize("library", ["httpx2", "requests"])
        def test_late(clado_mock, library):
            assert library not in sys.modules
            clado_mock.intercept()
            late = __import__(library)
            answer = late.get("https://search.clado.ai/api/credits", headers={"Authorization": "Bearer lk_x"})
            assert answer.status_code == 200
            with pytest.raises(AssertionError, match="refused"):
                late.get("https://other.invalid/")

        @pytest.mark.jobmock(time="real")
        def test_late_loop(clado_mock):
            import httpx
            uvloop = sys.modules.pop("uvloop", None)
            clado_mock.intercept()
            uvloop = pytest.importorskip("uvloop")

            async def get():
                async with httpx.AsyncClient() as client:
                    return await client.get("https://search.clado.ai/api/credits")
            assert uvloop.run(get()).status_code == 401
        """,
    )
    project.run_fresh().assert_outcomes(passed=3)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="There is no fork here.")
@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
@pytest.mark.jobmock(time="real")
def test_forked_process(clado_mock: Mock) -> None:
    """A forked process is redirected if the mock listens already; else it is refused in words."""
    clado_mock.intercept()

    def outcome(url: str) -> int:
        child = os.fork()
        if not child:
            try:
                os._exit(0 if by_urllib(url, CLADO_KEY) == 200 else 1)
            except HostRefused as refused:
                os._exit(2 if "forked" in str(refused) else 3)
            finally:
                os._exit(4)
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])

    assert outcome(CLADO) == 2
    by_urllib(CLADO, CLADO_KEY)
    assert outcome(CLADO) == 0
