"""What Orbit's calls cost: 10 credits a run, 1 a profile read; refunds where the documents say so.

Source: schemas/orbit/README.md#6.
"""

from __future__ import annotations

from ...dialect.answers import Refused
from ...dialect.api import RequestContext
from ...engine.headers import Headers
from ...engine.namespace import Namespace

RUN_PRICE = 10
READ_PRICE = 1


def afford(call: RequestContext, price: int) -> None:
    """Refuse with 402 and both amounts what the balance can't pay."""
    settle_refunds(call.namespace, call.now)
    balance = call.namespace.credits.balance
    if balance < price:
        raise Refused("developer_api_credits_insufficient", requiredCredits=price, remainingCredits=balance)


def remaining(call: RequestContext) -> Headers:
    """Return the header with the balance that is left (schemas/orbit/README.md#4.1)."""
    return ((b"x-developer-api-credits-remaining", b"%d" % call.namespace.credits.balance),)


def settle_refunds(namespace: Namespace, now: int) -> None:
    """Give the charge of runs that failed back, for those whose scenario asks for it.

    Source: schemas/orbit/README.md#11.31.
    """
    for job in namespace.open_charges.pop_changed(now):
        stage = job.stage(now)
        if stage.status == "failed":
            namespace.credits.refund(job.charged)
            job.charged = 0
        if stage.after is None:
            del namespace.open_charges[job.id]
