"""The price of Clado's jobs: one credit for each person in the results, when the job completes or is cancelled.

Source: schemas/clado/README.md#6.

Nothing happens at that moment itself. Jobs are charged when the balance is next needed.
"""

from __future__ import annotations

from ...dialect.answers import Refused
from ...dialect.request_context import RequestContext
from ...engine.jobs import Job
from ...engine.namespace import Namespace


def afford(call: RequestContext, price: int) -> None:
    """Raise Refused (402) where the balance is below the price, or below one credit by the switch.

    Source: schemas/clado/README.md#11.23.
    """
    settle_bills(call.namespace, call.now)
    required = price if call.switch("credit_check") == "limit" else 1
    if call.namespace.credits.balance < required:
        balance = call.namespace.credits.balance
        raise Refused("credits_insufficient", f"This needs {required} credits, and {balance} are left.")


def settle_bills(namespace: Namespace, now: int) -> None:
    """Charge each job that has completed or was cancelled, for the people that it wasn't charged for before."""
    for job in namespace.open_charges.pop_changed(now):
        stage = job.stage(now)
        for passed in job.plan.stages[: stage.number + 1]:
            if passed.status in ("completed", "cancelled"):
                _bill(namespace, job, job.shows(passed))
        if stage.after is None:
            del namespace.open_charges[job.id]


def _bill(namespace: Namespace, job: Job, people: int) -> None:
    """Charge a job until it has paid for so many people."""
    job.charged += namespace.credits.charge(max(0, people - job.charged))
