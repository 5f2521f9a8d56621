"""`jobmock check` and `jobmock drift` with one's own files: schemas, proxied traffic, a period, a job, a baseline."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
from tests.checking.exchanges import clado, exchange, orbit, run, status
from tests.support import EPOCH, JOBS, call

from jobmock.checking.exchange import to_line
from jobmock.checking.validation_errors import validation_errors
from jobmock.clock import SECOND
from jobmock.contract.listed_members import listed

HOUR = 3600 * SECOND


def lines(path: Path, *exchanges: object) -> Path:
    path.write_bytes(b"".join(map(to_line, exchanges)))  # type: ignore[arg-type]
    return path


@pytest.fixture
def recording(tmp_path: Path) -> Path:
    """JSON Lines with a new status and a new member."""
    return lines(tmp_path / "left.jsonl", clado(status("ranking")), clado(status("pending", eta=1)))


def test_drifted_schemas_are_used(capsys: pytest.CaptureFixture[str], recording: Path, tmp_path: Path) -> None:
    """What `drift --write-schemas` writes is what `check --schemas` accepts, and jobmock's own stay as they are."""
    folder = tmp_path / "mine"
    assert call(capsys, "drift", recording, "--write-schemas", folder).code == 1
    assert sorted(path.name for path in (folder / "clado").iterdir()) == ["status-pending.json", "status.json"]
    checked = call(capsys, "check", recording, "--schemas", folder, "--fail-on", "cosmetic")
    assert (checked.code, checked.out) == (0, "2 answers judged: 0 breaking, 0 additive, 0 cosmetic.\n")
    assert call(capsys, "drift", recording, "--schemas", folder).out.startswith("# Nothing to change")
    assert call(capsys, "check", recording).code == 1
    assert validation_errors("clado/status.json", status("ranking"))
    assert "eta" not in (listed("clado/status-pending.json").members or {})


@pytest.mark.parametrize(("text", "says"), [
    (None, "has none of the documents of schemas/. Expected there: clado/status.json, orbit/status.json, or another"),
    ("{", "status.json is no JSON."), ("[]", "status.json is no JSON Schema: it is no object."),
    ('{"$schema": "https://json-schema.org/draft/2020-12/schema", "type": 3}', "is no JSON Schema: $.type: 3 is not"),
])  # fmt: skip
def test_wrong_schemas(
    text: str | None, says: str, capsys: pytest.CaptureFixture[str], recording: Path, tmp_path: Path
) -> None:
    """A folder without documents, or with one that is no JSON Schema, ends with 2 and a sentence."""
    folder = tmp_path / "mine"
    (folder / "clado").mkdir(parents=True)
    if text is not None:
        (folder / "clado" / "status.json").write_text(text)
    ran = call(capsys, "check", recording, "--schemas", folder)
    assert (ran.code, ran.out) == (2, "")
    assert says in ran.err


def _below(base: str, word: str = "pending") -> object:
    return replace(clado(status(word)), path=f"{base}{JOBS['clado']}/j")


