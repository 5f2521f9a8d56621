"""`jobmock check` and `jobmock drift`: their input, their output, and their exit codes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from tests.checking.exchanges import clado, status
from tests.checking.planted_drifts import DRIFTS
from tests.free_ports import free_port
from tests.support import HANGS, CommandResult, Served, call, served

from jobmock.checking.exchange import to_line

KEY = "lk_ci42--two-pages"


UNKNOWN_STATUS = """version: 1
api: clado
progression:
  - {status: pending, after: {polls: 1}}
  - {status: reranking, after: {polls: 2}, violates: [schema]}
  - status: completed
"""


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A server that plays the real API, two hundred times as fast, and a scenario that no slow poll can miss."""
    folder = tmp_path_factory.mktemp("scenarios")
    (folder / "unknown-status-by-polls.yaml").write_text(UNKNOWN_STATUS, encoding="utf-8")
    with served("--speed", "200", "--scenarios", folder) as server:
        yield server


@pytest.fixture
def recording(tmp_path: Path) -> Path:
    """JSON Lines with one breaking and one additive change."""
    path = tmp_path / "left.jsonl"
    path.write_bytes(to_line(clado(status("ranking"))) + to_line(clado(status("pending", eta=1))))
    return path


@pytest.fixture
def body(tmp_path: Path) -> Path:
    path = tmp_path / "body.json"
    path.write_text('{"query": "chemists in Graz"}')
    return path


def follow(capsys: pytest.CaptureFixture[str], live: Served, *args: object) -> CommandResult:
    return call(capsys, "check", "--api", "clado", "--url", live.url, "--interval", 0.05, *args)


def test_recording(capsys: pytest.CaptureFixture[str], recording: Path) -> None:
    """A recording with a breaking change ends with 1, and the report is on stdout."""
    ran = call(capsys, "check", recording)
    assert ran.code == 1
    assert f"once, first in {recording}:1, exchange 1" in ran.out
    assert ran.out.endswith("2 answers judged: 1 breaking, 1 additive, 0 cosmetic.\n")
    assert ran.err == ""


@pytest.mark.parametrize(("fail_on", "code"), [("never", 0), ("breaking", 0), ("additive", 1), ("cosmetic", 1)])
def test_fail_on(capsys: pytest.CaptureFixture[str], tmp_path: Path, fail_on: str, code: int) -> None:
    """`--fail-on` chooses what ends with 1."""
    path = tmp_path / "left.jsonl"
    path.write_bytes(b"".join(map(to_line, DRIFTS["new member"].exchanges)))
    assert call(capsys, "check", path, "--fail-on", fail_on).code == code


@pytest.mark.parametrize("command", ["check", "drift"])
def test_nothing_judged_is_no_success(capsys: pytest.CaptureFixture[str], tmp_path: Path, command: str) -> None:
    """A recording with only other APIs ends with 2, and the report counts the skipped exchanges."""
    path = tmp_path / "others.jsonl"
    path.write_bytes(to_line(replace(clado(status("pending")), path="/health")))
    ran = call(capsys, command, path)
    assert (ran.code, ran.out) == (2, "")
    assert "No answer was judged, so nothing is known. Left out: 1 × GET /health." in ran.err


def test_report_in_a_file(capsys: pytest.CaptureFixture[str], recording: Path, tmp_path: Path) -> None:
    """With `--output` the report goes into the file and the summary to stderr."""
    ran = call(capsys, "check", recording, "--format", "json", "--output", tmp_path / "report.json")
    assert (ran.code, ran.out, ran.err) == (1, "", "2 answers judged: 1 breaking, 1 additive, 0 cosmetic.\n")
    assert len(json.loads((tmp_path / "report.json").read_text())["violations"]) == 2


def test_baseline(capsys: pytest.CaptureFixture[str], recording: Path, tmp_path: Path) -> None:
    """A written baseline accepts the violations, and the next check ends with 0."""
    known = tmp_path / "known.json"
    ran = call(capsys, "check", recording, "--write-baseline", known)
    assert (ran.code, ran.err) == (0, f"2 violations accepted in {known}.\n")
    ran = call(capsys, "check", recording, "--baseline", known, "--fail-on", "cosmetic")
    assert ran.code == 0
    assert "0 breaking, 0 additive, 0 cosmetic; 2 accepted by the baseline." in ran.out


def test_bodies(capsys: pytest.CaptureFixture[str]) -> None:
    """The bodies of a folder are checked as answers of an operation."""
    folder = Path(__file__).parents[1] / "data" / "bodies" / "orbit" / "status"
    ran = call(capsys, "check", "--api", "orbit", "--operation", "status", *sorted(folder.glob("*.json")))
    assert (ran.code, ran.out) == (0, "2 answers judged: 0 breaking, 0 additive, 0 cosmetic.\n")


