"""The time until a browser shows the page: of a namespace with 10,000 exchanges, and of one with a single exchange."""

from __future__ import annotations

import statistics
from typing import TYPE_CHECKING

from tests.benchmarks.intervals import interval
from tests.page.browsers import launched, missing
from tests.page.callers import Caller
from tests.support import scenario, served

if TYPE_CHECKING:
    from playwright.sync_api import Browser

JOBS, POLLS = 20, 499
MOST = 1.5
"""The most that the first paint may take with 10,000 exchanges, as a multiple of one with a single exchange."""
_PAINTED = "() => performance.getEntriesByName('first-contentful-paint')[0]?.startTime"
_SHOWN = "() => document.querySelector('tr[data-exchange]') && performance.now()"


def run(rounds: int = 15) -> dict[str, float]:
    """Print and return the ratios. Raises SystemExit without a browser, or above the limit."""
    if why := missing():
        raise SystemExit(why)
    with served("--time", "manual") as server, launched() as browser:
        small, large = Caller(server.url, "clado", "small"), Caller(server.url, "clado", "large")
        small.start()
        _fill(large)
        addresses = [f"{server.url}/__jobmock/#{caller.namespace}" for caller in (small, large)]
        for address in addresses:
            _times(browser, address)
        ratios = []
        for turn in range(rounds):
            of_small, of_large = (_times(browser, one) for one in (addresses if turn % 2 else addresses[::-1]))
            if not turn % 2:
                of_small, of_large = of_large, of_small
            ratios.append([after / before for before, after in zip(of_small, of_large, strict=True)])
            print(
                f"first paint {of_small[0]:.0f} and {of_large[0]:.0f} ms; first row {of_small[1]:.0f} and "
                f"{of_large[1]:.0f} ms", flush=True,
            )  # fmt: skip
        small.close()
        large.close()
    painted, shown = ([ratio[number] for ratio in ratios] for number in range(2))
    print(f"10,000 exchanges: first paint {interval(painted)}, first row {interval(shown)} times as long, limit {MOST}")
    if max(interval(painted).low, interval(shown).low) > MOST:
        raise SystemExit(f"The page takes more than {MOST} times as long with 10,000 exchanges.")
    return {"first paint": round(statistics.median(painted), 3), "first row": round(statistics.median(shown), 3)}


def _fill(caller: Caller) -> None:
    """Make 10,000 exchanges: jobs that are polled every five seconds."""
    caller.use(scenario("clado", {"status": "pending", "after": {"seconds": 3_600}}, "completed"))
    for _ in range(JOBS):
        job = caller.start()
        for _ in range(POLLS):
            caller.poll(job)
        caller.advance(5)


def _times(browser: Browser, address: str) -> tuple[float, float]:
    """Return after how many milliseconds a new window has painted the page, and has shown a row."""
    context = browser.new_context()
    page = context.new_page()
    page.goto(address)
    shown = page.wait_for_function(_SHOWN).json_value()
    painted = page.wait_for_function(_PAINTED).json_value()
    context.close()
    return float(painted), float(shown)
