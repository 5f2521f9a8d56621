"""The tools of the benchmarks: the servers, the load driver, the file of figures, the chart and the exponents."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import httpx
import pytest
from click.testing import CliRunner
from tests.benchmarks import cases, chart, driver, figures_file, growth, processes, subjects
from tests.benchmarks.__main__ import main
from tests.benchmarks.cases import CASES
from tests.free_ports import free_port

from jobmock.server.listeners import Host

FIGURES = Path(chart.__file__).parent / "servers.json"


def server_figures(share: float) -> dict[str, Any]:
    return {"servers": {"ratios": {"jobmock, pending": share}}}


@pytest.mark.parametrize(
    ("old", "new", "count"),
    [
        (server_figures(0.8), server_figures(0.73), 0),
        (server_figures(0.8), server_figures(0.71), 1),
        (server_figures(0.8), server_figures(1.2), 0),
        ({}, server_figures(0.1), 0),
        (server_figures(0.8), {"people": {"of what is allowed": 2.0}}, 0),
    ],
)
def test_a_ratio_that_fell_by_more_than_a_tenth_is_listed(old: Any, new: Any, count: int) -> None:
    """A ratio of both runs that fell by more than a tenth is listed with both values."""
    lines = figures_file.fallen_ratios(old, new)
    assert len(lines) == count
    assert all("jobmock, pending: 0.80 before, 0.71 now" in line for line in lines)


@pytest.mark.parametrize(("before", "code"), [(0.5, 0), (0.9, 1)])
def test_compare(before: float, code: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`--compare` exits with 1 if a ratio fell, and `--json` writes the new figures in any case."""
    old, new = tmp_path / "old.json", tmp_path / "new.json"
    figures_file.write(server_figures(before), old)
    monkeypatch.setattr("tests.benchmarks.__main__._benchmark", lambda name: lambda: server_figures(0.6)["servers"])
    ran = CliRunner().invoke(main, ["servers", "--json", str(new), "--compare", str(old)])
    assert ran.exit_code == code, ran.output
    assert figures_file.read(new) == server_figures(0.6)


@pytest.mark.parametrize(
    ("names", "message"),
    [(["server"], "Unknown benchmark 'server'. Allowed: servers, "), (["chart", "none"], "'none'")],
)
def test_wrong_arguments(names: list[str], message: str) -> None:
    """An unknown benchmark, or a missing file of figures, ends the command with a message."""
    ran = CliRunner().invoke(main, names)
    assert ran.exit_code == 2 and message in ran.output


def test_the_chart_shows_every_figure() -> None:
    """The chart in the repository is made from the figures in it, with a bar for each server and case."""
    figures = figures_file.read(FIGURES)
    drawn = chart.chart(figures)
    assert drawn == FIGURES.with_suffix(".svg").read_text(encoding="utf-8")
    bars = ElementTree.fromstring(drawn).findall("{http://www.w3.org/2000/svg}rect")
    assert len(bars) == sum(len(subjects) for subjects in figures["servers"]["cases"].values())


def test_the_page_shows_the_figures() -> None:
    """The table of servers in tests/README.md is made from the figures in the repository."""
    assert chart.table(figures_file.read(FIGURES)) in (FIGURES.parents[1] / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize(("power", "costs"), [(0, (5, 5, 5)), (1, (5, 50, 500)), (0.5, (5, 15.811388, 50))])
def test_exponent(power: float, costs: tuple[float, ...]) -> None:
    """A cost in proportion to the n-th power of a number has the exponent n."""
    assert growth.exponent(dict(zip((10, 100, 1_000), costs, strict=True))) == pytest.approx(power, abs=1e-6)


def test_jobmock_is_measured_with_all_features(tmp_path: Path) -> None:
    """The measured server checks keys, keeps a journal and charges its limits; a missing feature is found."""
    with subjects.running(subjects.subjects()[subjects.OWN], tmp_path) as own:
        bodies = cases.prepare(own.url)
        assert [len(json.loads(bodies[case.name]).get("results", ())) for case in CASES] == [0, 22, 1_000, 0]
        requests = {case.api: 1 for case in CASES}
        assert cases.missing_features(own.url, requests) == []
        assert "the journal of clado has" in cases.missing_features(own.url, {**requests, "clado": 1_000})[0]
        assert processes.resident_mib(own.pid) > 10 and processes.cpu_seconds(own.pid) > 0


@pytest.mark.parametrize("kind", [subjects.BARE, "Starlette", "pytest-httpserver"])
def test_the_other_servers_repeat_the_answers(kind: str, tmp_path: Path) -> None:
    """Each other server answers each case with exactly the bytes that it was given."""
    bodies = {case.name: b'{"case": "%b"}' % case.name.encode() for case in CASES}
    cases.write_answers(bodies, tmp_path)
    with subjects.running(subjects.subjects()[kind], tmp_path) as server:
        load = asyncio.run(driver.drive(server.url + CASES[0].target, CASES[0].headers, 0.2, 2))
        assert load["requests"] >= 2 and load["p99"] >= load["p50"] > 0
        for case in CASES:
            assert httpx.get(server.url + case.target, headers=case.headers).content == bodies[case.name]


async def _refuse(scope: Any, receive: Any, send: Any) -> None:
    await send({"type": "http.response.start", "status": 503, "headers": [(b"content-length", b"0")]})
    await send({"type": "http.response.body"})


def test_the_driver_accepts_only_200() -> None:
    """The driver fails if one answer isn't a 200, or if there is no server."""
    host = Host()
    try:
        url = host.open(_refuse).url
        with pytest.raises(SystemExit, match=r"Not every answer of .* is a 200, but: \[503\]"):
            asyncio.run(driver.drive(url, {}, 0.2, 1))
    finally:
        host.end()
    with pytest.raises(OSError, match=r"[Cc]onnect"):
        asyncio.run(driver.drive(f"http://127.0.0.1:{free_port()}/", {}, 0.01, 1))
