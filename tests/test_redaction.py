"""No key survives in a text, in whatever spelling; other words stay; the time follows the length."""

from __future__ import annotations

import json
import time
from base64 import b32encode, b64encode, urlsafe_b64encode
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.campaigns.key_spellings import FORMS, Planted, readings
from tests.campaigns.planted_keys import PLACES, leaks
from tests.checking.exchanges import exchange
from tests.support import call, part

from jobmock import key_prefixes
from jobmock.catalogue import Catalogue
from jobmock.checking.check import Check
from jobmock.redaction import redact, redact_body, redact_header, redact_url

PREFIXES = ["lk_", "sk_orb_", "sk-"]


@pytest.mark.parametrize(
    ("text", "redacted"),
    [
        ("/api/jobs/1", "/api/jobs/1"),
        ("", ""),
        ("lk_live123", "lk_…"),
        ("/jobs/lk_live123", "/jobs/lk_…"),
        ("/jobs/lk_live123/more", "/jobs/lk_…"),
        ("key=sk_orb_test.9-a_b~%2F", "key=sk_orb_…"),
        ("authorization=Bearer+lk_secret", "authorization=Bearer+lk_…"),
        ("authorization=Bearer lk_secret page", "authorization=Bearer lk_… page"),
        ("key=sk-live-123", "key=sk-…"),
        ("lk_a lk_b\tsk_orb_c", "lk_… lk_…\tsk_orb_…"),
        ("x_lk_secret", "x_lk_…"),
        ("tokenlk_secret", "tokenlk_…"),
        ("LK_SECRET", "LK_…"),
        ("%6Ck_secret", "%6Ck_…"),
        ("/a/%256Ck_secret", "/a/%256Ck_…"),
        ("%25%36%43k_secret", "%25%36%43k_…"),
        (r"\u006ck_secret", r"\u006ck_…"),
        ("'key' is 'lk_secret'. Allowed: x.", "'key' is 'lk_…'. Allowed: x."),
        (f"Basic {b64encode(b'user:lk_secret').decode()}", "Basic dXNlcj…="),
    ],
)
def test_redact(text: str, redacted: str) -> None:
    """Text that looks like a key is cut to its prefix anywhere, and nothing else changes."""
    assert redact(text) == redacted
    assert redact(redacted) == redacted


@pytest.mark.parametrize(
    "text",
    [
        "/bulk_jobs/1", "page=risk-7", "lk=1&sk=2", "lk_", "milk_a", "sk_live_1", "/desk-1", "a%3Dbulk_1",
        "lk_, sk_orb_.", "(sk_orb_…), this", "100%25 sure", r"a\u0020b", b64encode(b"task-1 and milk_a").decode(),
    ],
)  # fmt: skip
def test_ordinary_words_stay(text: str) -> None:
    """Words that only contain the letters of a prefix stay unchanged, and so does a prefix alone."""
    assert redact(text) == text


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("prefix", PREFIXES)
@pytest.mark.parametrize("before", part(["", "/a/", "x=", "Bearer ", "Bearer+", "Bearer%20", "%22", '{"k":"'], 3))
def test_no_form_survives(form: str, prefix: str, before: str) -> None:
    """In no spelling is anything left of a key behind its prefix, in whatever way the text is read afterwards."""
    redacted = redact(before + FORMS[form](f"{prefix}q1secret9"))
    assert not any("secret" in text.lower() for text in readings(redacted)), redacted
    assert redact(redacted) == redacted


@given(st.text(), st.sampled_from(PREFIXES[:2]), st.from_regex(r"[A-Za-z0-9_.~-]{1,40}", fullmatch=True))
def test_no_key_survives(before: str, prefix: str, rest: str) -> None:
    """A key after any text and a separator is removed, and the text before it doesn't grow."""
    redacted = redact(f"{before}/{prefix}{rest}x")
    assert redacted.endswith("…")
    assert len(redacted) <= len(before) + 1 + len(prefix) + 1


@given(st.binary(max_size=9), st.sampled_from(PREFIXES[:2]), st.sampled_from([b64encode, urlsafe_b64encode]))
def test_base64_is_read_behind_any_bytes(before: bytes, prefix: str, encode: Callable[[bytes], bytes]) -> None:
    """A key in base64 is found whatever bytes go before it."""
    redacted = redact(encode(before + b":" + prefix.encode() + b"q1secret9").decode())
    assert not any("secret" in text for text in readings(redacted))


