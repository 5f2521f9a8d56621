"""A system without Unix's own calls, such as Windows: every mode of time works but virtual time."""

from __future__ import annotations

import pytest

from .conftest import Project

BARE = """
    import os, select, signal, sys

    for name in ("fcntl", "termios", "pty", "resource", "grp", "pwd", "uvloop"):
        sys.modules[name] = None
    for module, names in (
        (select, ("poll", "epoll", "kqueue")),
        (os, ("fork", "forkpty", "killpg", "getpgid", "setsid", "getuid", "geteuid", "register_at_fork")),
        (signal, ("SIGKILL", "SIGALRM", "alarm", "setitimer", "pthread_kill", "pthread_sigmask")),
    ):
        for name in names:
            if hasattr(module, name):
                delattr(module, name)
"""


@pytest.mark.parametrize("time", ["manual", "scaled", "real"])
def test_a_job_is_polled_to_its_end(project: Project, time: str) -> None:
    """A client polls a job to its end, over TCP, without a call that only Unix has."""
    project.write("bare.py", BARE)
    project.write(
        "test_sample.py",
        f"""
        import httpx, pytest

        @pytest.mark.jobmock(time={time!r}, speed=100_000, etiquette="off")
        def test_client(clado_mock):
            job = clado_mock.play({{
                "version": 1, "api": "clado",
                "progression": [{{"status": "pending", "after": {{"polls": 2}}}}, {{"status": "completed"}}],
            }})
            statuses, headers = [], {{"Authorization": f"Bearer {{clado_mock.api_key}}"}}
            with httpx.Client(base_url=clado_mock.url, trust_env=False, headers=headers) as client:
                while "completed" not in statuses:
                    statuses.append(client.get(f"/api/search/deep_research/{{job.id}}").json()["status"])
            assert len(statuses) == 3
        """,
    )
    project.run_apart("-p", "bare").assert_outcomes(passed=1)


def test_virtual_time_is_refused(project: Project) -> None:
    """If virtual time isn't available, a test that uses it fails with a message that names the other modes."""
    project.write("bare.py", BARE)
    project.write("test_sample.py", "def test_client(clado_mock): pass")
    ran = project.run_apart("-p", "bare")
    ran.assert_outcomes(errors=1)
    assert "Mark the test time='manual', time='scaled' or time='real'." in ran.stdout.str()
