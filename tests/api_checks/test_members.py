"""Each member of an API, its operations and its pages has a form. One of another form is named with what is allowed."""

from __future__ import annotations

import json
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
from tests.api_checks.copies import copy_of_toast, lint

from jobmock import apis
from jobmock.api_checks.forms import API_FORMS, OPERATION_FORMS, PAGING_FORMS, wrong_forms
from jobmock.dialect.api import Api, Operation
from jobmock.engine.pagination import Paging

_MEMBERS = """

from dataclasses import replace
from jobmock.dialect import Credential, Paging

API = replace(API, {})
"""
_CALLED = "a function that is called as "

WRONG = {
    "host='https://api.toast.example/v2'": (
        "host", "`host` is 'https://api.toast.example/v2'. Allowed: a host in lower case, without scheme, port and "
        "path. Did you mean 'api.toast.example'?"),
    "host='api.toast.example:80'": ("host", "`host` is 'api.toast.example:80'. Allowed: a host in lower case"),
    "partial='incomplete'": (
        "partial", f"`partial` is 'incomplete'. Allowed: {_CALLED}(body, shown), or None."),
    "facts=lambda job: {}": ("facts", f"`facts` is {_CALLED}(job). Allowed: {_CALLED}(namespace, run_shape)."),
    "limits={'start': 3}": ("limits", "`limits` is {'start': 3}. Allowed: " + _CALLED + "(switch)."),
    "paging='x'": ("paging", "`paging` is 'x'. Allowed: a Paging, or None."),
    "paging=Paging(identity='frame_id')": (
        "paging/identity", "In `paging`, `identity` is 'frame_id'. Allowed: a path, which is a tuple of names, such as "
        "('job', 'id'). Did you mean ('frame_id',)?"),
    "paging=Paging(stated={'page': 'page'})": ("paging/stated", "`stated` is {'page': 'page'}. Allowed: a mapping"),
    "credential=Credential(header=b'x api key', scheme='')": (
        "credential", "Allowed: a Credential whose header is the name in bytes and lower case, and whose scheme is one "
        "word or empty. Did you mean header=b'x-api-key'?"),
    "credential=Credential(header='x-api-key')": ("credential", "Did you mean header=b'x-api-key'?"),
    "credential=Credential(scheme='API key')": ("credential", "scheme='API key'"),
    "status_path='state'": ("status_path", "`status_path` is 'state'. Allowed: a path", "Did you mean ('state',)?"),
    "results='slices'": ("results", "`results` is 'slices'. Allowed: a path", "Did you mean ('slices',)?"),
    "counters=('a', 'b')": (
        "counters", "`counters` is ('a', 'b'). Allowed: a tuple of paths, such as (('counts', 'done'),). "
        "Did you mean (('a',), ('b',))?"),
    "id_header='Location:'": ("id_header", "Allowed: the name of a header in lower case, or None."),
    "longest_job='1h'": ("longest_job", "Allowed: a whole number from 1 on, or None."),
    "result_nouns={'job': 'slice'}": ("result_nouns", "Allowed: a mapping of kind of job → (singular, plural)."),
    "switches={'slots': 3}": ("switches", "Allowed: a mapping of switch → its JSON Schema."),
    "operations=tuple(replace(one, method='DELET') for one in API.operations[2:])": (
        "operations/0/method", "In the operation 'status' (DELET /toasts/{job}), `method` is 'DELET'. "
        "Allowed: GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS. Did you mean 'DELETE'?"),
    "operations=tuple(replace(one, parameters='page') for one in API.operations)": (
        "operations/0/parameters", "Allowed: a tuple of texts", "Did you mean ('page',)? It shows at 2 other places"),
    "operations=tuple(replace(one, path=one.path[1:]) for one in API.operations[2:])": (
        "operations/0/path", "`path` is 'toasts/{job}'. Allowed: a path that begins with /"),
    "operations=tuple(replace(one, answer=lambda: None) for one in API.operations[2:])": (
        "operations/0/answer", f"`answer` is {_CALLED}(). Allowed: {_CALLED}(call)."),
}  # fmt: skip


@pytest.mark.parametrize("members", WRONG)
def test_a_member_of_another_form_is_named(members: str, tmp_path: Path) -> None:
    """It is one finding, at the member, with its value, what is allowed, and what it may mean."""
    package = copy_of_toast(tmp_path)
    code = package / "__init__.py"
    code.write_text(code.read_text() + _MEMBERS.format(members))
    ran = lint(package, "--format", "json")
    (finding, note), (pointer, *words) = json.loads(ran.stdout), WRONG[members]
    assert (ran.returncode, ran.stderr) == (2, "")
    assert (finding["pointer"], finding["severity"], note["severity"]) == (f"/API/{pointer}", "error", "note")
    assert all(text in finding["message"] for text in words), finding["message"]


REFUSED = {
    "host=b'x'": "toast_api.API has the host b'x'. It is a str.",
    "credential='Bearer'": "toast_api.API has the credential 'Bearer'. It is a Credential.",
    "default_scenarios='toast/usual'": "toast_api.API has the default_scenarios 'toast/usual'. It is a Mapping.",
    "operations=(3,)": "AttributeError",
}


@pytest.mark.parametrize("members", REFUSED)
def test_a_form_that_would_stop_other_apis_is_refused(members: str, tmp_path: Path) -> None:
    """An API that can't be told from others, or listed, can't be used. The reason is a finding."""
    package = copy_of_toast(tmp_path)
    code = package / "__init__.py"
    code.write_text(code.read_text() + _MEMBERS.format(members))
    ran = lint(package)
    assert ran.returncode == 2 and "Traceback" not in ran.stderr
    assert "The API 'toast' of toast-api 1.0 can't be used" in ran.stdout and REFUSED[members] in ran.stdout


@pytest.mark.parametrize("api", apis.names())
def test_own_members_have_their_form(api: str) -> None:
    """The tables of forms fit the APIs that are there."""
    subject = apis.load(api)
    parts = [(subject, API_FORMS), *((one, OPERATION_FORMS) for one in subject.operations)]
    parts += [(subject.paging, PAGING_FORMS)] if subject.paging else []
    assert [text for part, forms in parts for _, text in wrong_forms(part, forms)] == []


@pytest.mark.parametrize(
    ("forms", "names"),
    [
        (API_FORMS, [one.name for one in fields(Api) if one.init]),
        (OPERATION_FORMS, [one.name for one in fields(Operation)]),
        (PAGING_FORMS, [*Paging._fields]),
    ],
)
def test_each_member_has_a_form(forms: Any, names: list[str]) -> None:
    """No member is left out of the tables."""
    assert sorted(forms) == sorted(names)