def test_live_job(
    capsys: pytest.CaptureFixture[str], live: Served, body: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A job is started, polled to its end and read page by page; what it costs is agreed to with --yes."""
    monkeypatch.setenv("CLADO_API_KEY", KEY)
    ran = follow(capsys, live, "--start", body, "--yes", "--format", "json")
    assert ran.code == 0, ran.err
    judged = json.loads(ran.out)["judged"]
    assert judged["clado start"] == 1
    assert judged["clado status"] >= 4


def test_live_violation(
    capsys: pytest.CaptureFixture[str], live: Served, body: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A live job that breaks the contract ends with 1; the key may be in another variable, and is never shown."""
    monkeypatch.setenv("MY_KEY", "lk_secretsecret--unknown-status-by-polls")
    ran = follow(capsys, live, "--start", body, "--yes", "--key-env", "MY_KEY")
    assert ran.code == 1
    assert "status-unknown" in ran.out
    assert "secretsecret" not in ran.out + ran.err


def test_live_job_that_is_not_there(
    capsys: pytest.CaptureFixture[str], live: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An unknown job ends with 3, after the report on its answer."""
    monkeypatch.setenv("CLADO_API_KEY", KEY)
    ran = follow(capsys, live, "--job-id", "nobody")
    assert ran.code == 3
    assert ran.out.startswith("1 answer judged: 0 breaking")
    assert ran.err == "jobmock: The API answered 404 to the status request.\n"


def test_deadline(
    capsys: pytest.CaptureFixture[str], live: Served, body: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A job that isn't at its end in time ends with 3."""
    monkeypatch.setenv("CLADO_API_KEY", "lk_ci43--stuck")
    ran = follow(capsys, live, "--start", body, "--yes", "--deadline", 1)
    assert ran.code == 3
    assert "wasn't at its end within 1 s" in ran.err


def test_nobody_there(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """An address without a server ends with 3 and a message."""
    monkeypatch.setenv("ORBIT_API_KEY", "sk_orb_x")
    url = f"http://127.0.0.1:{free_port()}"
    ran = call(capsys, "check", "--api", "orbit", "--url", url, "--job-id", "r")
    assert (ran.code, ran.out) == (3, "")
    assert ran.err.startswith("jobmock: The API can't be reached: no connection can be made.")


@pytest.mark.parametrize(
    ("args", "told"),
    [
        ((), "Give recorded FILEs; or --api with --job-id or --start"),
        (("--api", "clado"), "Give recorded FILEs; or --api with --job-id or --start"),
        (("--api", "clado", "--job-id", "x", "--start", "BODY"), "Give recorded FILEs"),
        (("--api", "clado", "--job-id", "x"), "The environment has no CLADO_API_KEY"),
        (("--api", "clado", "--job-id", "x", "--key-env", "NO_KEY"), "The environment has no NO_KEY"),
        (("--api", "clado", "--job-id", "x", "--url", "[", "--key-env", "PATH"), "--url: '[' is no address of a live"),
        (("--api", "claod", "--job-id", "x"), "'claod' is not one of 'clado', 'orbit'"),
        (("--api", "clado", "--job-id", "x", "--deadline", "nan"), "'nan' is no number of seconds."),
        (("--api", "clado", "--job-id", "x", "--deadline", "inf"), "inf is not in the range 0<x<=31536000"),
        (("--api", "clado", "--job-id", "x", "--interval", "1e300"), "1e+300 is not in the range 0<x<=31536000"),
        (("--api", "clado", "--job-id", ""), "--job-id is no id of a job: it is empty."),
        (("--api", "clado", "--job-id", ".."), "--job-id is no id of a job: it is a step"),
        (("--api", "clado", "--job-id", "\udcff"), "--job-id is no id of a job: it is no text."),
        (("REC", "--job-id", "x"), "--job-id is for a live job"),
        (("REC", "--operation", "status"), "--operation needs --api"),
        (("REC", "--api", "clado", "--operation", "stauts"), "Did you mean 'status'?"),
        (("none.har",), "none.har can't be read: No such file"),
        (("REC", "--baseline", "none.json"), "The baseline none.json can't be read"),
        (("REC", "--output", "no/such/folder"), "The report no/such/folder can't be written"),
        (("REC", "--write-baseline", "no/such/folder"), "The baseline no/such/folder can't be written"),
        (("--api", "clado", "--start", "none.json", "--key-env", "PATH"), "The body none.json can't be read"),
    ],
)
def test_wrong_usage_ends_with_2(
    capsys: pytest.CaptureFixture[str], recording: Path, body: Path, args: tuple[str, ...], told: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    """A wrong call ends with 2 and a line that says what to do."""
    monkeypatch.delenv("CLADO_API_KEY", raising=False)
    places = {"REC": recording, "BODY": body}
    ran = call(capsys, "check", *(places.get(arg, arg) for arg in args))
    assert ran.code == 2
    assert told in ran.err
    assert "Traceback" not in ran.err


def test_start_without_a_terminal_wants_yes(
    capsys: pytest.CaptureFixture[str], live: Served, body: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Credits are never spent without a yes: without a terminal `--yes` is needed."""
    monkeypatch.setenv("CLADO_API_KEY", KEY)
    ran = follow(capsys, live, "--start", body)
    assert (ran.code, ran.out) == (2, "")
    assert "say --yes" in ran.err


def _on_a_terminal(args: list[str], answer: bytes, env: dict[str, str]) -> tuple[int, str]:
    """Run `jobmock check` on a terminal of its own, type an answer, and return its exit code and what it showed."""
    pty = pytest.importorskip("pty", reason="This system has no such terminals.")
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "jobmock", "check", *args]
    with subprocess.Popen(command, stdin=theirs, stdout=theirs, stderr=theirs, env={**os.environ, **env}) as process:
        os.close(theirs)
        os.write(ours, answer)
        shown = b""
        while True:
            try:
                piece = os.read(ours, 4096)
            except OSError:  # the other end was closed
                break
            shown += piece
        os.close(ours)
        return process.wait(HANGS), shown.decode()


def test_on_a_terminal_start_asks_and_polls_are_told(live: Served, body: Path) -> None:
    """At a terminal the command asks before a start: a no ends with 130, a yes shows a line for each poll."""
    args = ["--api", "clado", "--url", live.url, "--interval", "0.05", "--start", str(body)]
    code, shown = _on_a_terminal(args, b"n\n", {"CLADO_API_KEY": KEY})
    assert code == 130
    assert "costs credits. Go on? [y/N]" in shown
    assert "POST" not in shown
    code, shown = _on_a_terminal(args, b"y\n", {"CLADO_API_KEY": KEY})
    assert code == 0, shown
    assert "   1 +0 s  POST → 200 pending" in shown
    assert "GET page=1&page_size=25 → 200 completed" in shown


def test_on_a_terminal_a_recording_shows_how_far_it_is(recording: Path) -> None:
    """A terminal shows the number of checked exchanges."""
    recording.write_bytes(to_line(clado(status("pending"))) * 250)
    code, shown = _on_a_terminal([str(recording)], b"", {})
    assert code == 0
    assert [text in shown for text in ("\r100 exchanges", "\r200 exchanges", "\r250 exchanges")] == [True] * 3


def test_drift(capsys: pytest.CaptureFixture[str], recording: Path, tmp_path: Path) -> None:
    """`drift` prints a diff of the schemas, or their patches, and ends with 1 where there is anything to change."""
    ran = call(capsys, "drift", recording)
    assert ran.code == 1
    assert '+        "ranking"' in ran.out
    assert '+    "eta": {' in ran.out
    ran = call(capsys, "drift", recording, "--format", "json", "--output", tmp_path / "patches.json")
    assert (ran.code, ran.out) == (1, "")
    assert sorted(json.loads((tmp_path / "patches.json").read_text())["patches"]) == [
        "clado/status-pending.json", "clado/status.json",
    ]  # fmt: skip


def test_drift_of_nothing(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """Where the schemas accept everything, `drift` says so and ends with 0."""
    path = tmp_path / "left.jsonl"
    path.write_bytes(to_line(clado(status("pending"))))
    ran = call(capsys, "drift", path)
    assert (ran.code, ran.out) == (0, "# Nothing to change: the schemas accept all that was seen.\n")


def test_odd_entries_are_left_out(capsys: pytest.CaptureFixture[str], recording: Path) -> None:
    """What can't be read is left out and counted, with its first place and the reason; the rest is judged."""
    with recording.open("ab") as file:
        file.write(b'{"at": 1, "met\n' * 2 + to_line(clado(status("pending"))))
    ran = call(capsys, "check", recording)
    assert (ran.code, ran.err) == (1, "")
    assert f"\nCan't be read: 2 × it is no JSON, first {recording}:3.\n" in ran.out
    assert "3 answers judged: 1 breaking, 1 additive, 0 cosmetic; 2 entries of a recording can't be read.\n" in ran.out
    shown = json.loads(call(capsys, "check", recording, "--format", "json").out)
    assert shown["odd"] == [{"reason": "it is no JSON", "count": 2, "first": f"{recording}:3"}]
    for form in ("github", "markdown"):
        assert "it is no JSON" in call(capsys, "check", recording, "--format", form).out


def test_one_file_does_not_stop_the_rest(capsys: pytest.CaptureFixture[str], recording: Path, tmp_path: Path) -> None:
    """Files that can't be read are named after the report on the others, and the check ends with 2."""
    broken, empty = tmp_path / "broken.har", tmp_path / "empty.har"
    broken.write_text("{")
    empty.write_text("")
    ran = call(capsys, "check", broken, recording, empty)
    assert ran.code == 2
    assert "2 answers judged" in ran.out
    first, second = ran.err.splitlines()
    assert first.startswith(f"jobmock: {broken} ") and second.startswith(f"jobmock: {empty} is empty")


def _sparse(path: Path) -> Path:
    with path.open("wb") as file:
        file.truncate(2 << 30)
    return path


def _pipe(path: Path) -> Path:
    os.mkfifo(path)
    return path


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="This system has no named pipes.")
def test_files_that_are_none(capsys: pytest.CaptureFixture[str], recording: Path, tmp_path: Path) -> None:
    """Each file that is no regular one, or that has no text, is refused at once in one sentence."""
    sparse, pipe = _sparse(tmp_path / "sparse"), _pipe(tmp_path / "pipe")
    cannot = "jobmock: The baseline {} can't be read: {}.\n"
    too_long = "It has 2147483648 bytes, and at most 67108864 are read"
    live = ("--api", "clado", "--yes", "--key-env", "PATH")
    told = {
        (sparse,): f"jobmock: {sparse} begins with a zero byte, so it is no text. Allowed: ",
        (recording, "--baseline", pipe): cannot.format(pipe, "It is no regular file"),
        (recording, "--baseline", "/dev/zero"): cannot.format("/dev/zero", "It is no regular file"),
        (recording, "--baseline", sparse): cannot.format(sparse, too_long),
        (*live, "--start", sparse): f"jobmock: The body {sparse} has more than 1048576 bytes.",
        (*live, "--start", "/dev/zero"): "jobmock: The body /dev/zero has more than 1048576 bytes.",
    }
    for args, message in told.items():
        ran = call(capsys, "check", *args)
        assert (ran.code, ran.out) == (2, "")
        assert ran.err.startswith(message) and ran.err.count("\n") == 1, ran.err


def _bytes_read() -> int:
    """Return how many bytes this process has read."""
    return int(Path("/proc/self/io").read_text().split("rchar: ")[1].split()[0])


@pytest.mark.skipif(not Path("/proc/self/io").exists(), reason="This system doesn't count the bytes that are read.")
@pytest.mark.parametrize("command", ["check", "drift"])
@pytest.mark.parametrize("beginning", [
    "", '{"log": {"entries": [', '{"log": {"entries": [{"x": "', '{"', '[{"status": "pending"},',
    '{"status": "pending"}', '{"method": "GET"', '{"method": "',
    '\n\n{"method": "GET", "x": 1', "http_interactions:\n- request: {}\n",
    'http_interactions:\n- "', '{"interactions": [', '{"interactions": [{"x": "',
])  # fmt: skip
def test_sparse_files(capsys: pytest.CaptureFixture[str], tmp_path: Path, beginning: str, command: str) -> None:
    """A sparse file of 2 GB is refused in one sentence, and little of it is read, whatever text it begins with."""
    sparse = tmp_path / "sparse"
    sparse.write_text(beginning)
    with sparse.open("r+b") as file:
        file.truncate(2 << 30)
    before = _bytes_read()
    ran = call(capsys, command, sparse, "--api", "clado", "--operation", "status")
    assert _bytes_read() - before < 16 << 20
    assert "Traceback" not in ran.err
    if beginning == '{"status": "pending"}':  # a body, which is judged
        assert ran.code == 1 and (command == "drift" or "many zero bytes after 21 characters" in ran.out)
    else:
        last = ran.err.splitlines()[-1]
        assert ran.code == 2 and last.startswith(f"jobmock: {sparse}") and " zero byte" in last


@pytest.mark.parametrize("option", ["--output", "--write-baseline"])
def test_a_full_disk(recording: Path, tmp_path: Path, option: str) -> None:
    """What was found is told before the error, and no truncated file stays."""
    report = tmp_path / "out" / "report"
    report.parent.mkdir()
    jobmock = f'"{sys.executable}" -m jobmock check "{recording}" {option} "{report}"'
    ran = subprocess.run(["sh", "-c", f"ulimit -f 0; exec {jobmock}"], capture_output=True, text=True, check=False)
    assert ran.returncode == 2
    assert ran.stderr.splitlines()[-1].endswith(f"{report} can't be written: File too large.")
    assert ran.stderr.startswith("2 answers judged: 1 breaking") or "2 answers judged: 1 breaking" in ran.stdout
    assert list(report.parent.iterdir()) == []
