"""The benchmarks' own tools: what they start, what they measure with, and what they say of figures."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import httpx
import pytest
from click.testing import CliRunner
from tests.benchmarks import cases, chart, driver, growth, keeping, processes, subjects
from tests.benchmarks.__main__ import main
from tests.benchmarks.cases import CASES
from tests.support import free_port

from jobmock.server.listeners import Host

KEPT = Path(chart.__file__).parent / "servers.json"


def figures(share: float) -> dict[str, Any]:
    return {"servers": {"ratios": {"jobmock, pending": share}}}


@pytest.mark.parametrize(
    ("old", "new", "count"),
    [
        (figures(0.8), figures(0.73), 0),
        (figures(0.8), figures(0.71), 1),
        (figures(0.8), figures(1.2), 0),
        ({}, figures(0.1), 0),
        (figures(0.8), {"people": {"of what is allowed": 2.0}}, 0),
    ],
)
def test_a_ratio_that_fell_by_more_than_a_tenth_is_named(old: Any, new: Any, count: int) -> None:
    """Ratios that both runs have are compared; one that fell by more than a tenth is told with both values."""
    lines = keeping.fallen(old, new)
    assert len(lines) == count
    assert all("jobmock, pending: 0.80 before, 0.71 now" in line for line in lines)


@pytest.mark.parametrize(("before", "code"), [(0.5, 0), (0.9, 1)])
def test_a_later_run_is_compared(before: float, code: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`--compare` ends with 1 where a ratio fell, `--json` keeps the new figures all the same."""
    old, new = tmp_path / "old.json", tmp_path / "new.json"
    keeping.write(figures(before), old)
    monkeypatch.setattr("tests.benchmarks.__main__._benchmark", lambda name: lambda: figures(0.6)["servers"])
    ran = CliRunner().invoke(main, ["servers", "--json", str(new), "--compare", str(old)])
    assert ran.exit_code == code, ran.output
    assert keeping.read(new) == figures(0.6)


@pytest.mark.parametrize(
    ("words", "told"), [(["server"], "Unknown benchmark 'server'. Allowed: servers, "), (["chart", "none"], "'none'")]
)
def test_wrong_words_are_told(words: list[str], told: str) -> None:
    """An unknown benchmark, or figures that aren't there, end the command with what is wrong."""
    ran = CliRunner().invoke(main, words)
    assert ran.exit_code == 2 and told in ran.output


def test_the_chart_shows_every_kept_figure() -> None:
    """The chart beside the kept figures is theirs: drawn anew it is the same, with a bar for each subject and case."""
    kept = keeping.read(KEPT)
    drawn = chart.chart(kept)
    assert drawn == KEPT.with_suffix(".svg").read_text(encoding="utf-8")
    bars = ElementTree.fromstring(drawn).findall("{http://www.w3.org/2000/svg}rect")
    assert len(bars) == sum(len(subjects) for subjects in kept["servers"]["cases"].values())


def test_the_page_shows_the_kept_figures() -> None:
    """The table of servers in tests/README.md is that of the kept figures."""
    assert chart.table(keeping.read(KEPT)) in (KEPT.parents[1] / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize(("power", "costs"), [(0, (5, 5, 5)), (1, (5, 50, 500)), (0.5, (5, 15.811388, 50))])
def test_exponent(power: float, costs: tuple[float, ...]) -> None:
    """A cost in proportion to the n-th power of a number has the exponent n."""
    assert growth.exponent(dict(zip((10, 100, 1_000), costs, strict=True))) == pytest.approx(power, abs=1e-6)


def test_jobmock_is_measured_with_everything_on(tmp_path: Path) -> None:
    """The server under load asks for keys, keeps a journal and charges its buckets; what isn't on is told."""
    with subjects.running(subjects.subjects()[subjects.OWN], tmp_path) as own:
        bodies = cases.prepare(own.url)
        assert [len(json.loads(bodies[case.name]).get("results", ())) for case in CASES] == [0, 22, 1_000, 0]
        asked = {case.api: 1 for case in CASES}
        assert cases.everything_was_on(own.url, asked) == []
        assert "the journal of clado has" in cases.everything_was_on(own.url, {**asked, "clado": 1_000})[0]
        assert processes.resident_mib(own.pid) > 10 and processes.cpu_seconds(own.pid) > 0


@pytest.mark.parametrize("kind", [subjects.BARE, "Starlette", "pytest-httpserver"])
def test_the_others_answer_the_same(kind: str, tmp_path: Path) -> None:
    """What stands beside jobmock answers each case with the very bytes that it was given."""
    bodies = {case.name: b'{"case": "%b"}' % case.name.encode() for case in CASES}
    cases.written(bodies, tmp_path)
    with subjects.running(subjects.subjects()[kind], tmp_path) as server:
        told = asyncio.run(driver.asked(server.url + CASES[0].target, CASES[0].headers, 0.2, 2))
        assert told["requests"] >= 2 and told["p99"] >= told["p50"] > 0
        for case in CASES:
            assert httpx.get(server.url + case.target, headers=case.headers).content == bodies[case.name]


async def _refuses(scope: Any, receive: Any, send: Any) -> None:
    await send({"type": "http.response.start", "status": 503, "headers": [(b"content-length", b"0")]})
    await send({"type": "http.response.body"})


def test_the_driver_takes_nothing_but_200() -> None:
    """One answer that isn't a 200 ends the run, and so does a server that isn't there."""
    host = Host()
    try:
        url = host.open(_refuses).url
        with pytest.raises(SystemExit, match=r"Not every answer of .* is a 200, but: \[503\]"):
            asyncio.run(driver.asked(url, {}, 0.2, 1))
    finally:
        host.end()
    with pytest.raises(OSError, match=r"[Cc]onnect"):
        asyncio.run(driver.asked(f"http://127.0.0.1:{free_port()}/", {}, 0.01, 1))
