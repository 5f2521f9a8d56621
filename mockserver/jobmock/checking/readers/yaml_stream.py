"""Reads a YAML text as a stream: one value after another, each within limits that its length can't exceed for long."""

from __future__ import annotations

from collections import deque
from typing import IO, Any

import yaml
from yaml.composer import Composer
from yaml.constructor import SafeConstructor
from yaml.resolver import Resolver

ENDED = "It ends before a list of interactions"
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


class _Budget:
    """Counts the values that are read. Raises ValueError above a limit."""

    def __init__(self) -> None:
        self.values = self._anchored = self._anchored_text = self._depth = self._anchor_depth = 0

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
            raise ValueError(f"A part of it has more than {MAX_VALUES} values")
        if self._anchored > MAX_ANCHORED:
            raise ValueError(f"It has more than {MAX_ANCHORED} values with anchors")
        if self._anchored_text > MAX_ANCHORED_TEXT:
            raise ValueError(f"Its values with anchors have more than {MAX_ANCHORED_TEXT} characters")
        if self._depth > MAX_DEPTH:
            raise ValueError(f"It is nested deeper than {MAX_DEPTH} levels")


class YamlStream(Composer, SafeConstructor, Resolver):
    """Makes one value after another of a parser's events. Anchors are kept from one to the next."""

    def __init__(self, file: IO[str]) -> None:
        Composer.__init__(self)
        SafeConstructor.__init__(self)
        Resolver.__init__(self)
        self._events = yaml.parse(file, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
        self._ahead, self._budget = deque[yaml.Event](), _Budget()

    def peek_event(self) -> yaml.Event:
        if not self._ahead:
            event = next(self._events, None)
            if event is None:
                raise ValueError(ENDED)
            self._ahead.append(event)
        return self._ahead[0]

    def get_event(self) -> yaml.Event:
        self._budget.count(self.peek_event())
        return self._ahead.popleft()

    def check_event(self, *kinds: type[yaml.Event]) -> bool:
        return isinstance(self.peek_event(), kinds)

    def value(self) -> Any:
        """Return the value that begins at the next event. Raises ValueError and YAMLError."""
        self._budget.values = 0
        return self.construct_document(self.compose_node(None, 0))

    def resolve(self, kind: Any, value: Any, implicit: Any) -> Any:
        """Return the tag of a node. A long scalar is text: regular expressions would take 60 times its memory."""
        if kind is yaml.ScalarNode and implicit[0] and len(value) > _LONGEST_WORD:
            implicit = (False, True)
        return super().resolve(kind, value, implicit)  # type: ignore[no-untyped-call]

    def flatten_mapping(self, node: Any) -> None:
        """Refuse merge keys: a few of them can make a mapping of billions."""
        if any(key.tag == _MERGE for key, _ in node.value):
            raise ValueError("It has a merge key ('<<')")
        super().flatten_mapping(node)


def _short_int(stream: YamlStream, node: Any) -> Any:
    """Return a whole number. A long one with colons, in base 60, would take a time that grows with its square."""
    if len(node.value) > _LONGEST_WORD:
        raise ValueError(f"A whole number has more than {_LONGEST_WORD} digits")
    return stream.construct_yaml_int(node)


YamlStream.add_constructor(_INT, _short_int)  # type: ignore[type-var]
