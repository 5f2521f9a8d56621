"""500 pairs of a test that may spoil what comes after it and a plain one, without and with workers: nobody notices."""

from __future__ import annotations

from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

from tests.campaigns.reporting import Report, share
from tests.virtual.poisoning import poisons, project

PAIRS, A_RUN, ENDED = 500, 125, 12
KINDS = {"-n 0": ("-p", "xdist", "-n", "0"), "-n 2": ("-p", "xdist", "-n", "2", "--dist", "loadfile")}


def run(fraction: float = 1.0, seed: int = 0) -> int:
    report, figures = Report("poisoning"), []
    for kind, args in KINDS.items():
        left, tests = share(PAIRS, fraction, 4), 0
        while left > 0:
            found = project.run(seed * 1_000 + left, min(left, A_RUN), *args)
            for name, detail in found.wrong:
                report.fail(f"{kind}: {name}", detail)
            left, tests = left - A_RUN, tests + found.pairs
        figures.append(f"{tests} pairs with {kind}")
    ended = share(ENDED, fraction)
    for number in range(ended):
        for name, detail in ended_by_a_thread(seed + number):
            report.fail(name, detail)
    return report.end(f"{', '.join(figures)}; {ended} runs that pytest-timeout ended by a thread, and the next ones")


def ended_by_a_thread(seed: int) -> list[tuple[str, str]]:
    """Return what is wrong where pytest-timeout's thread ends the whole process, and in a process after that one."""
    rng, wrong = Random(seed), list[tuple[str, str]]()
    name = rng.choice(sorted(one for one in poisons.KNOWN if one.startswith("times_out")))
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
