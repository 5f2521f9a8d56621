"""The HAR file of a mock: whose each request is."""

from __future__ import annotations

import json
from pathlib import Path

from tests.support import KEYS, Mock

from jobmock.client_reports.traffic import Traffic


def test_each_entry_says_whose_it_is(mock: Mock, tmp_path: Path) -> None:
    """An entry has the public name of its namespace, also on an unknown path, and null for a request without a key."""
    traffic = Traffic(mock.service.namespaces)
    mock.service.watchers.append(traffic.watch)
    sent = [KEYS["clado"], "lk_secret--slow", KEYS["orbit"], None, "lk_revoked"]
    for key in sent:
        mock.send("GET", "/api/credit", key=key)
    text = traffic.write(tmp_path / "all.har", "http://mock").read_text(encoding="utf-8")
    names = [mock.namespace(api, key).name for api, key in (("clado", sent[0]), ("clado", sent[1]), ("orbit", sent[2]))]
    assert [entry["_namespace"] for entry in json.loads(text)["log"]["entries"]] == [*names, None, None]
    assert "secret" not in text


def test_without_requests_it_is_valid_too(mock: Mock, tmp_path: Path) -> None:
    """A file without entries is JSON."""
    path = Traffic(mock.service.namespaces).write(tmp_path / "none.har", "http://mock")
    assert json.loads(path.read_text(encoding="utf-8"))["log"]["entries"] == []
