"""The same canonical form by another program (PyLD), to compare ours with. Its contexts are made of our tables."""

from __future__ import annotations

from typing import Any

from pyld import jsonld  # type: ignore[import-untyped]

from dassie.federation.signatures.contexts import BUNDLED, Term


def canonical_by_pyld(doc: dict[str, Any]) -> str:
    """Canonical N-Quads of a document."""
    options = {"algorithm": "URDNA2015", "format": "application/n-quads", "documentLoader": _load}
    return str(jsonld.normalize(doc, options))


def canonical_quads_by_pyld(lines: str) -> str:
    """Canonical N-Quads of N-Quads."""
    form = "application/n-quads"
    return str(jsonld.normalize(lines, {"algorithm": "URDNA2015", "format": form, "inputFormat": form}))


def _load(url: str, _options: object = None) -> dict[str, Any]:
    terms: dict[str, Any] = {name: _definition(term) for name, term in BUNDLED[url].items()}
    context = {"@vocab": "_:", "id": "@id", "type": "@type", **terms}
    return {
        "contentType": "application/ld+json",
        "contextUrl": None,
        "documentUrl": url,
        "document": {"@context": context},
    }


def _definition(term: Term) -> Any:
    if not term.type and not term.container:
        return term.iri
    parts = {"@id": term.iri, "@type": term.type, "@container": term.container}
    return {name: value for name, value in parts.items() if value}
