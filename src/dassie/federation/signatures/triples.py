"""A document as RDF triples, in the narrow part of JSON-LD in which the triples allow just one plain reading.

A signature covers the triples; everything else here reads the JSON. So that nobody between can turn the one into
a different other: every property is signed, every term means the usual (`terms`), there are no explicit blank
nodes, and each thing is described in exactly one place, to which nothing but its description can lead. Only the
order within `contexts.MANY` stays open.
"""

from __future__ import annotations

import math
import re
from typing import Any

from dassie.federation.signatures.contexts import (
    COUNT,
    FIXED,
    FLOAT,
    KNOWN,
    MANY,
    MOMENT,
    ONLY_IDS,
    RDF,
    XSD,
    Term,
)
from dassie.federation.signatures.errors import BadSignature
from dassie.federation.signatures.terms import Terms, unsafe

MAX_TRIPLES = 1_000
"""A post with a poll, mentions and pictures has about 200."""
MAX_TEXT = 100_000
"""Characters in all texts together; a long article, twice, has less."""
MAX_DEPTH = 32

Node = str | int
"""An IRI or literal as N-Quads write it, or the number of a blank node."""
Triple = tuple[Node, str, Node]

_TYPE, _FIRST, _REST, _NIL = (f"<{RDF}{name}>" for name in ("type", "first", "rest", "nil"))
_LANGUAGE = re.compile(r"[A-Za-z]{1,8}(?:-[A-Za-z0-9]{1,8})*\Z")
_ALWAYS = (("\\", "\\\\"), ('"', '\\"'), ("\n", "\\n"), ("\r", "\\r"))
_CONTROLS = (
    ("\b", "\\b"),
    ("\t", "\\t"),
    ("\f", "\\f"),
    *((chr(code), f"\\u{code:04X}") for code in (*range(8), 11, *range(14, 32), 127)),
)
_HAS_CONTROLS = re.compile(r"[\x00-\x09\x0b\x0c\x0e-\x1f\x7f]")
_STRINGS = frozenset({MOMENT, f"{XSD}duration"})
_NUMBERS = frozenset({COUNT, FLOAT})
_TOO_BIG = 10**21


