"""Hostile input and situations against `jobmock serve` and the other commands: nothing breaks.

Each attack is a row of a table, and the seed draws its details: raw HTTP, fields of bodies, control calls. A
well-behaved client polls beside them, and compares each answer as a whole. After each attack it is checked that no
answer was a 500, had a wrong length or data of another key; that each connection held the loop for at most 50 ms of
processor time; that memory was in proportion to what was sent and received; that no file is left open, and that the
log has no traceback. Time is that of the loop's thread. If an attack takes much, it is repeated, the least counts,
and it is compared with how slow the processor is at that moment. So a busy machine makes no failure.

Then hostile files are given to each command, servers and recorders get signals under load, and start and stop. What a
failed test leaves in virtual time is tried by the campaign `poisoning`. It needs the /proc of Linux.
"""

from __future__ import annotations

import signal
import sys
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.campaigns.hostile.attacked_server import ATTACKS, AttackedServer, attacked, reset
from tests.campaigns.hostile.many_namespaces import NAMESPACES, check_namespaces, open_namespaces, use_namespaces
from tests.campaigns.hostile.read_files import read_one
from tests.campaigns.hostile.signals import end_under_load, kill_a_recorder
from tests.campaigns.hostile.starts_and_stops import STARTS, start_and_stop
from tests.campaigns.reporting import Report, progress_bar, scaled

from jobmock.engine import held_scenarios, journal_room, stored_answers
from jobmock.service import serializer

MADE = 2_400
_PEOPLE = 70 << 20
MOST_GROWTH = (
    journal_room.MAX_ALL_BYTES
    + stored_answers.MAX_ALL_BYTES
    + held_scenarios.MAX_ALL_BYTES
    + serializer.MAX_BYTES
    + _PEOPLE
)
"""How much memory the server may keep after all attacks: as much as journals, stored answers, scenarios and caches may
take at once. A reset frees it, but the system's allocator may keep what was freed."""
_USED_AGAIN = 100
"""After so many attacks the namespaces that must stay are used again."""
Numbered = Callable[[int, int, Path], tuple[str, list[str]]]
"""Does something hostile by seed and number, in a folder. Returns what it did, and sentences about what is wrong."""
_OTHERS: tuple[tuple[str, Numbered, int], ...] = (
    ("hostile files", read_one, 300),
    ("ends under load", end_under_load, 40),
    ("kills of a recorder", kill_a_recorder, 15),
)


def run(fraction: float = 1.0, seed: int = 0) -> int:
    report = Report("hostile")
    if sys.platform != "linux":
        return report.end("it needs /proc, which only Linux has")
    with TemporaryDirectory() as name:
        folder = Path(name)
        figures = [_attack(report, fraction, seed, folder)]
        for what, each, count in _OTHERS:
            figures.append(_try_each(report, what, each, scaled(count, fraction), seed, folder))
        stops = scaled(STARTS, fraction, 2)
        for sentence in start_and_stop(stops, folder):
            report.fail("starts and stops", sentence)
    return report.end(f"{'; '.join(figures)}; {stops} starts and stops")


def _attack(report: Report, fraction: float, seed: int, folder: Path) -> str:
    """Make all attacks on one server; those that clear all namespaces come last."""
    count, namespaces = scaled(MADE, fraction, len(ATTACKS)), scaled(NAMESPACES, fraction, 20)
    numbers = sorted(range(count), key=lambda number: ATTACKS[number % len(ATTACKS)].clears)
    with attacked(folder) as server:
        _fail(report, "namespaces", open_namespaces(server.server.url, namespaces))
        memory, checked = server.watch.memory(), False
        for done, number in enumerate(progress_bar(numbers, "attacks")):
            row = ATTACKS[number % len(ATTACKS)]
            if done % _USED_AGAIN == 0 and not row.clears:
                use_namespaces(server.server.url, namespaces)
            if row.clears and not checked:
                _fail(report, "namespaces after the attacks", check_namespaces(server.server.url, namespaces))
                checked = True
            again = f"python -m tests.campaigns.hostile --seed {seed} --attack {number}"
            _fail(report, row.name, [f"{sentence}. Repeat it: {again}" for sentence in server.attack(seed, number)])
            if server.server.process.poll() is not None:
                return f"the server ended at attack {number}"
        reset(server.server.url)
        grown = server.watch.memory() - memory
        report.check(grown < MOST_GROWTH, "memory after all attacks", f"it grew by {grown >> 20} MiB")
        figures = _figures(server, count, namespaces, grown)
        code = server.server.end(signal.SIGTERM)
        report.check(code == 0, "the end of the attacked server", f"its exit code is {code}")
    return figures


def _figures(server: AttackedServer, count: int, namespaces: int, grown: int) -> str:
    slowest = max(server.holds, key=server.holds.__getitem__)
    held = f"at most {server.holds[slowest] * 1000:.0f} ms on the loop ({ATTACKS[slowest % len(ATTACKS)].name})"
    beside = f"{server.witness.answers} answers to the client beside them, {namespaces} namespaces"
    return f"{count} attacks: {held}, {grown >> 20} MiB kept, {beside}"


def _try_each(report: Report, what: str, each: Numbered, count: int, seed: int, folder: Path) -> str:
    for number in progress_bar(range(count), what):
        shown, wrong = each(seed, number, folder)
        _fail(report, what, [f"{what} {number} of seed {seed}, {shown}: {sentence}" for sentence in wrong])
    return f"{count} {what}"


def _fail(report: Report, kind: str, sentences: list[str]) -> None:
    for sentence in sentences:
        report.fail(kind, sentence)