def test_base_path_is_guessed_and_said(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """Traffic below one base path is judged, and the guess is said; given base paths are no guess."""
    path = lines(tmp_path / "a.jsonl", _below("/proxy"), _below("/proxy", "ranking"), _below("/other"))
    ran = call(capsys, "check", path)
    assert (ran.code, "2 answers judged: 1 breaking" in ran.out) == (1, True)
    assert "Left out: 1 × GET /other/…." in ran.out
    assert ran.err == f"{path}: /proxy before the paths of clado is a guess. Give --base-path /proxy.\n"
    again = call(capsys, "check", path, path)
    assert again.err == ran.err, "A guess is printed once, for the first file."
    ran = call(capsys, "check", path, "--base-path", "/proxy/", "--base-path", "/other")
    assert ("3 answers judged" in ran.out, ran.err) == (True, "")
    ran = call(capsys, "check", path, "--base-path", "/other")
    assert ("1 answer judged" in ran.out, "2 × GET /proxy/…" in ran.out, ran.err) == (True, True, "")


def test_base_path_is_a_guess_of_the_first_request(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """Where the first request of an API has no base path, no other is guessed for it; each API has its own."""
    at_root = lines(tmp_path / "a.jsonl", _below(""), _below("/proxy"))
    ran = call(capsys, "check", at_root)
    assert ("1 answer judged" in ran.out, ran.err) == (True, "")
    run_below = replace(orbit(run("running")), path=f"/two/o{JOBS['orbit']}/r")
    other = replace(clado({}), path="/one/jane@x.org/api/credits")
    both = lines(tmp_path / "b.jsonl", _below("/one"), run_below, other)
    ran = call(capsys, "check", both)
    assert "2 answers judged" in ran.out
    assert [line.split()[1] for line in ran.err.splitlines()] == ["/one", "/two/o"]


@pytest.mark.parametrize("base", ["proxy", "", "/", "/a?b", "https://x/y"])
def test_wrong_base_path(base: str, capsys: pytest.CaptureFixture[str], recording: Path) -> None:
    """A base path begins with a slash and is only a path."""
    ran = call(capsys, "check", recording, "--base-path", base)
    assert (ran.code, f"{base!r} is no base path. It begins with a slash" in ran.err) == (2, True)


@pytest.mark.parametrize(("args", "judged", "left"), [
    (("--since", "2026-01-01T01:00:00Z"), 2, "1 × GET {job}, before --since"),
    (("--until", "2026-01-01T03:00:00+01:00"), 2, "1 × GET {job}, not before --until"),
    (("--since", "2026-01-01T01:00", "--until", "2026-01-01T02:00"), 1, "1 × GET {job}, before --since"),
    (("--since", "2026-01-01"), 3, "1 × GET {job}, without a time"),
])  # fmt: skip
def test_period(
    args: tuple[str, ...], judged: int, left: str, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """`--since` and `--until` choose the exchanges of a period; one without a time is in none."""
    rows = [clado(status("pending"), at=EPOCH + number * HOUR) for number in range(3)]
    path = lines(tmp_path / "a.jsonl", *rows, clado(status("pending"), at=0))
    ran = call(capsys, "check", path, *args)
    assert f"{judged} answer" in ran.out.splitlines()[-1]
    assert left.replace("{job}", f"{JOBS['clado']}/{{job}}") in ran.out


def test_only_one_job(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """`--only-job` chooses one job: its start, by the id in the answer, and everything below its path."""
    started = exchange(JOBS["clado"], {"job_id": "j", "status": "pending", "message": "x"}, method="POST")
    other = exchange(f"{JOBS['clado']}/k", status("ranking", job_id="k"))
    other_start = replace(started, body=started.body.replace(b'"j"', b'"k"'))
    rows = started, other_start, clado(status("pending")), other, exchange("/api/credits", {})
    path = lines(tmp_path / "a.jsonl", *rows)
    ran = call(capsys, "check", path, "--only-job", "j", "--format", "json")
    report = json.loads(ran.out)
    assert report["judged"] == {"clado start": 1, "clado status": 1}
    assert sum(report["left_out"].values()) == 3
    assert all(reason.endswith(", of another job") for reason in report["left_out"])


@pytest.mark.parametrize(("args", "says"), [
    (("--since", "yesterday"), "--since 'yesterday' is no time. Give it in ISO 8601"),
    (("--since", "2026-01-02", "--until", "2026-01-02"), "--since 2026-01-02 isn't before --until 2026-01-02, so no"),
    (("--update-baseline",), "--update-baseline needs --baseline"),
    (("--baseline", "a", "--write-baseline", "b", "--update-baseline"), "and no --write-baseline"),
])  # fmt: skip
def test_wrong_options(
    args: tuple[str, ...], says: str, capsys: pytest.CaptureFixture[str], recording: Path
) -> None:
    """A wrong option ends with 2 and a sentence that says what to give."""
    ran = call(capsys, "check", recording, *args)
    assert (ran.code, says in ran.err) == (2, True)


@pytest.mark.parametrize("option", ["base-path", "since", "until", "only-job"])
def test_options_of_files(option: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Options that choose among recorded exchanges are refused for a live job."""
    ran = call(capsys, "check", "--api", "clado", "--job-id", "j", f"--{option}", "2026-01-01")
    assert (ran.code, f"--{option} is for FILEs." in ran.err) == (2, True)


def test_update_baseline(capsys: pytest.CaptureFixture[str], recording: Path, tmp_path: Path) -> None:
    """`--update-baseline` makes a baseline, then adds what is new to it and removes what didn't occur."""
    known = tmp_path / "known.json"
    ran = call(capsys, "check", recording, "--baseline", known, "--update-baseline")
    assert (ran.code, ran.err) == (0, f"{known}: 2 violations added, 0 removed, 0 kept.\n")
    other = lines(tmp_path / "b.jsonl", clado(status("pending", eta=1, new="x")))
    ran = call(capsys, "check", other, "--baseline", known, "--update-baseline")
    assert (ran.code, ran.err) == (0, f"{known}: 1 violation added, 1 removed, 1 kept.\n")
    assert call(capsys, "check", other, "--baseline", known, "--fail-on", "cosmetic").code == 0
    assert len(json.loads(known.read_text())["accepted"]) == 2


@contextmanager
def _host(code: int) -> Iterator[str]:
    """Serve an HTTP status without a body."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(code)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *args: object) -> None:
            """Print nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()


def test_why_a_live_job_ended_without_a_judged_answer(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where no answer of a live job could be judged, the reason of its end is said too."""
    monkeypatch.setenv("CLADO_API_KEY", "lk_me")
    with _host(304) as url:
        ran = call(capsys, "check", "--api", "clado", "--url", url, "--job-id", "j")
    assert (ran.code, ran.out) == (3, "")
    judged, why = ran.err.splitlines()
    assert judged.startswith("jobmock: No answer was judged, so nothing is known. Left out: 1 × GET /api/")
    assert why == "jobmock: The API answered 304 to the status request."
