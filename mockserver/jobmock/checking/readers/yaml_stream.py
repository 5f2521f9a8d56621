"""Reads a YAML text as a stream: one value after another, each within limits that its length can't exceed for long."""

from __future__ import annotations

from base64 import b64decode
from collections import deque
from typing import Any

import yaml
from yaml.composer import Composer
from yaml.constructor import SafeConstructor
from yaml.resolver import Resolver

from ..exchange import OddEntry
from .json_stream import Text

ENDED = "it ends before a list of interactions"
MAX_VALUES = 50_000
"""How many values one value may have inside it."""
MAX_ANCHORED = 20_000
"""How many values with an anchor, or inside one with an anchor, are kept for aliases."""
MAX_ANCHORED_TEXT = 1 << 16
"""How many characters those values have together: each alias repeats them."""
MAX_DEPTH = 64
_LONGEST_WORD = 100
"""How long a number, a date or another word is at most that isn't text."""
_INT, _MERGE = "tag:yaml.org,2002:int", "tag:yaml.org,2002:merge"
_TIMESTAMP = "tag:yaml.org,2002:timestamp"


class _Budget:
    """Counts the values that are read. Raises OddEntry above a limit."""

    def __init__(self) -> None:
        self.values = self._anchored = self._anchored_text = self._depth = self._anchor_depth = 0

    def begin(self) -> None:
        """Begin another value."""
        self.values = self._depth = self._anchor_depth = 0

    def count(self, event: yaml.Event) -> None:
        """Count an event that is read."""
        if isinstance(event, yaml.CollectionEndEvent):
            self._depth -= 1
            if self._depth < self._anchor_depth:
                self._anchor_depth = 0
        elif isinstance(event, yaml.NodeEvent):
            self._count_value(event)

    def _count_value(self, event: yaml.NodeEvent) -> None:
        begins = isinstance(event, yaml.CollectionStartEvent)
        has_anchor = event.anchor is not None and not isinstance(event, yaml.AliasEvent)
        self.values += 1
        self._depth += begins
        if has_anchor and begins and not self._anchor_depth:
            self._anchor_depth = self._depth
        if has_anchor or self._anchor_depth:
            self._anchored += 1
            self._anchored_text += len(event.value) if isinstance(event, yaml.ScalarEvent) else 0
        if self.values > MAX_VALUES:
            raise OddEntry(f"a part of it has more than {MAX_VALUES} values")
        if self._anchored > MAX_ANCHORED:
            raise OddEntry(f"it has more than {MAX_ANCHORED} values with anchors")
        if self._anchored_text > MAX_ANCHORED_TEXT:
            raise OddEntry(f"its values with anchors have more than {MAX_ANCHORED_TEXT} characters")
        if self._depth > MAX_DEPTH:
            raise OddEntry(f"it is nested deeper than {MAX_DEPTH} levels")


class YamlStream(Composer, SafeConstructor, Resolver):
    """Makes one value after another of a parser's events. Anchors are kept from one to the next."""

    def __init__(self, file: Text) -> None:
        Composer.__init__(self)
        SafeConstructor.__init__(self)
        Resolver.__init__(self)
        self._events = yaml.parse(file, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
        self._ahead, self._budget = deque[yaml.Event](), _Budget()

    def continue_from(self, before: YamlStream) -> None:
        """Take over the anchors and the budget of a stream that read the same file before."""
        self.anchors, self._budget = before.anchors, before._budget

    def peek_event(self) -> yaml.Event:
        if not self._ahead:
            event = next(self._events, None)
            if event is None:
                raise OddEntry(ENDED)
            self._ahead.append(event)
        return self._ahead[0]

    def get_event(self) -> yaml.Event:
        self._budget.count(self.peek_event())
        return self._ahead.popleft()

    def check_event(self, *kinds: type[yaml.Event]) -> bool:
        return isinstance(self.peek_event(), kinds)

    def node(self) -> Any:
        """Return the node of the value that begins at the next event. Raises OddEntry and YAMLError."""
        self._budget.begin()
        return self.compose_node(None, 0)

    def construct(self, node: Any) -> Any:
        """Return the value of a node. Raises OddEntry, YAMLError and their like, and forgets the value then."""
        try:
            return self.construct_document(node)
        except Exception:
            self.constructed_objects, self.recursive_objects, self.state_generators = {}, {}, []
            self.deep_construct = False
            raise

    def value(self) -> Any:
        """Return the value that begins at the next event. Raises OddEntry, YAMLError and their like."""
        return self.construct(self.node())

    def resolve(self, kind: Any, value: Any, implicit: Any) -> Any:
        """Return the tag of a node. A long scalar is text: regular expressions would take 60 times its memory."""
        if kind is yaml.ScalarNode and implicit[0] and len(value) > _LONGEST_WORD:
            implicit = (False, True)
        return super().resolve(kind, value, implicit)  # type: ignore[no-untyped-call]

    def flatten_mapping(self, node: Any) -> None:
        """Refuse merge keys: a few of them can make a mapping of billions."""
        if any(key.tag == _MERGE for key, _ in node.value):
            raise OddEntry("it has a merge key ('<<')")
        super().flatten_mapping(node)


def _short_int(stream: YamlStream, node: Any) -> Any:
    """Return a whole number. A long one with colons, in base 60, would take a time that grows with its square."""
    if len(node.value) > _LONGEST_WORD:
        raise OddEntry(f"a whole number has more than {_LONGEST_WORD} digits")
    return stream.construct_yaml_int(node)


def _binary(stream: YamlStream, node: Any) -> bytes:
    """Return bytes. Ruby writes `!binary`, which isn't YAML's own tag."""
    return b64decode(str(stream.construct_scalar(node)))


def _timestamp(stream: YamlStream, node: Any) -> Any:
    """Return a time, or the text of what has only the form of one."""
    try:
        return stream.construct_yaml_timestamp(node)
    except (ValueError, OverflowError):
        return node.value


def _untagged(stream: YamlStream, node: Any) -> Any:
    """Return the value of a node with the tag of a language, without it. No object of that language is made."""
    if isinstance(node, yaml.MappingNode):
        return stream.construct_mapping(node, deep=True)
    if isinstance(node, yaml.SequenceNode):
        return stream.construct_sequence(node, deep=True)
    return stream.construct_scalar(node)


_CONSTRUCTORS = {_INT: _short_int, _TIMESTAMP: _timestamp, "!binary": _binary, None: _untagged}
for _tag, _constructor in _CONSTRUCTORS.items():
    YamlStream.add_constructor(_tag, _constructor)  # type: ignore[type-var]
