"""A system without Unix's own calls, such as Windows: every mode of time works but virtual time."""

from __future__ import annotations

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


def test_a_job_is_polled_to_its_end_or_refused_by_name(project: Project) -> None:
    """A client polls a job to its end over TCP, without a call that only Unix has; virtual time says what there is."""
    project.write("bare.py", BARE)
    project.write(
        "test_sample.py",
        """
        import httpx, pytest

        @pytest.mark.parametrize("time", [
            pytest.param(time, marks=pytest.mark.jobmock(time=time, speed=100_000, etiquette="off"))
            for time in ("manual", "scaled", "real")
        ])
        def test_client(clado_mock, time):
            job = clado_mock.play({
                "version": 1, "api": "clado",
                "progression": [{"status": "pending", "after": {"polls": 2}}, {"status": "completed"}],
            })
            statuses, headers = [], {"Authorization": f"Bearer {clado_mock.api_key}"}
            with httpx.Client(base_url=clado_mock.url, trust_env=False, headers=headers) as client:
                while "completed" not in statuses:
                    statuses.append(client.get(f"/api/search/deep_research/{job.id}").json()["status"])
            assert len(statuses) == 3

        def test_virtual(clado_mock): pass
        """,
    )
    ran = project.run_fresh("-p", "bare")
    ran.assert_outcomes(passed=3, errors=1)
    assert "Mark the test time='manual', time='scaled' or time='real'." in ran.stdout.str()
