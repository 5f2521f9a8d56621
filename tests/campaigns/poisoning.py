"""500 pairs of a poison (a test that may affect later ones) and a plain test, with and without workers: all pass."""

from __future__ import annotations

from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

from tests.campaigns.reporting import Report, scaled
from tests.virtual.poisoning import poisons, project

PAIRS, PAIRS_PER_RUN, KILLED_RUNS = 500, 125, 12
KINDS = {"-n 0": ("-p", "xdist", "-n", "0"), "-n 2": ("-p", "xdist", "-n", "2", "--dist", "loadfile")}


def run(fraction: float = 1.0, seed: int = 0) -> int:
    report, figures = Report("poisoning"), []
    for kind, args in KINDS.items():
        left, pairs = scaled(PAIRS, fraction, 4), 0
        while left > 0:
            found = project.run(seed * 1_000 + left, min(left, PAIRS_PER_RUN), *args)
            for name, detail in found.wrong:
                report.fail(f"{kind}: {name}", detail)
            left, pairs = left - PAIRS_PER_RUN, pairs + found.pairs
        figures.append(f"{pairs} pairs with {kind}")
    killed = scaled(KILLED_RUNS, fraction)
    for number in range(killed):
        for name, detail in killed_by_a_thread(seed + number):
            report.fail(name, detail)
    return report.end(f"{', '.join(figures)}; {killed} runs that pytest-timeout ended by a thread, each run again")


def killed_by_a_thread(seed: int) -> list[tuple[str, str]]:
    """Let pytest-timeout's thread end the whole process, and run the plain test in another; return what is wrong."""
    rng, wrong = Random(seed), list[tuple[str, str]]()
    name = rng.choice(sorted(one for one in poisons.POISONS if one.startswith("times_out")))
    with TemporaryDirectory() as place:
        folder = Path(place)
        project.write(folder, list(project.pairs(rng, 1, [name])))
        test = folder / "test_0000.py"
        test.write_text(test.read_text().replace('method="signal"', 'method="thread"'))
        ended = project.pytest(folder, seconds=60)
        if ended.returncode != 1:
            wrong.append((f"{name} by a thread: {ended.returncode}", ended.stdout[-2_000:]))
        after = project.pytest(folder, "-k", "then_plain", seconds=60)
        if after.returncode:
            wrong.append((f"after {name} by a thread", after.stdout[-2_000:]))
    return wrong
