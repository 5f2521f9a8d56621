"""`jobmock keys` explains bearer keys, and the server does what it says."""

from __future__ import annotations

import re

import pytest
from tests.support import JOBS, STARTS, Mock, call, json_of

from jobmock import apis


def rows(text: str) -> list[tuple[str, str]]:
    """Return the indented rows of the text: what is left and right of the gap."""
    return [(left, right) for left, right in re.findall(r"^  (\S+) {2,}(\S.*)$", text, re.MULTILINE)]


def test_it_names_every_prefix(capsys: pytest.CaptureFixture[str]) -> None:
    """Each API's prefix is in the text, and nothing goes to stderr."""
    called = call(capsys, "keys")
    assert (called.code, called.err) == (0, "")
    for api in apis.all_apis():
        assert (f"{api.prefix}…", api.name) in rows(called.out)


def test_its_examples_play_what_they_say(capsys: pytest.CaptureFixture[str], mock: Mock) -> None:
    """A key of the examples opens a namespace whose jobs play the scenario beside it."""
    examples = [(key, name) for key, name in rows(call(capsys, "keys").out) if "--" in key]
    assert len(examples) == len(apis.all_apis())
    for key, name in examples:
        api = name.partition("/")[0]
        job = mock.start(api, key)
        assert mock.namespace(api, key).jobs[job].plan.name == name


def test_its_reserved_keys_are_refused_as_it_says(capsys: pytest.CaptureFixture[str], mock: Mock) -> None:
    """Each reserved key is listed with the status and error of its calls. One that may call nothing opens nothing."""
    listed = dict(rows(call(capsys, "keys").out))
    for api in apis.all_apis():
        for key in api.reserved:
            name, _, words = listed[key].partition(": ")
            status, code = words.replace(",", "").split()[:2]
            profile = "/v2/developer/profiles/x"
            for method, path in [("GET", profile)] if "profile" in words else [("POST", JOBS[name]), ("GET", profile)]:
                if name == "clado" and path == profile:
                    continue
                reply = mock.send(method, path, key=key, body=STARTS[name])
                assert name == api.name and reply.status == int(status)
                assert name == "clado" or json_of(reply)["error"]["code"] == code
    assert [namespace.key for namespace in mock.service.namespaces] == ["sk_orb_searchonly"]


def test_columns_are_aligned(capsys: pytest.CaptureFixture[str]) -> None:
    """In each paragraph of rows the right column begins at one place."""
    for paragraph in call(capsys, "keys").out.split("\n\n"):
        lines = [line for line in paragraph.splitlines() if line.startswith("  ")]
        places = [found.end() for line in lines if (found := re.match(r"  \S+ {2,}", line))]
        assert len(places) == len(lines) and len(set(places)) <= 1


@pytest.mark.parametrize("args", [["extra"], ["--nonsense"]])
def test_bad_usage_is_2(capsys: pytest.CaptureFixture[str], args: list[str]) -> None:
    """The command takes nothing; anything else is a usage error on stderr."""
    called = call(capsys, "keys", *args)
    assert called.code == 2 and called.out == "" and args[0] in called.err
