"""What Clado's jobs cost: a credit for each validated person, when the job completes or is cancelled.

Source: schemas/clado/README.md#6.

Nothing happens at the moment of completion itself; the bill is drawn up whenever somebody asks for the balance.
"""

from __future__ import annotations

from ...dialect.answers import Refused
from ...dialect.api import RequestContext
from ...engine.jobs import Job
from ...engine.namespace import Namespace


def afford(call: RequestContext, price: int) -> None:
    """Refuse with 402 what the balance can't pay: the whole price, or one credit (schemas/clado/README.md#11.23)."""
    settle_bills(call.namespace, call.now)
    least = price if call.switch("credit_check") == "limit" else 1
    if call.namespace.credits.balance < least:
        balance = call.namespace.credits.balance
        raise Refused("credits_insufficient", f"This needs {least} credits, and {balance} are left.")


def settle_bills(namespace: Namespace, now: int) -> None:
    """Charge every job that has completed, or was cancelled, for the people it has not been charged for yet."""
    for job in namespace.open_charges.pop_changed(now):
        stage = job.stage(now)
        for passed in job.plan.stages[: stage.number + 1]:
            if passed.status in ("completed", "cancelled"):
                _bill(namespace, job, job.shows(passed))
        if stage.after is None:
            del namespace.open_charges[job.id]


def _bill(namespace: Namespace, job: Job, people: int) -> None:
    """Charge a job for so many people in all, less those it was charged for before."""
    job.charged += namespace.credits.charge(max(0, people - job.charged))
