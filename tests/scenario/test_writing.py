"""A scenario is written as the language has it, and what was written reads back to the same scenario."""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from tests.support import examples

from jobmock import scenario
from jobmock.catalogue import Catalogue
from jobmock.clock import SECOND
from jobmock.contract import documents
from jobmock.errors import ScenarioError
from jobmock.models import (
    After,
    Change,
    Delay,
    Drip,
    Fault,
    Limit,
    More,
    Pages,
    Respond,
    Results,
    RetryAfter,
    Scenario,
    Step,
    When,
)  # fmt: skip

YEAR = 31_536_000
DONE = Step(status="completed")
LEAST = Scenario(name="scenario", api="clado", summary="", progression=(DONE,))
CATALOGUE = Catalogue()
ODD = [
    "", " ", "no", "No", "on", "y", "N", "true", "null", "~", "1:30", "0755", "0x1F", "0o17", "1_000", "12", "1e3",
    ".5", "1.5e3", "5.", "-1e-7", ".inf", "-.nan", "2026-01-01", "=", "<<", "-", "- a", "? a", "a: b", "a #b", "#",
    "&a", "*a", "!a", "|", ">", "%a", "@a", "`a", "{a", "[a]", "a,b", "'", '"', "it's \"so\"", "\\n", "a\nb", "\n",
    "a\n\n b \n", "a\r\nb", "\t", "a\tb", " a", "a ", "\x00", "\x1b", "\x7f", "\x85", "\xa0", "\u2028",
    "\ufeff", "\ufffe", "é", "😀", "\U0010ffff", "---", "...", "a\n---\nb", "x" * 300, "word " * 60,
]  # fmt: skip


def same(written: Scenario) -> None:
    """Say that a scenario reads back from its object and from its text, and is written alike again."""
    text = scenario.to_text(written)
    read = scenario.from_text(text, name=written.name)
    assert read == scenario.from_mapping(scenario.to_mapping(written), name=written.name) == written
    assert scenario.to_text(read) == text


def about(**members: Any) -> dict[str, Any]:
    """Return what is written of a scenario beside the least that one needs."""
    least = scenario.to_mapping(LEAST)
    return {key: value for key, value in scenario.to_mapping(replace(LEAST, **members)).items() if key not in least}


def fault(**members: Any) -> dict[str, Any]:
    """Return what is written of a fault beside when it comes."""
    [written] = about(faults=(Fault(when=When(requests=(1, 1)), **members),))["faults"]
    assert written.pop("when") == {"request": 1}
    return dict(written)


@pytest.mark.parametrize("name", CATALOGUE.names())
def test_bundled_scenarios(name: str) -> None:
    """Every bundled scenario, written, reads back to itself."""
    same(CATALOGUE.plan(name).scenario)


def test_least() -> None:
    """What is as usual isn't written."""
    assert scenario.to_mapping(LEAST) == {"version": 1, "api": "clado", "progression": [{"status": "completed"}]}
    assert about(results=Results(count=3, seed=7)) == {"results": {"seed": 7}}


