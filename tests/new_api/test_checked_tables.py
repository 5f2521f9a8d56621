"""A package of `new-api` refuses tables and bodies that don't fit each other: the error names the table."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from runpy import run_path
from types import SimpleNamespace

import pytest
from tests.new_api.openapi_documents import answer, document
from tests.new_api.written_packages import install, run, write

from jobmock.new_api.package_files import package_files, write_package

TABLES, ANSWERS = "tables.py", "answers.json"
WRONG = {
    "cancelled": (TABLES, 'CANCELLED = "cancelled"', 'CANCELLED = "canceled"', "tables.CANCELLED has 'canceled'."),
    "no cancelled": (TABLES, 'CANCELLED = "cancelled"', 'CANCELLED = ""', "tables.CANCELLED has ''. Allowed: queued,"),
    "status": (ANSWERS, '"running":', '"runing":', "answers.json#/status has 'runing'. Allowed: queued, running,"),
    "following": (TABLES, '"running": ("completed"', '"running": ("complete"', "tables.TRANSITIONS has 'complete'."),
    "a text": (TABLES, '"failed": (),', '"failed": ("queued"),', "tables.TRANSITIONS['failed'] is 'queued'. It needs"),
    "message": (TABLES, '("error", "message")', '("error", "text")', "tables.MESSAGE is ('error', 'text'), and"),
    "path": (TABLES, 'JOB_ID = ("id",)', 'JOB_ID = ("id")', "tables.JOB_ID is 'id'. It needs the names of members"),
    "id": (TABLES, 'STARTED_ID = ("id",)', 'STARTED_ID = ("job", "id")', "tables.STARTED_ID is ('job', 'id'), and"),
    "no id": (TABLES, 'STARTED_ID = ("id",)', "STARTED_ID = ()", "so nothing says the id of a job."),
    "error": (TABLES, '(500, "Something went wrong.")', "500", "tables.ERRORS['server_error'] is 500. It needs"),
    "key": (TABLES, '("authorization", "Bearer")', '"authorization"', "tables.CREDENTIAL is 'authorization'. It needs"),
    "no 401": (TABLES, '"unauthorized": (401,', '"unauthorized": (402,', "tables.ERRORS has no error with 401 or 403"),
    "row": (TABLES, '"status", "GET", "/quill/jobs/{job}",', '"status", "/quill/jobs/{job}",', "tables.OPERATIONS has"),
    "bad request": (TABLES, 'BAD_REQUEST = "bad_request"', 'BAD_REQUEST = "bad"', "tables.BAD_REQUEST has 'bad'."),
    "no body": (ANSWERS, '"server_error":', '"broken":', "answers.json#/errors has no body for server_error."),
    "no JSON": (ANSWERS, '"start": {', '"start" {', "answers.json is no JSON: Expecting ':' delimiter"),
    "no member": (ANSWERS, '"others":', '"other":', "answers.json needs the members start, status,"),
}  # fmt: skip


def check(package: Path) -> None:
    """Check the tables and the bodies of a package, as it does itself."""
    code = package / "jobmock_quill"
    checks, tables = (SimpleNamespace(**run_path(str(code / f"{name}.py"))) for name in ("checks", "tables"))
    checks.check(tables, checks.parsed((code / ANSWERS).read_bytes()))


@pytest.mark.parametrize("name", WRONG)
def test_what_does_not_fit(tmp_path: Path, name: str) -> None:
    """Each mistake in a table is named with the table and with what is allowed or needed."""
    file, before, after, why = WRONG[name]
    write_package(tmp_path / "new", package_files("quill")[0])
    check(tmp_path / "new")
    place = tmp_path / "new" / "jobmock_quill" / file
    assert before in place.read_text()
    place.write_text(place.read_text().replace(before, after, 1))
    with pytest.raises(ValueError, match=re.escape(why)):
        check(tmp_path / "new")


def test_commands_say_what_does_not_fit(tmp_path: Path) -> None:
    """A command names the API, the table and what is allowed, without a traceback."""
    package, _ = write(tmp_path, "quill")
    tables = package / "jobmock_quill" / TABLES
    tables.write_text(tables.read_text().replace('CANCELLED = "cancelled"', 'CANCELLED = "canceled"'))
    ran = run("jobmock", "lint", "--api", "quill", cwd=tmp_path, site=install(package))
    assert "tables.CANCELLED has 'canceled'. Allowed: queued, running," in ran.stdout + ran.stderr
    assert ran.returncode == 2 and "Traceback" not in ran.stdout + ran.stderr


def test_errors_of_the_template(tmp_path: Path) -> None:
    """A wrong body of a start is refused with what is wrong, and an unknown route in the body of the API's errors."""
    package, _ = write(tmp_path, "quill")
    site = install(package)
    (tmp_path / "client.py").write_text(
        "import os, httpx\n"
        "with httpx.Client(base_url=os.environ['QUILL_BASE_URL'],\n"
        "                  headers={'Authorization': 'Bearer ' + os.environ['QUILL_API_KEY']}) as client:\n"
        "    for answer in (client.post('/quill/jobs', json={'topic': 1}), client.get('/quill/nothing')):\n"
        "        print(answer.status_code, answer.text)\n"
    )
    options = ("--time", "manual", "--etiquette", "off", "--", sys.executable, "client.py")
    ran = run("jobmock", "run", *options, cwd=tmp_path, site=site)
    wrong, unknown = ran.stdout.splitlines()
    assert wrong.startswith('400 {"error":{"code":"bad_request","message":"The body is wrong at /topic: ')
    assert unknown.startswith('404 {"error":{"code":"not_found","message":"')


def test_results_of_their_own_operation(tmp_path: Path) -> None:
    """The client of a package reads results where another operation has them. They may be refused until the end."""
    content, rows = document(), {"type": "array", "items": {"type": "object", "properties": {"id": {"type": "string"}}}}
    content["paths"]["/jobs/{id}/results"] = {"get": answer(rows)}
    content["paths"]["/jobs/{id}/results"]["get"]["responses"]["409"] = {"description": "Wait for the end."}
    (tmp_path / "document.json").write_text(json.dumps(content))
    package, _ = write(tmp_path, "quill", "--openapi", tmp_path / "document.json")
    code, begin = package / "jobmock_quill" / "__init__.py", '    (status, body), listed = BODIES["others"]["results"]'
    refusal = '    if current_view(call).stage.status not in API.terminal:\n        raise Refused("conflict")\n'
    assert begin in code.read_text()
    code.write_text(code.read_text().replace(begin, refusal + begin))
    tested = run("pytest", "-q", "-p", "no:cacheprovider", cwd=package, site=install(package))
    assert tested.returncode == 0 and "result-unread" not in tested.stdout, tested.stdout
