"""API keys planted in requests, recordings, errors and scenarios, and searched for in what is written about them."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import quote

from tests.campaigns.key_spellings import Planted
from tests.campaigns.keys_in_requests import REQUESTS, Served, Written, logged
from tests.checking.exchanges import clado, exchange, person, status
from tests.commands.runs import finding, sample_run
from tests.server.test_control import Control
from tests.support import KEYS, Mock

from jobmock import apis, errors
from jobmock.catalogue import Catalogue
from jobmock.checking.baseline import save_baseline
from jobmock.checking.check import Check
from jobmock.checking.exchange import from_line
from jobmock.checking.formats import FORMATS
from jobmock.checking.readers import open_recording
from jobmock.client_reports.played_job import played_job
from jobmock.clock import Clock
from jobmock.commands.clients import last_output
from jobmock.commands.reports import FORMATS as OF_RUNS
from jobmock.engine.namespace import Namespaces
from jobmock.engine.progression import Plan
from jobmock.etiquette import RuleSettings, Verdict
from jobmock.redaction import redact_header
from jobmock.scenario import to_text
from jobmock.service.service import Service
from jobmock.strategies import regressions
from jobmock.strategies.exhaustive import certificate_lines, certify
from jobmock.strategies.outcome import RunResult, judge_run


def _checked(folder: Path, text: str, *exchanges: Any) -> Written:
    check = Check()
    for one in exchanges:
        check.judge(one)
    report = check.report()
    for form in FORMATS.names:
        yield f"report, {form}", FORMATS.render(report, form)
    save_baseline(folder / "baseline.json", report)
    yield "baseline", (folder / "baseline.json").read_text()


def _in_answers(folder: Path, text: str) -> Written:
    """Yield the reports of answers that have the text in place of words, names and paths."""
    bodies = [status(text), status("pending", **{text: 1}), {**status("pending"), "job_id": text}]
    bodies.append(status("completed", results=[person(1, **{text: ""})]))
    others = [
        clado(status("pending"), headers={"content-type": text, text: text}), exchange(f"/{text}", {}),
        exchange(f"/people/{text}", {}, method=text), clado(status("pending"), query=f"page={text}"),
    ]  # fmt: skip
    yield from _checked(folder, text, *map(clado, bodies), *others)


def _in_files(folder: Path, text: str) -> Written:
    """Yield the messages about broken recordings that have the text in one place or another."""
    request = {"method": text, "url": f"http://[{text}", "headers": [{"name": text}]}
    entry = {"request": request, "response": {text: text}}
    lines = [
        {"at": text}, {text: 1}, {"at": 1, "method": "GET", "path": text, "status": text}, [text], text,
        {"at": 1, "method": "GET", "path": "/", "status": 200, "headers": {text: {text: 1}}},
        {"log": {"entries": [entry]}}, {"log": {"entries": [{**entry, "request": {**request, "url": 1}}]}},
        {"interactions": [{"request": {"uri": f"http://[{text}"}, "response": {"status": text}}]},
    ]  # fmt: skip
    path = folder / "broken.json"
    for row in (*map(json.dumps, lines), f"{text}: [", f"- {text}", f"interactions: {text}", f'{{"{text}'):
        path.write_text(row)
        for read in (lambda: list(open_recording(path).exchanges), lambda row=row: from_line(row.encode())):
            try:
                read()
            except errors.JobmockError as error:
                yield "message", str(error)
                yield "message, repr", repr(error)


def _in_errors(folder: Path, text: str) -> Written:
    """Yield errors, log lines and problems that quote the text."""
    for make in (errors.UsageError, errors.StartError, errors.NoSuchDocument, errors.VirtualTimeError):
        yield make.__name__, f"{make(f'{text!r} is wrong. Allowed: a, b.')!r}"
    origin = errors.Origin(source=f"{text}.yaml")
    problem = errors.Problem(message=f"Unknown field {text!r}.", origin=origin, pointer="/a")
    yield "problem", f"{problem} {errors.ScenarioError([problem])} {errors.UnknownScenario([problem])}"
    try:
        raise ValueError(text)
    except ValueError as error:
        info: Any = (type(error), error, error.__traceback__)
        yield "log", "\n".join(logged(logging.LogRecord("jobmock", 40, "x", 1, "It is %r.", (text,), info)))
    yield "header", redact_header("x-trace", text)
    yield from _refusals(text)


def _refusals(text: str) -> Written:
    """Yield the answers of control calls that quote the text."""
    control = Control(Mock(Service(Catalogue(), Namespaces(clock=Clock))))
    calls: list[tuple[str, str, Any, str | None]] = [
        ("POST", "reset", {text: 1}, None), ("PUT", "scenario", {"scenario": text}, None),
        ("GET", quote(text), None, None),
        ("PUT", "clock", {"mode": text}, None), ("POST", "reset", {"start": text}, KEYS["clado"]),
        ("GET", f"findings?job={quote(text)}&outcome=raised", None, KEYS["clado"]),
        ("PUT", "credits", {"balance": text}, None), ("GET", "clock", None, f"lk_x--{quote(text)}"),
    ]  # fmt: skip
    for method, call, body, key in calls:
        answer = control(method, call, body, key=key)
        yield f"control {method} {call[:8]}", json.dumps(answer.body, ensure_ascii=False)


def _in_counterexamples(folder: Path, text: str) -> Written:
    """Yield saved scenarios and certificates of a client that has the text in its error, its answer or its name."""
    steps = [{"status": "completed", "body": {"note": text, text: [text]}}]
    sent = re.sub("[^!-~]", "-", text)
    faults = [{"when": {"request": 1}, "respond": {"status": 500, "body": {"a": text}, "headers": {"x-a": sent}}}]
    raw = {"version": 1, "api": "clado", "summary": f"It has {text}."[:200], "progression": steps, "faults": faults}
    scenario = Catalogue().resolve(raw, "clado").scenario
    yield "scenario", to_text(scenario)
    path = regressions.write(scenario, "test_it", f"AssertionError: it returned {text!r}", folder, start=None)
    yield "counterexample", path.read_text("utf-8")
    [(_, again)] = regressions.load_saved("clado", "test_it", folder)
    yield "counterexample, again", to_text(again)
    path.unlink()
    yield from _in_certificates(text)


def _in_certificates(text: str) -> Written:
    """Yield certificates of a client with the text in its arguments and in its error, whole or cut in the middle."""
    api, service = apis.load("clado"), Service(Catalogue(), Namespaces(clock=Clock))
    failed = [text, *(last_output(f"{text} {'x' * length}".encode()) for length in (150, 183))]

    def play(said: str, plans: Iterable[Plan]) -> Iterator[RunResult]:
        for number, plan in enumerate(plans):
            namespace = service.namespace(api, f"lk_run{number}")
            job, error = service.place(namespace, plan), RuntimeError(said)
            yield judge_run(api, played_job(namespace, job), RuleSettings(), time="manual", returned=None, raised=error)

    given: Any = {"client": f"run --key {text}", "symbols": ["error"], "shown": lambda scripts, number: scripts}
    for said in failed:
        found = certify(partial(play, said), api="clado", length=1, **given)
        yield "certificate", found.to_json().decode() + "\n".join(certificate_lines(found))


def _in_runs(folder: Path, text: str) -> Written:
    """Yield the reports of a run that has the text in its command, its scenario, its story and its findings."""
    verdict = Verdict(findings=(finding(evidence=f"GET /{text}", job=text),), not_judged={})
    one = sample_run(
        scenarios=(text,), command=f"client --key {text}", meaning=text, story=f"1 GET /{text} → 200\n{text}",
        verdicts={"clado": verdict}, artifacts=(f"{text}.har",), exit_code=1,
    )  # fmt: skip
    for form in OF_RUNS.names:
        yield f"report of a run, {form}", OF_RUNS.render([one], form)


OTHERS: Mapping[str, Callable[[Path, str], Written]] = {
    "answers": _in_answers, "files": _in_files, "errors": _in_errors, "counterexamples": _in_counterexamples,
    "runs": _in_runs,
}  # fmt: skip


PLACES = (*REQUESTS, *OTHERS)


def leaks(planted: Planted, place: str, catalogue: Catalogue, folder: Path) -> Iterator[tuple[str, str]]:
    """Plant a key in a place; yield the kind and the detail of each leak."""
    if place in OTHERS:
        written = OTHERS[place](folder, planted.text)
    else:
        written = Served(catalogue, folder).written(planted, place)
    for kind, text in written:
        if left := planted.found(text):
            yield f"{planted.form} in {place}, {kind}", f"{planted.text!r} is left: {left}"