def test_text() -> None:
    """The text is in block style, in the order of the language's reference, and ends with a line break."""
    written = replace(
        LEAST,
        summary="No surprise: ünïcode 😀",
        results=Results(count=47),
        progression=(
            Step(status="pending", after=After(polls=2), results=0),
            Step(status="searching", after=After(time=30 * SECOND), body={"b": [], "a": {"1": "1", "on": None}}),
            Step(status="processing", after=After(time=SECOND // 2), pages=Pages(swap=((1, 26),))),
            Step(status="completed", omit=("x",), violates=frozenset(("schema", "pagination"))),
        ),
        faults=(
            Fault(when=When(requests=(3, 3)), respond=Respond(name="rate_limited"), retry_after=RetryAfter(seconds=2)),
            Fault(operation="start", when=When(chance=1.0), delay=Delay(kind="constant", a=2 * SECOND)),
        ),
        more=More(count=0),
        switches={"tier": "free"},
        limits={"start": Limit(requests=5, period=SECOND, burst=9), "cancel": None},
    )
    assert scenario.to_text(written) == TEXT
    same(written)


TEXT = """\
version: 1
api: clado
summary: 'No surprise: ünïcode 😀'
results:
  count: 47
progression:
  - status: pending
    after:
      polls: 2
    results: 0
  - status: searching
    after:
      seconds: 30
    body:
      b: []
      a:
        '1': '1'
        'on': null
  - status: processing
    after:
      seconds: 0.5
    pages:
      swap:
        - - 1
          - 26
  - status: completed
    omit:
      - x
    violates:
      - pagination
      - schema
faults:
  - when:
      request: 3
    respond: rate_limited
    retry_after: 2
  - operation: start
    when:
      chance: 1
    delay: 2s
more:
  count: 0
switches:
  tier: free
limits:
  start:
    requests: 5
    seconds: 1
    burst: 9
  cancel: null
"""


@pytest.mark.parametrize(
    ("nanoseconds", "text"),
    [
        (0, "0s"), (1, "0.000001ms"), (150_000_000, "150ms"), (SECOND - 1, "999.999999ms"), (SECOND, "1s"),
        (1_500_000_000, "1.5s"), (3600 * SECOND, "3600s"), (10**16 - 1, "9999999.999999999s"), (10**16, 10_000_000),
        (YEAR * SECOND, YEAR),
    ],
)  # fmt: skip
def test_durations(nanoseconds: int, text: str | int) -> None:
    """A duration is text in seconds, or in milliseconds below one; where text is too short for it, a number."""
    assert fault(delay=Delay(kind="constant", a=nanoseconds)) == {"delay": text}


@pytest.mark.parametrize(
    ("members", "written"),
    [
        ({"hang": True}, {"hang": True}),
        ({"change": Change(set={"": None}, omit=("/a",))}, {"change": {"set": {"": None}, "omit": ["/a"]}}),
        (
            {"change": Change(status=201, headers={"x": "1"}, byte_order_mark=True)},
            {"change": {"status": 201, "headers": {"x": "1"}, "byte_order_mark": True}},
        ),
        ({"drip": Drip(size=5, every=SECOND // 100)}, {"drip": {"bytes": 5, "every": "10ms"}}),
        ({"delay": Delay(kind="uniform", a=0, b=SECOND)}, {"delay": {"uniform": ["0s", "1s"]}}),
        (
            {"delay": Delay(kind="lognormal", a=SECOND, sigma=1.0)},
            {"delay": {"lognormal": {"median": "1s", "sigma": 1}}},
        ),
        (
            {"respond": Respond(status=200, has_body=True, headers={"x": "1"}), "retry_after": RetryAfter()},
            {"respond": {"status": 200, "body": None, "headers": {"x": "1"}}, "retry_after": "absent"},
        ),
        (
            {"respond": Respond(status=503), "retry_after": RetryAfter(seconds=0, as_date=True)},
            {"respond": {"status": 503}, "retry_after": {"date": 0}},
        ),
    ],
)
def test_faults(members: dict[str, Any], written: dict[str, Any]) -> None:
    """Each action is written in its shortest form; whole numbers are whole."""
    assert fault(**members) == written


def test_paging_that_does_nothing() -> None:
    """Paging without a trick is kept, as a list of no empty pages, because the language has no empty `pages`."""
    step = Step(status="completed", pages=Pages())
    assert about(more=More(count=1, progression=(step,))) == {
        "more": {"count": 1, "progression": [{"status": "completed", "pages": {"empty": []}}]}
    }


def test_what_is_written_is_a_copy() -> None:
    """Whoever changes what was written doesn't change the scenario, and finds only dicts and lists in it."""
    kept = MappingProxyType({"a": {"b": [1]}})
    scripted = Fault(when=When(every=1), respond=Respond(status=503, body=kept, has_body=True))
    step = Step(status="completed", body=kept)
    written = scenario.to_mapping(replace(LEAST, progression=(step,), faults=(scripted,)))
    for body in (written["progression"][0]["body"], written["faults"][0]["respond"]["body"]):
        body["a"]["b"].append(2)
        assert type(body) is dict and kept == {"a": {"b": [1]}}


@pytest.mark.parametrize("text", ODD)
def test_odd_text(text: str) -> None:
    """Text reads back as the same text, as a value and as a key, also where YAML would read another value."""
    same(replace(LEAST, progression=(Step(status="completed", body={text: [text, {text: text}]}),)))


@pytest.mark.parametrize("text", ["no", "y", "1:30", "0755", "0o17", "1e3", "12", "2026-01-01", "null"])
def test_surprises_are_quoted(text: str) -> None:
    """Text that YAML 1.1 would read as something else stands in quotes; other text doesn't."""
    assert f"summary: '{text}'\n" in scenario.to_text(replace(LEAST, summary=text))
    assert f"summary: {text} it is\n" in scenario.to_text(replace(LEAST, summary=f"{text} it is"))


def test_equal_values_are_written_out() -> None:
    """Values that an anchor shared are written in full: the text has no anchors."""
    shared = {"a": [1]}
    written = replace(LEAST, progression=(Step(status="completed", body={"x": shared, "y": shared}),))
    assert "&" not in scenario.to_text(written)
    same(written)


@pytest.mark.parametrize("seconds", [30_000_000.123456789, 8_388_609.123456789, 0.12345678912345, 1e-9])
def test_every_time_that_was_read_can_be_written(seconds: float) -> None:
    """A time that came from a number of seconds, however many digits that had, is written exactly."""
    steps = [{"status": "pending", "after": {"seconds": seconds}}, {"status": "completed"}]
    same(scenario.from_mapping({"version": 1, "api": "clado", "progression": steps}))


@pytest.mark.parametrize(
    ("members", "says"),
    [
        (
            {"progression": (Step(status="pending", after=After(time=30_000_000 * SECOND + 1)), DONE)},
            "30000000.000000001 seconds can't be written exactly; the nearest number is 30000000.",
        ),
        (
            {"faults": (Fault(when=When(every=1), delay=Delay(kind="uniform", a=2, b=1)),)},
            "<scenario>#/faults: error: The language can't say all that 'faults' holds.",
        ),
        ({"faults": (Fault(when=When(), hang=True),)}, "<scenario>#/faults/0/when: error: 'when' needs exactly one"),
        ({"progression": (Step(status="completed", body={"a": float("nan")}),)}, "is not finite"),
        ({"summary": "\ud800"}, "half a surrogate pair"),
    ],
)
def test_what_the_language_cannot_say(members: dict[str, Any], says: str) -> None:
    """A scenario that no text would read back to is refused, with the place or the value."""
    for write in (scenario.to_mapping, scenario.to_text):
        with pytest.raises(ScenarioError) as caught:
            write(replace(LEAST, **members))
        assert says in str(caught.value)


def words(api: str, name: str) -> Any:
    """Return a strategy for one of an API's words."""
    return st.sampled_from(documents.definitions(api)[name]["enum"])


signs = st.characters(codec="utf-8")
texts = st.one_of(st.sampled_from(ODD), st.text(signs, max_size=30))
numbers = st.one_of(st.integers(-(2**63), 2**64 - 1), st.floats(allow_nan=False, allow_infinity=False))
values = st.recursive(
    st.one_of(st.none(), st.booleans(), numbers, texts),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(texts, inner, max_size=3)),
    max_leaves=6,
)
positions = st.integers(1, 1_000_000)
times = st.one_of(
    st.integers(1_000_000, 2**23 * SECOND),
    st.integers(1, YEAR).map(lambda seconds: seconds * SECOND),
    st.integers(1, YEAR * 1000).map(lambda milliseconds: milliseconds * SECOND // 1000),
)
durations = st.one_of(st.integers(0, SECOND), times)
pairs = st.tuples(positions, positions)
sets = st.frozensets(positions, max_size=3)
shown = st.dictionaries(st.integers(1, 999_999), positions, max_size=3)
swaps = st.lists(pairs, max_size=2).map(tuple)
pages = st.builds(Pages, empty=sets, repeat=shown, swap=swaps, total=st.none() | st.integers(0, 1_000_000))
afters = st.one_of(st.builds(After, polls=positions), st.builds(After, time=st.integers(1, 1000) | times))
whens = st.one_of(
    st.builds(When, requests=pairs.map(lambda pair: (min(pair), max(pair)))),
    st.builds(When, requests=positions.map(lambda number: (number, number))),
    st.builds(When, every=positions),
    st.builds(When, during=times.map(lambda time: (0, time)) | times.map(lambda time: (time // 1_000_000, time))),
    st.builds(When, chance=st.floats(0, 1)),
)
delays = st.one_of(
    st.builds(Delay, kind=st.just("constant"), a=durations),
    st.tuples(durations, durations).map(lambda ends: Delay(kind="uniform", a=min(ends), b=max(ends))),
    st.builds(Delay, kind=st.just("lognormal"), a=durations, sigma=st.floats(0, 5)),
)
headers = st.dictionaries(
    st.from_regex(r"x-[a-z0-9]{1,5}", fullmatch=True),
    st.sampled_from(["", "no", "1:30", "'", 'a "b"', "0755", "a\tb"]),
    max_size=2,
)
retries = st.one_of(
    st.just(RetryAfter()), st.builds(RetryAfter, seconds=st.integers(0, YEAR), as_date=st.booleans())
)
limits = st.none() | st.builds(
    Limit, requests=st.integers(1, 10**9), period=times, burst=st.none() | st.integers(1, 10**9)
)


def steps(api: str) -> Any:
    """Return a strategy for the steps of a progression of an API."""
    status = st.tuples(words(api, "status"), st.just(frozenset[str]())) | st.tuples(
        texts.filter(bool), st.sampled_from([frozenset(["schema"]), frozenset(["transition", "schema", "pagination"])])
    )
    one = st.builds(
        lambda shown, **rest: Step(status=shown[0], violates=shown[1], **rest),
        status,
        after=afters,
        results=st.none() | st.integers(0, 10_000),
        body=st.dictionaries(texts, values, max_size=3),
        omit=st.lists(texts.filter(bool), max_size=2).map(tuple),
        pages=st.none() | pages if api == "clado" else st.none(),
    )
    return st.lists(one, min_size=1, max_size=4).map(lambda row: (*row[:-1], replace(row[-1], after=None)))


def faults(api: str) -> Any:
    """Return a strategy for the faults of an API: every action, alone or with a delay."""
    bodies = st.builds(Respond, status=st.integers(200, 599), body=values, has_body=st.just(True), headers=headers)
    bare = st.builds(Respond, status=st.integers(400, 599), headers=headers)
    answer = st.fixed_dictionaries(
        {"respond": st.builds(Respond, name=words(api, "error")) | bodies | bare}, optional={"retry_after": retries}
    )
    changes = st.builds(
        Change, status=st.none() | st.integers(200, 599), headers=headers,
        set=st.dictionaries(texts.map("/{}".format), values, max_size=3),
        omit=st.lists(texts.map("/{}".format), max_size=2).map(tuple), byte_order_mark=st.booleans(),
    ).filter(lambda change: change != Change())
    broken = st.one_of(
        changes.map(lambda change: {"change": change}),
        st.sampled_from([{"disconnect": kind} for kind in ("before_response", "reset", "mid_body")]),
        st.sampled_from([{"corrupt": kind} for kind in ("short_body", "truncated_json", "garbage", "empty_body")]),
        st.just({"hang": True}),
        st.builds(Drip, size=st.integers(1, 1 << 20), every=durations).map(lambda drip: {"drip": drip}),
    )
    action: Any = st.tuples(answer | broken, st.none() | delays) | st.tuples(st.just({}), delays)
    return st.builds(
        lambda operation, when, acts: Fault(operation=operation, when=when, delay=acts[1], **acts[0]),
        words(api, "operation"), whens, action,
    )  # fmt: skip


def scenarios(api: str, switches: list[dict[str, Any]], **own: Any) -> Any:
    """Return a strategy for the scenarios of an API."""
    return st.builds(
        Scenario,
        name=st.just("scenario"),
        api=st.just(api),
        summary=texts.filter(lambda text: "\n" not in text).map(lambda text: text[:200]),
        results=st.builds(Results, count=st.integers(0, 10_000), seed=st.integers(0, 2**53 - 1)),
        progression=steps(api),
        faults=st.lists(faults(api), max_size=3).map(tuple),
        switches=st.sampled_from(switches),
        limits=st.dictionaries(words(api, "operation"), limits, max_size=3),
        **own,
    )


MORE = st.none() | st.builds(More, count=st.integers(0, 10_000), progression=st.just(()) | steps("clado"))
CLADO = scenarios("clado", [{}, {"limit_maximum": None, "legacy_default": False}, {"limit_maximum": 9}], more=MORE)
ORBIT = scenarios(
    "orbit",
    [{}, {"extra_run_shapes": ["no", "1e3"]}, {"profile_aliases": {"on": "off", "<<": "\n"}}],
    run_shape=st.none() | words("orbit", "run_shape"),
)


@settings(derandomize=True, deadline=None, max_examples=examples(200))
@given(st.one_of(CLADO, ORBIT))
@example(LEAST)
def test_any_scenario(drawn: Scenario) -> None:
    """Any scenario of the language, written, reads back to itself, and is written alike again."""
    same(drawn)
