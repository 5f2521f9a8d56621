"""The operations of an OpenAPI document: paths with the server's own, JSON bodies, answers and security."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from urllib.parse import urlsplit

from ..json_pointer import escape
from .job_links import example_paths, link_targets
from .media_examples import examples_beside
from .references import References

_METHODS = ("get", "put", "post", "delete", "patch")
_JSON = re.compile(r"application/([\w.-]+\+)?json\b|\*/\*")
_PATH = re.compile(r"(/({}|[A-Za-z0-9._~!$&'()*+,;=:@-]*))+")
"""A path whose parameters have no names."""
_PARAMETER = re.compile(r"\{[^{}]+\}")
JOB_HEADERS = ("operation-location", "location", "content-location")
"""The headers that may have the URL of a job."""
_RANGES = {"2XX": 200, "4XX": 400, "5XX": 500}
"""What stands for a range of HTTP statuses, in place of one."""


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer of an operation: where its JSON Schema is, None without one, and what else the document says."""

    pointer: str | None
    text: str
    has_content: bool
    job_header: str | None
    """The header with the URL of a job, in lower case."""
    examples: tuple[Any, ...]
    """The bodies that the document has as examples beside the schema."""
    links: tuple[str, ...]
    """The operations that its links name, each by `operationId` or place in the document."""
    job_paths: tuple[str, ...]
    """The paths in the examples of the header with the URL of a job."""


@dataclass(frozen=True)
class DocumentOperation:
    """One operation. `pointer` is its place in the document, where it has the path `written_path`."""

    references: References
    method: str
    path: str
    written_path: str
    pointer: str

    @property
    def title(self) -> str:
        """Method and path, as a user names the operation."""
        return f"{self.method} {self.path}"

    @property
    def segments(self) -> list[str]:
        """The parts of the path. A parameter has no name in it: `{}`."""
        return segments_of(self.path)

    @property
    def is_servable(self) -> bool:
        """Whether the path is one, and each parameter in it is a whole segment."""
        return bool(_PATH.fullmatch("/".join(self.segments)))

    @property
    def node(self) -> Mapping[str, Any]:
        """What the document says about it."""
        found: Mapping[str, Any] = self.references.at(self.pointer)
        return found

    @cached_property
    def replies(self) -> Mapping[int, Reply]:
        """HTTP status → answer. `default` is 0."""
        found, place = {}, f"{self.pointer}/responses"
        for key in _mapping(self.node.get("responses")):
            status = _RANGES.get(key.upper(), 0 if key == "default" else int(key) if key.isdecimal() else None)
            if status is not None:
                at = self.references.resolved(f"{place}/{escape(key)}")
                found[status] = self._reply(at)
        return found

    def _reply(self, place: str) -> Reply:
        node = _mapping(self.references.at(place))
        headers = [name.lower() for name in _mapping(node.get("headers"))]
        header = next((name for name in JOB_HEADERS if name in headers), None)
        text = " ".join(str(node.get("description") or "").split())
        pointer = self._json_schema(place)
        return Reply(
            pointer, text, bool(node.get("content")), header, examples_beside(self.references, pointer),
            link_targets(self.references, place), example_paths(self.references, place, header),
        )  # fmt: skip

    @property
    def answers(self) -> Mapping[int, str | None]:
        """HTTP status → the place of the schema, or None without a body, of each success that can be served."""
        return {
            status: reply.pointer for status, reply in self.replies.items()
            if 200 <= status < 300 and (reply.pointer or not reply.has_content)
        }  # fmt: skip

    @property
    def successes(self) -> Mapping[int, str]:
        """HTTP status → the place of the schema, of each success with a JSON body."""
        return {status: pointer for status, pointer in self.answers.items() if pointer}

    @property
    def request(self) -> str | None:
        """Where the JSON Schema of the request's body is, None if there is none."""
        place = f"{self.pointer}/requestBody"
        return self._json_schema(self.references.resolved(place)) if "requestBody" in self.node else None

    def leads_to(self, other: DocumentOperation) -> bool:
        """Return whether a success of this operation has a link to another one, or its URL as an example."""
        successes = [reply for status, reply in self.replies.items() if 200 <= status < 300]
        links = {link for reply in successes for link in reply.links}
        paths = [path.split("/") for reply in successes for path in reply.job_paths]
        return bool(links & {other.node.get("operationId"), other.pointer}) or any(
            len(path) == len(pattern) and all(part in ("{}", own) for part, own in zip(pattern, path, strict=True))
            for path in paths for pattern in (other.segments, segments_of(other.written_path))
        )  # fmt: skip

    @property
    def request_examples(self) -> tuple[Any, ...]:
        """The bodies of requests that the document has as examples beside the schema."""
        return examples_beside(self.references, self.request)

    def _json_schema(self, place: str) -> str | None:
        """Return the place of the schema of the JSON that a body or an answer has."""
        for kind, content in _mapping(_mapping(self.references.at(place)).get("content")).items():
            if _JSON.match(kind) and isinstance(content, Mapping) and "schema" in content:
                return f"{place}/content/{escape(kind)}/schema"
        return None


def segments_of(path: str) -> list[str]:
    """Return the parts of a path, in which a parameter has no name."""
    return ["{}" if _PARAMETER.fullmatch(part) else part for part in path.split("/")]


def operations_of(references: References) -> list[DocumentOperation]:
    """Return all operations of a document, in its order."""
    return [*_operations(references)]


def _operations(references: References) -> Iterator[DocumentOperation]:
    base = urlsplit(server_url(references)).path.rstrip("/")
    for path in references.data["paths"]:
        place = references.resolved(f"/paths/{escape(path)}")
        for method in _mapping(references.at(place)):
            if method in _METHODS and isinstance(references.at(f"{place}/{method}"), Mapping):
                yield DocumentOperation(references, method.upper(), f"{base}{path}", path, f"{place}/{method}")


def server_url(references: References) -> str:
    """Return the URL of the first server, with the defaults of its variables; empty if there is none."""
    servers = references.data.get("servers")
    server = _mapping(servers[0]) if isinstance(servers, list) and servers else {}
    url = server["url"] if isinstance(server.get("url"), str) else ""
    for name, variable in _mapping(server.get("variables")).items():
        url = url.replace(f"{{{name}}}", str(_mapping(variable).get("default", "")))
    return url


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