@pytest.mark.parametrize(
    ("path", "query", "shown"),
    [
        ("/jobs/1", "page=2&x=y", ("/jobs/1", "page=2&x=y")),
        ("/jobs/lk_ci42--two-pages", "page=1", ("/jobs/lk_…", "page=1")),
        ("/jobs/lk_a", "b", ("/jobs/lk_…", "")),
        ("/a", "a=1&token=sk_orb_x&b=lk_y&c=2", ("/a", "a=1&token=sk_orb_…&c=2")),
        ("/a", "token=lk_a&b", ("/a", "token=lk_…")),
        ("/a", "token=lk_a&b=c/d&page=2", ("/a", "token=lk_…&page=2")),
        ("/a", "q=%6Ck_a&page=20000000000", ("/a", "q=%6Ck_…")),
        ("/a", f"q={b'lk_secret9'.hex()}&page=2", ("/a", "q=…&page=2")),
        ("/a", f"q={b'Bearer lk_secret9'.hex().upper()}", ("/a", "q=…")),
        (f"/{b32encode(b'sk_orb_secret9').decode()}/x", "page=2", ("/…/x", "page=2")),
        ("/a", f"q={b64encode(b64encode(b'lk_secret9')).decode()}", ("/a", "q=…")),
        ("/a", f"q={b64encode(b'lk_secret9'.hex().encode()).decode()}", ("/a", "q=…")),
        ("/9f86d081884c7d659a2feaa0c55ad015", "t=6b86b273-f", ("/9f86d081884c7d659a2feaa0c55ad015", "t=6b86b273-f")),
    ],
)
def test_redact_url(path: str, query: str, shown: tuple[str, str]) -> None:
    """What follows a key in a URL may belong to it; only parameters with a short number stay, so that pages differ."""
    assert redact_url(path, query) == shown


@pytest.mark.parametrize(
    "name",
    ["Authorization", "Proxy-Authorization", "Cookie", "Set-Cookie", "X-Api-Key", "apikey", "X-Jobmock-Token",
     "X-Auth", "X-Client-Secret", "x-session-id", "X-Amz-Signature"],
)  # fmt: skip
def test_headers_for_secrets(name: str) -> None:
    """Of a header that is there for a secret nothing is shown, whatever the secret looks like."""
    assert redact_header(name, "hunter2") == "…"


@pytest.mark.parametrize("name", ["Idempotency-Key", "User-Agent", "X-Trace", "Content-Type", "Accept"])
def test_other_headers(name: str) -> None:
    """Another header is shown without the keys in its value."""
    assert redact_header(name, "for lk_secret now") == "for lk_… now"


@given(st.text(), st.sampled_from(["", "Bearer "]), st.booleans())
def test_json_stays_json(text: str, before: str, ascii_only: bool) -> None:
    """A JSON body with keys can still be read, and only their strings have changed; one without keys is unchanged."""
    value = {"a": text.replace("k", "").replace("K", ""), "key": f'{before}lk_"x\\y', text: 1, "n": 1}
    shown = json.loads(redact_body(json.dumps(value, ensure_ascii=ascii_only).encode("utf-8", "surrogatepass")))
    assert shown["n"] == 1 and shown["key"] == f"{before}lk_…"
    plain = json.dumps({"n": [1, {"text": "bulk_x"}]}).encode()
    assert redact_body(plain).encode() == plain


BODIES = [b"token=lk_secret&x=1", b'{"a": "lk_secret', b"\xff lk_secret", b'"%5Cu006ck_secret"']


@pytest.mark.parametrize("body", BODIES)
def test_bodies_of_any_kind(body: bytes) -> None:
    """A body that is no JSON, or not quite, loses its keys too."""
    assert "secret" not in redact_body(body) and "…" in redact_body(body)


@pytest.mark.parametrize("form", part(FORMS, 3))
def test_no_place_keeps_a_key(form: str, catalogue: Catalogue, tmp_path: Path) -> None:
    """No part of a key is in anything that is written or printed, wherever it was; each one in a URL is a finding."""
    rng = Random(form)
    found = [leak for place in PLACES for leak in leaks(Planted(rng, form), place, catalogue, tmp_path)]
    assert found == []


