"""Servers with the same secret answer a job of another key as one server does, although each has its own jobs."""

from __future__ import annotations

import pytest
from tests.support import EPOCH, Mock

from jobmock.catalogue import Catalogue
from jobmock.clock import Clock
from jobmock.engine.namespace import Namespaces
from jobmock.service.service import Service

CATALOGUE = Catalogue()


def server(secret: str | None = "shared") -> Mock:
    """Return a server of its own, which shares nothing but the secret."""
    return Mock(Service(CATALOGUE, Namespaces(clock=lambda: Clock("manual", start=EPOCH), id_secret=secret)))


def test_job_that_another_server_has_is_another_keys() -> None:
    """Clado's answer to a key that polls the job of another key is the same 403 at each server."""
    first, second = server(), server()
    job = first.start("clado", "lk_a")
    assert first.poll("clado", job, key="lk_a").status in (200, 202)
    refusals = [one.poll("clado", job, key="lk_b") for one in (first, second)]
    assert [refusal.status for refusal in refusals] == [403, 403]
    assert refusals[0].body == refusals[1].body


@pytest.mark.parametrize("secret", [None, "other"])
def test_another_secret_is_no_shared_one(secret: str | None) -> None:
    """A server without the secret, or with another one, doesn't know the job."""
    job = server().start("clado", "lk_a")
    assert server(secret).poll("clado", job, key="lk_b").status == 404


def test_job_of_the_own_key_is_not_found_elsewhere() -> None:
    """A key whose namespace was at another server, or at this one before a restart, gets 404 for its own job."""
    job = server().start("clado", "lk_a")
    assert server().poll("clado", job, key="lk_a").status == 404


def test_id_that_a_client_chose_is_not_found_elsewhere() -> None:
    """The one server with the job answers 403. No other can know an id that it didn't make."""
    first, second = server(), server()
    namespace = first.namespace("clado", "lk_a")
    first.service.place(namespace, CATALOGUE.plan("clado/usual"), "job-7")
    assert [one.poll("clado", "job-7", key="lk_b").status for one in (first, second)] == [403, 404]
