"""Where the package of an API fails, clients get an error in its form, and its author one line with the place."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import NamedTuple

import pytest
from tests.api_checks.copies import copy_of_toast
from tests.api_checks.planted_faults import imported
from tests.apis.distributions import run_python

_BODY = '    body: dict[str, Any] = {"id": view.job_id, "status": view.stage.status}\n'
_LAST = '    results=("slices",),\n'
_ASK = """
import json
from jobmock import apis
from jobmock.catalogue import Catalogue
from jobmock.models import Request
from jobmock.service.service import Service

api, service = apis.load("toast"), Service(Catalogue())
headers = api.credential.headers(api.key("x"))
for _ in range(3):
    for operation, method, path in (("start", "PUT", b"/toasts/mine"), ("status", "GET", b"/toasts/mine")):
        reply = service.handle(Request(method, path, b"", headers))
        print(reply.status, dict(reply.headers)[b"content-type"].decode(), reply.body.decode())
"""


class Failing(NamedTuple):
    """A change of toast's code that lets it fail: the text that is replaced, that in its place, and what is said."""

    old: str
    new: str
    said: str
    first: tuple[tuple[str, str], ...] = ()


FAILING = {
    "unknown-error": Failing(
        _BODY, f"{_BODY}    raise Refused('no_such_toasts')\n",
        "The API 'toast' has no error 'no_such_toasts'. Allowed: unauthorized, no_such_toast, too_many_requests, "
        "broken. Did you mean 'no_such_toast'?", imported("Refused")),
    "far-name": Failing(
        _BODY, f"{_BODY}    raise Refused('cold')\n",
        "The API 'toast' has no error 'cold'. Allowed: unauthorized, no_such_toast, too_many_requests, broken.",
        imported("Refused")),
    "unknown-switch": Failing(
        _BODY, f"{_BODY}    view.switch('slots')\n", "The API 'toast' has no switch 'slots'. Allowed: none."),
    "unknown-kind": Failing(
        'start_job(call, call.params.get("job"))', 'start_job(call, call.params.get("job"), "jop")',
        "The API 'toast' has no kind of job 'jop'. Allowed: job."),
    "exception": Failing(_BODY, f"{_BODY}    body['x']\n", "KeyError: 'x'."),
    "no-message": Failing(_BODY, f"{_BODY}    next(iter(()))\n", "StopIteration, raised by `next(iter(()))`."),
    "no-json": Failing(_BODY, _BODY.replace("view.job_id", "object()"), "TypeError: Type is not JSON serializable"),
    "authorize": Failing(_LAST, f"{_LAST}    authorize=lambda value, operation: 1 / 0,\n", "ZeroDivisionError"),
    "limits": Failing(_LAST, f"{_LAST}    limits=lambda switch: switch('tier'),\n", "has no switch 'tier'"),
    "other-error-too": Failing(
        _BODY, f"{_BODY}    1 / 0\n", "ZeroDivisionError: division by zero.",
        ((_LAST, f"{_LAST}    other_error=lambda status, text, call: 1 / 0,\n"),)),
}  # fmt: skip


def failing(folder: Path, fault: Failing) -> Path:
    """Write a copy of toast that fails into a folder. Return the folder in which it is found."""
    package = copy_of_toast(folder)
    code = package / "__init__.py"
    text = code.read_text("utf-8")
    for old, new in (*fault.first, (fault.old, fault.new)):
        assert text.count(old) == 1
        text = text.replace(old, new)
    code.write_text(text)
    return package.parent