class Triples:
    """The triples of one document. Raises `BadSignature` when built of what cannot be read in one way only.

    `old` writes control characters as they are (URDNA2015) and not escaped (RDFC-1.0); `lower` writes languages in
    lower case: software differs in both, and `controls` and `languages` tell whether this document shows it.
    """

    def __init__(self, doc: dict[str, Any], *, old: bool = False, lower: bool = False) -> None:
        self.found: set[Triple] = set()
        self.controls = self.languages = False
        self._old = old
        self._lower = lower
        self._terms = Terms(doc.get("@context"))
        self._blank = 0
        self._text = 0
        self._described: set[Node] = set()
        self._led_to: dict[Node, int] = {}
        root = self._node({name: value for name, value in doc.items() if name != "@context"}, MAX_DEPTH)
        self._check_places(root)

    def _check_places(self, root: Node) -> None:
        """Each thing is described once, where the only link to it is that may hold a description."""
        for node in self._described:
            if self._led_to.get(node, 0) != (0 if node == root else 1):
                raise unsafe("It speaks of the same thing in several places")

    def _node(self, value: dict[str, Any], depth: int) -> Node:
        if depth == 0:
            raise BadSignature("too_complex", "The document is nested too deeply")
        node = self._name(value)
        if len(value) > 1 and type(node) is str:
            if node in self._described:
                raise unsafe("It describes the same thing twice")
            self._described.add(node)
        type_iri = self._type(node, value.get("type"))
        for name, child in value.items():
            if name not in ("id", "type"):
                self._property(node, name, child, self._terms.of(name, type_iri), depth)
        return node

    def _name(self, value: dict[str, Any]) -> Node:
        if "id" not in value:
            self._blank += 1
            return self._blank
        if type(value["id"]) is not str:
            raise unsafe("It has an id that is no text")
        return f"<{self._terms.id(value['id'])}>"

    def _type(self, node: Node, value: Any) -> str:
        """The type's IRI; empty for none."""
        if type(value) is list and len(value) <= 1:
            value = value[0] if value else None
        if value is None:
            return ""
        if type(value) is not str:
            raise unsafe("It has several types in one")
        iri = self._terms.of(value).iri
        self._add(node, _TYPE, f"<{iri}>")
        return iri

    def _property(self, node: Node, name: str, value: Any, term: Term, depth: int) -> None:
        if value is None:
            return
        predicate = f"<{term.iri}>"
        if term.container == "@language":
            self._translations(node, predicate, value)
            return
        values = value if type(value) is list else [value]
        if len(values) > 1 and name not in MANY and (name in FIXED or name in KNOWN):
            raise unsafe("It has several values where one is read", term=name)
        if term.container == "@list":
            self._list(node, name, values, term, depth)
            return
        for one in values:
            self._add(node, predicate, self._value(node, name, one, term, depth))

    def _list(self, node: Node, name: str, values: list[Any], term: Term, depth: int) -> None:
        subject, predicate = node, f"<{term.iri}>"
        for one in values:
            self._blank += 1
            cell = self._blank
            self._add(subject, predicate, cell)
            self._add(cell, _FIRST, self._value(node, name, one, term, depth))
            subject, predicate = cell, _REST
        self._add(subject, predicate, _NIL)

    def _value(self, node: Node, name: str, value: Any, term: Term, depth: int) -> Node:
        if type(value) is dict:
            if name in ONLY_IDS:
                raise unsafe("It describes a thing where only its name belongs", term=name)
            inner = self._node(value, depth - 1)
            self._led_to[inner] = self._led_to.get(inner, 0) + 1
            return inner
        if term.type == "@id":
            if type(value) is not str:
                raise unsafe("It has an id that is no text", term=name)
            iri = f"<{self._terms.id(value)}>"
            if name not in ONLY_IDS and iri != node:
                self._led_to[iri] = self._led_to.get(iri, 0) + 1
            return iri
        return self._literal(value, term.type)

    def _literal(self, value: Any, type_iri: str) -> str:
        if type(value) is str:
            if type_iri in _NUMBERS:
                raise unsafe("It has a text in place of a number")
            return f"{self._quoted(value)}^^<{type_iri}>" if type_iri else self._quoted(value)
        if type_iri in _STRINGS:
            raise unsafe("It has no text where one is read")
        if type(value) is bool:
            return f'"{"true" if value else "false"}"^^<{type_iri or f"{XSD}boolean"}>'
        if type(value) is int or type(value) is float:
            return _number(value, type_iri)
        raise unsafe("It has a list in a list, or an empty value in one")

    def _translations(self, node: Node, predicate: str, value: Any) -> None:
        if type(value) is not dict:
            raise unsafe("Its translations are no map")
        for language, words in value.items():
            if type(words) is not str or not _LANGUAGE.match(language):
                raise unsafe("Its translations are not texts by language")
            self.languages = self.languages or language != language.lower()
            self._add(node, predicate, f"{self._quoted(words)}@{language.lower() if self._lower else language}")

    def _quoted(self, value: str) -> str:
        self._text += len(value)
        if self._text > MAX_TEXT:
            raise BadSignature("too_complex", "The document has too much text")
        for char, escaped in _ALWAYS:
            value = value.replace(char, escaped)
        if _HAS_CONTROLS.search(value):
            self.controls = True
            for char, escaped in () if self._old else _CONTROLS:
                value = value.replace(char, escaped)
        return f'"{value}"'

    def _add(self, subject: Node, predicate: str, value: Node) -> None:
        self.found.add((subject, predicate, value))
        if len(self.found) > MAX_TRIPLES:
            raise BadSignature("too_complex", "The document has too many parts")


def _number(value: int | float, type_iri: str) -> str:
    """A number as RDF writes it (JSON-LD 1.1 API section 8.2.2): whole ones as integers, others as `1.5E0`."""
    if type(value) is float and not math.isfinite(value):
        raise unsafe("It has a number that is none")
    if value == int(value) and abs(value) < _TOO_BIG and type_iri != f"{XSD}double":
        return f'"{int(value)}"^^<{type_iri or f"{XSD}integer"}>'
    digits, _, exponent = f"{float(value):.15E}".partition("E")
    whole, _, part = digits.partition(".")
    return f'"{whole}.{part.rstrip("0") or "0"}E{int(exponent)}"^^<{type_iri or f"{XSD}double"}>'
