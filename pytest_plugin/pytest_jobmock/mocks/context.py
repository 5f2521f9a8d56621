"""What a mock may use of its test's session."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping

    from jobmock.clock import Clock
    from jobmock.etiquette import RuleSettings
    from jobmock.server.shared_time.shared_time import SharedTime

    from ..marker import MarkerArguments
    from ..options import Options
    from ..time_limits.deadline import Deadline
    from .remote_clock import RemoteClock
    from .server import MockServer


class MockContext(Protocol):
    """The session of a test, as its mocks see it."""

    options: Options
    arguments: MarkerArguments
    """The arguments of the test's markers."""
    server: MockServer
    clock: Clock
    """The clock of mocks in this process."""
    remote_clock: RemoteClock
    """The clock of mocks on a running server."""
    deadline: Deadline
    rule_settings: RuleSettings
    """How the rules of etiquette are judged."""
    ports: set[int]
    """The ports on which mocks listen."""
    stack: ExitStack
    """Closed at the test's end."""

    @property
    def coverage(self) -> object | None:
        """The plugin that counts what clients meet of the APIs, if the run does that."""

    @property
    def started_at(self) -> int:
        """The reading at which the clock started, in nanoseconds."""

    @property
    def virtual(self) -> bool:
        """Whether the client's own time is virtual."""

    def replay_start(self, scenario: object) -> int | None:
        """Return where the clock started when this counterexample was saved; None if the scenario is not one."""

    @property
    def shared_time(self) -> SharedTime:
        """The clock of mocks in this process, as child processes share it."""

    def child_variables(self, mock: Any) -> Mapping[str, str]:
        """Return the variables that bring a child process into the test's virtual time."""

    def check_client(self, connection: object) -> None:
        """Stop a client that has run for too long. Called at each request, with its connection."""