@pytest.mark.parametrize("name", FAILING)
def test_a_failure_is_answered_and_named_once(name: str, tmp_path: Path) -> None:
    """Each request that fails is answered 500 in the form of the API; its author reads one line, and no traceback."""
    fault = FAILING[name]
    ran = run_python("-c", _ASK, places=[failing(tmp_path, fault)])
    assert ran.returncode == 0, ran.stderr
    failed = [line.split(" ", 2) for line in ran.stdout.splitlines() if line.startswith("500 ")]
    assert failed and {kind for _, kind, _ in failed} == {"application/json"}
    errors = [json.loads(body)["error"] for _, _, body in failed]
    assert all(error["code"] == "http_500" and fault.said in error["message"] for error in errors)
    assert ran.stderr.count("\n") == 1 and fault.said in ran.stderr
    assert ran.stderr.startswith("The API 'toast' of toast-api 1.0 fails")


def test_the_place_is_the_line_of_the_package(tmp_path: Path) -> None:
    """The place is the line of the package's own code, in whatever module of it, as deep as it took part."""
    place = failing(tmp_path, Failing(_BODY, f"{_BODY}    bake(view)\n", "", ((
        "from jobmock.dialect", "from .oven import bake\nfrom jobmock.dialect"),)))  # fmt: skip
    (place / "toast_api" / "oven.py").write_text("def bake(view):\n    return view.switch('heat')\n")
    assert " fails at toast_api/oven.py:2. " in run_python("-c", _ASK, places=[place]).stderr


_CLIENT = """
import os, urllib.request as u
headers = {"Authorization": "Bearer " + os.environ["TOAST_API_KEY"]}
for _ in range(20):
    try:
        u.urlopen(u.Request(os.environ["TOAST_BASE_URL"] + "/toasts", b"", headers))
    except u.HTTPError as error:
        print(error.code, error.headers["content-type"])
"""


def test_a_run_names_the_failure_at_its_end(tmp_path: Path) -> None:
    """`jobmock run` ends with the mock's own failure: the API, its distribution, the place, and what is wrong."""
    place = failing(tmp_path, FAILING["unknown-kind"])
    ran = run_python("-m", "jobmock", "run", "--", sys.executable, "-c", _CLIENT, places=[place])
    assert ran.stdout.splitlines() == ["500 application/json"] * 20
    last = ran.stderr.splitlines()[-1]
    begin, what = (
        r"jobmock: The mock itself failed: The API 'toast' of toast-api 1\.0 fails at toast_api/__init__\.py:\d+\. ",
        r"The API 'toast' has no kind of job 'jop'\. Allowed: job\.",
    )
    assert re.fullmatch(begin + what, last), ran.stderr
    assert ran.returncode == 2 and "Traceback" not in ran.stderr


_FACTS = Failing(_LAST, f"{_LAST}    facts=lambda job: {{}},\n", "TypeError")


@pytest.mark.parametrize("command", [("run", "--with-job", "--", "true"), ("explain", "toast/usual")])
def test_a_command_that_needs_what_fails_says_why(command: tuple[str, ...], tmp_path: Path) -> None:
    """A failure before any request ends the command with one line, and no traceback."""
    ran = run_python("-m", "jobmock", *command, places=[failing(tmp_path, _FACTS)])
    assert ran.returncode == 2 and "Traceback" not in ran.stderr
    assert "jobmock: The API 'toast' of toast-api 1.0 fails" in ran.stderr and "TypeError" in ran.stderr


_FIXTURE = """
import httpx

def test_toast(toast_mock):
    with httpx.Client(base_url=toast_mock.url, headers={"Authorization": f"Bearer {toast_mock.api_key}"}) as client:
        assert client.post("/toasts").status_code == 500
"""


def test_a_test_with_the_fixture_fails(tmp_path: Path) -> None:
    """A test whose mock failed is an error at its end, whatever its client made of the answer."""
    (tmp_path / "test_toast.py").write_text(_FIXTURE)
    place = failing(tmp_path / "api", FAILING["unknown-kind"])
    ran = run_python("-m", "pytest", "-q", "--rootdir", str(tmp_path), str(tmp_path / "test_toast.py"), places=[place])
    assert ran.returncode == 1 and "The mock itself failed: The API 'toast' of toast-api 1.0" in ran.stdout
