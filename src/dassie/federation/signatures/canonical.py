"""Triples in their canonical form (RDFC-1.0, the same as URDNA2015): blank nodes get names that follow from what
is said of them, then the lines are sorted. The work is counted, so that no graph can hold us up.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from hashlib import sha256
from itertools import permutations

from dassie.federation.signatures.errors import BadSignature
from dassie.federation.signatures.triples import Node, Triple

MAX_WORK = 3_000
"""Steps in telling alike nodes apart: some 5 ms. A poll with twenty options takes about a hundred."""
MAX_DEPTH = 50


def canonical(triples: Iterable[Triple]) -> str:
    """The canonical N-Quads; raises `BadSignature` where telling blank nodes apart would take too long."""
    found = list(triples)
    names = _Canonical(found).names
    return "".join(sorted(_line(triple, names) for triple in found))


def digest(triples: Iterable[Triple]) -> str:
    """SHA-256 of the canonical form, in hex."""
    return _hash(canonical(triples))


class _Names:
    """Names given in order, each node one."""

    def __init__(self, prefix: str, given: dict[int, str] | None = None) -> None:
        self.prefix = prefix
        self.given = given if given is not None else {}

    def give(self, node: int) -> str:
        name = self.given.get(node)
        if name is None:
            name = self.given[node] = f"{self.prefix}{len(self.given)}"
        return name

    def copy(self) -> _Names:
        return _Names(self.prefix, self.given.copy())


class _Canonical:
    """Names for the blank nodes of one graph (RDFC-1.0 section 4.4)."""

    def __init__(self, triples: list[Triple]) -> None:
        self._told_of: defaultdict[int, list[Triple]] = defaultdict(list)
        for triple in triples:
            for node in {triple[0], triple[2]}:
                if type(node) is int:
                    self._told_of[node].append(triple)
        self._work = 0
        self._names = _Names("_:c14n")
        self._first = {node: self._alone(node) for node in self._told_of}
        alike: defaultdict[str, list[int]] = defaultdict(list)
        for node, mark in self._first.items():
            alike[mark].append(node)
        for _, nodes in sorted(alike.items()):
            if len(nodes) == 1:
                self._names.give(nodes[0])
        for _, nodes in sorted(alike.items()):
            if len(nodes) > 1:
                self._tell_apart(nodes)
        self.names = self._names.given

    def _alone(self, node: int) -> str:
        """The mark of a node by what is said of it itself (section 4.6)."""
        lines = []
        for subject, predicate, value in self._told_of[node]:
            left = subject if type(subject) is str else "_:a" if subject == node else "_:z"
            right = value if type(value) is str else "_:a" if value == node else "_:z"
            lines.append(f"{left} {predicate} {right} .\n")
        return _hash("".join(sorted(lines)))

    def _tell_apart(self, nodes: list[int]) -> None:
        paths: list[tuple[str, _Names]] = []
        for node in nodes:
            if node in self._names.given:
                continue
            names = _Names("_:b")
            names.give(node)
            paths.append(self._around(node, names, 0))
        for _, names in sorted(paths, key=lambda path: path[0]):
            for node in names.given:
                self._names.give(node)

    def _around(self, node: int, names: _Names, depth: int) -> tuple[str, _Names]:
        """The mark of a node by the blank nodes around it, and the names given on the way (section 4.8)."""
        if depth > MAX_DEPTH:
            raise _too_complex()
        data = []
        for mark, others in sorted(self._neighbours(node, names).items()):
            best, chosen = "", names
            for order in permutations(others):
                path, given = self._walk(order, names.copy(), best, depth)
                if path and (not best or path < best):
                    best, chosen = path, given
            data += [mark, best]
            names = chosen
        return _hash("".join(data)), names

    def _neighbours(self, node: int, names: _Names) -> dict[str, list[int]]:
        found: defaultdict[str, list[int]] = defaultdict(list)
        self._count(len(self._told_of[node]))
        for subject, predicate, value in self._told_of[node]:
            for place, other in (("s", subject), ("o", value)):
                if type(other) is int and other != node:
                    name = self._names.given.get(other) or names.given.get(other) or self._first[other]
                    found[_hash(f"{place}{predicate}{name}")].append(other)
        return found

    def _walk(self, order: tuple[int, ...], names: _Names, best: str, depth: int) -> tuple[str, _Names]:
        """The path over the nodes in this order; empty as soon as it is longer or later than the best."""
        path, further = "", []
        self._count(len(names.given))  # they were copied
        for node in order:
            self._count(1)
            known = self._names.given.get(node)
            if known is None and node not in names.given:
                further.append(node)
            path += known or names.give(node)
            if _worse(path, best):
                return "", names
        for node in further:
            mark, names_there = self._around(node, names, depth + 1)
            path += f"{names.give(node)}<{mark}>"
            names = names_there
            if _worse(path, best):
                return "", names
        return path, names

    def _count(self, steps: int) -> None:
        self._work += steps
        if self._work > MAX_WORK:
            raise _too_complex()


def _worse(path: str, best: str) -> bool:
    return bool(best) and len(path) >= len(best) and path > best


def _line(triple: Triple, names: dict[int, str]) -> str:
    subject, predicate, value = triple
    return f"{_written(subject, names)} {predicate} {_written(value, names)} .\n"


def _written(node: Node, names: dict[int, str]) -> str:
    return node if type(node) is str else names[node]  # type: ignore[index]


def _hash(text: str) -> str:
    return sha256(text.encode()).hexdigest()


def _too_complex() -> BadSignature:
    return BadSignature("too_complex", "The document has too many parts that look the same")
