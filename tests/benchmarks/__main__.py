"""`python -m tests.benchmarks [NAME…]`: measure, side by side in one run, and print ratios. Loopback only, bounded."""

from __future__ import annotations

import sys
from collections.abc import Callable

from tests.benchmarks import check, fixture, memory, people, plugin, polls, startup

_BENCHMARKS: dict[str, Callable[[], object]] = {
    "startup": startup.run,
    "people": people.run,
    "memory": memory.run,
    "polls": polls.run,
    "polls-long": polls.run_long,
    "fixture": fixture.run,
    "plugin": plugin.run,
    "check": check.run,
}


def main(wanted: list[str]) -> int:
    unknown = [name for name in wanted if name not in _BENCHMARKS]
    if unknown:
        print(f"Unknown benchmark {unknown[0]!r}. Allowed: {', '.join(_BENCHMARKS)}.", file=sys.stderr)
        return 2
    for name in wanted or _BENCHMARKS:
        print(f"== {name}")
        _BENCHMARKS[name]()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
