"""The sections that jobmock adds to the report of a failed test."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from jobmock.client_reports.activity import ClientActivity, KeyActivity
from jobmock.client_reports.artifacts import file_stem, write
from jobmock.client_reports.story import story
from jobmock.etiquette import Verdict
from jobmock.redaction import redact

if TYPE_CHECKING:
    from ..mocks.mock import Mock


class FailureSections:
    """The story of one test and the paths of its artifacts."""

    def __init__(self, mocks: Mapping[str, Mock], artifacts: Path | None) -> None:
        self._mocks, self._artifacts, self._story = mocks, artifacts, ""

    def freeze(self) -> None:
        """Keep the story as it is now: requests after this moment are not the client's own doing."""
        self._story = mocks_story(self._shown())

    def add_to(self, report: pytest.TestReport, nodeid: str) -> None:
        """Add the sections to a report, above captured output. An error in this must not hide why the test failed."""
        mocks = self._shown()
        sections: list[tuple[str, str]] = []
        if not mocks:
            return
        try:
            sections.append(("jobmock", self._story or mocks_story(mocks)))
            if self._artifacts:
                sections += [("jobmock artifact", str(path)) for path in write_mocks(self._artifacts, nodeid, mocks)]
        except Exception as error:
            text = f"The story of this test can't be written: {type(error).__name__}: {error}"
            sections.append(("jobmock", redact(text)))
        report.sections[:0] = sections

    def _shown(self) -> list[Mock]:
        return [mock for mock in self._mocks.values() if not mock.live]


def mocks_story(mocks: Sequence[Mock]) -> str:
    """Return the story of a test's mocks."""
    return story([_activity(mock) for mock in mocks], all_findings="verify() lists everything")


def write_mocks(folder: Path, nodeid: str, mocks: Sequence[Mock]) -> Iterator[Path]:
    """Write the artifacts of a test's mocks into a folder, and yield their paths."""
    for mock in mocks:
        keys = mock.keys()
        picture = partial(_picture, nodeid, mock, keys) if keys else None
        yield from write(folder, f"{file_stem(nodeid)}-{mock.api}", mock.write_traffic, picture, mock.played())


def _picture(nodeid: str, mock: Mock, keys: Sequence[KeyActivity]) -> str:
    """Return the page about what the client of a mock did with its keys."""
    from jobmock.timelines.client_page import client_page

    return client_page(nodeid, [_activity(mock, keys)])


def _activity(mock: Mock, keys: Sequence[KeyActivity] = ()) -> ClientActivity:
    return ClientActivity(
        api=mock.api, journal=mock.journal, dropped=mock.dropped, titles=mock.titles(),
        verdict=Verdict(findings=mock.findings(), not_judged={}), started_at=mock.started_at,
        elapsed=mock.clock.elapsed, keys=keys,
    )  # fmt: skip
