"""The terms of one document, from its `@context`; and whether each means there what our plain reading takes it for."""

from __future__ import annotations

import re
from typing import Any

from dassie.federation.signatures.contexts import BUNDLED, FIXED, KNOWN, OWNED, RDF, SCOPED, Table, Term
from dassie.federation.signatures.errors import BadSignature

MAX_CONTEXTS = 16
MAX_TERMS = 300
MAX_TEXT = 300
MAX_STEPS = 10
"""Terms that build on one another: usually two, as `Emoji`, `toot`."""

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]{0,99}\Z")
_IRI = re.compile(r'[A-Za-z][A-Za-z0-9+.-]*:[^\x00-\x20\x7f<>"{}|\\^`]*\Z')
_PREFIX_ENDS = tuple(":/?#[]@")
_ALIASES = {"id": "@id", "type": "@type"}
_PARTS = frozenset({"@id", "@type", "@container"})
_CONTAINERS = {"@set": "", "@list": "@list", "@language": "@language"}
_PLAIN_FIXED: frozenset[str] = frozenset({"alsoKnownAs"})
"""Bundled terms that are also met without their type; a plain string and an id are read alike."""


class Terms:
    """What each term stands for in one document."""

    def __init__(self, context: Any) -> None:
        """Raises `BadSignature` for a context that is unknown, resets others, or does more than define terms."""
        self._table: Table = {}
        self._checked: dict[str, Term] = {}
        self._scoped: dict[str, Table] = {}
        entries = context if type(context) is list else [context]
        if len(entries) > MAX_CONTEXTS:
            raise unsafe("It has too many contexts")
        for entry in entries:
            if type(entry) is str and entry in BUNDLED:
                self._table.update(BUNDLED[entry])
                self._scoped.update(SCOPED.get(entry, {}))
            elif type(entry) is dict and len(entry) <= MAX_TERMS:
                _Inline(self._table, entry).define()
            else:
                raise unsafe("It has a context that we do not know")

    def of(self, name: str, type_iri: str = "") -> Term:
        """The meaning of a term that is used; raises `BadSignature` where it has none, or not the one we read.

        `type_iri` is the type of the object it is used in.
        """
        scoped = self._scoped.get(type_iri)
        if scoped is not None and name in scoped:
            return scoped[name]
        known = self._checked.get(name)
        if known is None:
            known = self._checked[name] = self._check(name)
        return known

    def id(self, value: str) -> str:
        """The IRI for a string that is an id: absolute, or the one short form that is usual."""
        if value == "as:Public" and self._table.get("as") == FIXED["as"]:
            return FIXED["Public"].iri
        scheme, _, rest = value.partition(":")
        if not _IRI.match(value) or (scheme in self._table and not rest.startswith("//")):
            raise unsafe("It has an id that is no full address")
        return value

    def _check(self, name: str) -> Term:
        term = self._table.get(name)
        if term is None:
            raise unsafe("It uses a term that its context does not define", term=name[:100])
        if name in FIXED:
            usual = FIXED[name]
            right = term == usual or (name in _PLAIN_FIXED and term == usual._replace(type=""))
        elif name in KNOWN:
            right = term.iri in KNOWN[name]
        else:
            right = term.iri not in OWNED and not term.iri.startswith(RDF)
        if not right:
            raise unsafe("It gives a term another meaning than the usual one", term=name[:100])
        return term


class _Inline:
    """The terms that a document defines itself; they may build on one another in any order."""

    def __init__(self, table: Table, local: dict[str, Any]) -> None:
        self._table = table
        self._local = local
        self._done: set[str] = set()
        self._open: set[str] = set()

    def define(self) -> None:
        for name in self._local:
            self._define(name)

    def _define(self, name: str) -> None:
        if name in self._done:
            return
        value = self._local[name]
        if name in _ALIASES:
            if value != _ALIASES[name]:
                raise unsafe("It renames a keyword of JSON-LD")
            self._done.add(name)
            return
        if name in self._open or len(self._open) > MAX_STEPS or not _NAME.match(name):
            raise unsafe("Its context defines more than terms")
        self._open.add(name)
        self._table[name] = self._term(value)
        self._open.remove(name)
        self._done.add(name)

    def _term(self, value: Any) -> Term:
        if type(value) is str:
            iri = self._iri(value)
            return Term(iri, prefix=iri.endswith(_PREFIX_ENDS))
        if type(value) is not dict or not _PARTS.issuperset(value) or "@id" not in value:
            raise unsafe("Its context defines more than terms")
        container = value.get("@container", "@set")
        if type(container) is not str or container not in _CONTAINERS:
            raise unsafe("Its context rearranges the document")
        coerced = value.get("@type", "")
        if coerced not in ("", "@id"):
            coerced = self._iri(coerced)
        return Term(self._iri(value["@id"]), coerced, _CONTAINERS[container])

    def _iri(self, value: Any) -> str:
        if type(value) is not str or len(value) > MAX_TEXT:
            raise unsafe("Its context defines more than terms")
        prefix, colon, rest = value.partition(":")
        iri = value
        if colon and not rest.startswith("//"):
            if prefix in self._local:
                self._define(prefix)
            if prefix in self._table:
                if not self._table[prefix].prefix:
                    raise unsafe("Its context uses a term as a prefix")
                iri = self._table[prefix].iri + rest
        if not _IRI.match(iri):
            raise unsafe("Its context has a term without a full address")
        return iri


def unsafe(why: str, **details: Any) -> BadSignature:
    """The error for a document whose signed reading may not be our plain one."""
    return BadSignature("unsafe", f"The document cannot be checked: {why[0].lower()}{why[1:]}", **details)
