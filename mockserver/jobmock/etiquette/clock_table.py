"""Which rules are judged on which clock, and by which time."""

from __future__ import annotations

from collections.abc import Mapping

TIMES = ("real", "virtual", "skip-delays", "scaled", "manual")
"""The modes of time, in the order of the columns."""

ONE_TIME = "yes"
SEEN = "if waits are seen"
"""On a manual clock: judged if at least one pause shows on the clock or in real time."""

CLOCKS: Mapping[str, tuple[str, str, str, str, str]] = {
    "polled-too-fast": (ONE_TIME, ONE_TIME, ONE_TIME, "by the longer of both", SEEN),
    "retry-after-ignored": (ONE_TIME, ONE_TIME, ONE_TIME, "by real arrival times", SEEN),
    "no-back-off": (ONE_TIME, ONE_TIME, ONE_TIME, "by the longer of both", SEEN),
    "no-deadline": (ONE_TIME, ONE_TIME, ONE_TIME, "by real arrival times", "by the clock, if only it shows waits"),
    "gave-up-early": (ONE_TIME, ONE_TIME, ONE_TIME, "by the longer of both", "if waits are seen, or after few polls"),
    "started-over": (ONE_TIME, ONE_TIME, ONE_TIME, "by the longer of both", SEEN),
}
"""Rules about waiting. All others are judged on every clock."""