@pytest.mark.parametrize(
    "arguments",
    [["serve", "--port", "lk_secret9"], ["check", "lk_secret9.har"], ["lint", "lk_secret9"], ["lk_secret9"]],
)
def test_arguments_of_a_command(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """A message about an argument that can't be used shows no key."""
    called = call(capsys, *arguments)
    assert called.code == 2
    assert "secret9" not in called.out + called.err and "lk_…" in called.out + called.err


HOSTILE = [
    "%25", "%", "25", "lk_", "lk_!", "!", "bulk_", "sk", "\\u006c", "bGtf", "\\", "%5c", "%6c%6b", "dGFzay0x",
    "sk_orb_!\"", "\\u00", "a", " lk_",
]  # fmt: skip


@pytest.mark.parametrize("piece", HOSTILE)
def test_the_work_follows_the_length(piece: str) -> None:
    """No text makes the scan quadratic: that would use the processor for minutes, not for a fraction of a second."""
    text, began = "lk_" + piece * (150_000 // len(piece)), time.thread_time()
    redact(text)
    redact_body(json.dumps([text]).encode())
    assert time.thread_time() - began < 20


def test_a_quick_look_misses_no_base64() -> None:
    """The pattern that is looked for first is in every text that the exact one matches."""
    for prefix in PREFIXES:
        for before in ("", "a", "ab", "abc"):
            for word in (prefix, prefix.upper(), prefix.title()):
                text = b64encode(f"{before}{word}secret".encode()).decode()
                assert key_prefixes.maybe_base64().search(text) and key_prefixes.in_base64().search(text)


def test_encoded_twice_by_hand() -> None:
    """A spelling that no pattern lists is found by decoding: what is behind the first escape is cut."""
    mixed = "".join(f"%{ord(sign):02x}" for sign in b64encode(b"user:lk_secret").decode())
    assert redact(f"/a/{mixed}") == "/a/…"
    assert redact(f"/a/{quote(mixed)}") == "/a/…"


def test_a_report_looks_at_a_method_before_it_changes_its_case() -> None:
    """A method that is a key in base64 isn't shown in capitals, which would hide the key but not what follows it."""
    check = Check()
    check.judge(exchange("/people", {}, method=b64encode(b"u:sk-qd053d794e350d1z").decode()))
    assert dict(check.report().left_out) == {"* /people": 1}


@pytest.fixture
def added_prefix(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The prefix of another distribution's API, which is known until the test ends."""
    monkeypatch.setattr(key_prefixes, "_prefixes", [*key_prefixes._prefixes])
    key_prefixes.add("oven_of_mine_")
    yield "oven_of_mine_"
    monkeypatch.undo()
    for one in key_prefixes._made:
        one.cache_clear()


@pytest.mark.parametrize(
    ("text", "redacted"),
    [
        ("oven_of_mine_secret", "oven_of_mine_…"),
        ("/jobs/oven_of_mine_secret/more", "/jobs/oven_of_mine_…"),
        ("OVEN_OF_MINE_SECRET lk_x", "OVEN_OF_MINE_… lk_…"),
        ("%6Fven_of_mine_secret", "%6Fven_of_mine_…"),
        ("key=oven%255Fof%255fmine_secret", "key=oven%255Fof%255fmine_…"),
        ("ovens, proven_of_mine_secret", "ovens, proven_of_mine_secret"),
        (f"Basic {b64encode(b'user:oven_of_mine_secret').decode()}", "Basic dXNlcj…"),
    ],
)
def test_an_added_prefix(added_prefix: str, text: str, redacted: str) -> None:
    """Keys of other distributions' APIs are cut like those of jobmock's own, where a word begins."""
    assert redact(text) == redacted
    assert redact(redacted) == redacted


def test_a_prefix_that_is_known_already(added_prefix: str) -> None:
    """A prefix is added once, and doesn't change how keys of jobmock's own APIs are found."""
    known = len(key_prefixes._prefixes)
    for prefix in (added_prefix, "lk_", "SK_ORB_"):
        key_prefixes.add(prefix)
    assert len(key_prefixes._prefixes) == known
    assert redact("tokenlk_secret bulk_jobs") == "tokenlk_… bulk_jobs"
