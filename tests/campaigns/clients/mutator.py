"""A mutator of Python sources: it changes one place of a syntax tree, and writes the source again.

The operators: drop a statement, swap two neighbours, change a constant or a sign, and be off by one.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass
from itertools import zip_longest
from random import Random
from typing import Any

SIGNS: dict[type[ast.AST], type[ast.AST]] = {
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div, ast.Div: ast.Mult, ast.Pow: ast.Mult,
    ast.Lt: ast.Gt, ast.Gt: ast.Lt, ast.LtE: ast.GtE, ast.GtE: ast.LtE, ast.Eq: ast.NotEq, ast.NotEq: ast.Eq,
    ast.In: ast.NotIn, ast.NotIn: ast.In, ast.Is: ast.IsNot, ast.IsNot: ast.Is, ast.And: ast.Or, ast.Or: ast.And,
}  # fmt: skip
OFF_BY_ONE: dict[type[ast.AST], type[ast.AST]] = {
    ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt,
}  # fmt: skip
_DROPPED = (ast.Expr, ast.Assign, ast.AugAssign, ast.Return, ast.Raise, ast.If, ast.Continue)


@dataclass(frozen=True, slots=True, kw_only=True)
class Mutation:
    """A source with one change. `kind` names the operator; `before` and `after` are the first line that differs."""

    kind: str
    before: str
    after: str
    source: str

    def __str__(self) -> str:
        return f"{self.kind}: {self.before} -> {self.after}"


def drawn_mutations(source: str, number: int, seed: int) -> list[Mutation]:
    """Draw so many mutations, all different, and as many of each kind as there are."""
    tree = ast.parse(source)
    places = [(index, *change) for index, node in _program_nodes(tree) for change in _changes(node)]
    Random(seed).shuffle(places)
    kinds: dict[str, list[tuple[int, str, Any]]] = {}
    for place in places:
        kinds.setdefault(place[1], []).append(place)
    drawn: dict[str, Mutation] = {ast.unparse(tree): Mutation(kind="", before="", after="", source="")}
    while len(drawn) <= number and any(kinds.values()):
        for kind in sorted(kinds):
            if kinds[kind] and len(drawn) <= number and (mutation := _mutated(tree, *kinds[kind].pop())):
                drawn.setdefault(mutation.source, mutation)
    return [mutation for mutation in drawn.values() if mutation.source]


def _program_nodes(tree: ast.Module) -> list[tuple[int, ast.AST]]:
    """Return the nodes of the program with their numbers, without imports, docstrings, annotations and messages."""
    excluded: set[int] = set()
    for node in ast.walk(tree):
        roots = [node] if isinstance(node, ast.Import | ast.ImportFrom) or _is_docstring(node) else []
        roots += [part for part in (getattr(node, "annotation", None), getattr(node, "returns", None)) if part]
        roots += getattr(node, "decorator_list", [])
        roots += [node.exc] if isinstance(node, ast.Raise) and node.exc else []
        excluded |= {id(part) for root in roots for part in ast.walk(root)}
    return [(index, node) for index, node in enumerate(ast.walk(tree)) if id(node) not in excluded]


Change = tuple[str, Any]


def _changes(node: ast.AST) -> Iterator[Change]:
    """Yield the changes of one node: the operator's kind, and a function that changes the node's copy."""
    yield from _of_bodies(node)
    if isinstance(node, ast.Constant):
        yield from _of_constants(node.value)
    elif isinstance(node, ast.BinOp | ast.BoolOp | ast.AugAssign) and (sign := SIGNS.get(type(node.op))):
        yield "sign", lambda copy: setattr(copy, "op", sign())
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        yield "sign", lambda copy: copy.operand
    elif isinstance(node, ast.If | ast.IfExp | ast.While):
        yield "sign", lambda copy: setattr(copy, "test", ast.UnaryOp(op=ast.Not(), operand=copy.test))
    if isinstance(node, ast.Compare):
        for kind, table in (("sign", SIGNS), ("off by one", OFF_BY_ONE)):
            if other := table.get(type(node.ops[0])):
                yield kind, lambda copy, other=other: setattr(copy, "ops", [other()])
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Sub | ast.Div | ast.Pow):
        yield "swap", lambda copy: _swap(copy, "left", "right")
    if isinstance(node, ast.IfExp):
        yield "swap", lambda copy: _swap(copy, "body", "orelse")
    if isinstance(node, ast.Call) and len(node.args) > 1:
        for place in range(len(node.args) - 1):
            yield "swap", lambda copy, place=place: _swap_items(copy.args, place)
    if isinstance(node, ast.Tuple) and all(isinstance(each, ast.Constant) for each in node.elts):
        for place in range(len(node.elts)):
            yield "drop", lambda copy, place=place: copy.elts.pop(place) and None


def _of_bodies(node: ast.AST) -> Iterator[Change]:
    for name in ("body", "orelse", "handlers"):
        body = getattr(node, name, None)
        if not isinstance(body, list) or isinstance(node, ast.Module | ast.ClassDef):
            continue
        for place, statement in enumerate(body):
            if isinstance(statement, _DROPPED) and not _is_docstring(statement):
                yield "drop", lambda copy, name=name, place=place: _drop(getattr(copy, name), place)
        for place in range(len(body) - 1):
            if not _is_docstring(body[place]):
                yield "swap", lambda copy, name=name, place=place: _swap_items(getattr(copy, name), place)


def _of_constants(value: Any) -> Iterator[Change]:
    """Yield other values of a constant."""
    if isinstance(value, bool):
        yield "constant", lambda copy: setattr(copy, "value", not value)
    elif isinstance(value, int | float):
        for other in (value + 1, value - 1):
            yield "off by one", lambda copy, other=other: setattr(copy, "value", other)
        for other in (0, value * 10, value / 10, -value):
            if other != value:
                yield "constant", lambda copy, other=other: setattr(copy, "value", other)
    elif isinstance(value, str):
        yield "constant", lambda copy: setattr(copy, "value", "" if value else "other")
        if value:
            yield "constant", lambda copy: setattr(copy, "value", f"{value}_")


def _is_docstring(statement: ast.AST) -> bool:
    return isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)


def _drop(body: list[ast.AST], place: int) -> None:
    body[place] = ast.Pass()


def _swap(node: Any, one: str, other: str) -> None:
    first, second = getattr(node, one), getattr(node, other)
    setattr(node, one, second)
    setattr(node, other, first)


def _swap_items(items: list[Any], place: int) -> None:
    items[place], items[place + 1] = items[place + 1], items[place]


def _mutated(tree: ast.Module, index: int, kind: str, change: Any) -> Mutation | None:
    """Return the mutation that a change makes of a copy of the tree; None if it can't be compiled."""
    copy = deepcopy(tree)
    node = list(ast.walk(copy))[index]
    replaced = change(node)
    if isinstance(replaced, ast.AST):
        _Replace(node, replaced).visit(copy)
    source = ast.unparse(ast.fix_missing_locations(copy))
    try:
        compile(source, "<mutant>", "exec")
    except SyntaxError:
        return None
    both = zip_longest(ast.unparse(tree).splitlines(), source.splitlines(), fillvalue="")
    before, after = next(((one, other) for one, other in both if one != other), ("", ""))
    return Mutation(kind=kind, before=before.strip(), after=after.strip(), source=source)


class _Replace(ast.NodeTransformer):
    """Replaces one node."""

    def __init__(self, old: ast.AST, new: ast.AST) -> None:
        self._old, self._new = old, new

    def visit(self, node: ast.AST) -> Any:
        return self._new if node is self._old else super().visit(node)
