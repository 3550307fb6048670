"""Quotes on the wire: in our posts, asked for, consented to, and taken back (FEP-044f)."""

from __future__ import annotations

from html import escape

from dassie.domain.quotes import FOLLOWERS, PUBLIC, SHIFT
from dassie.federation.outbound import terms
from dassie.federation.outbound.terms import AUTHORIZATION_CONTEXT, QUOTE_REQUEST_CONTEXT, Doc, with_context
from dassie.store.outgoing import Parts

_SHOWN = frozenset({"pending", "accepted"})


def fallback(parts: Parts) -> str:
    """A paragraph with the address, for software that knows no quotes; others hide it by its class."""
    if parts.quote is None or parts.quote.state not in _SHOWN:
        return ""
    page = escape(parts.quoted_page)
    return f'<p class="quote-inline">RE: <a href="{page}" rel="nofollow noopener">{page}</a></p>'


def quote_part(parts: Parts) -> Doc:
    """What a post says of its quote. Older software, which asks nobody, is told only while nobody said no."""
    quote = parts.quote
    if quote is None:
        return {}
    if quote.state == "deleted":
        return {"quote": {"type": "Tombstone"}}
    doc: Doc = {"quote": quote.quoted_uri}
    if quote.state in _SHOWN:
        doc |= {"quoteUri": quote.quoted_uri, "_misskey_quote": quote.quoted_uri}
    if quote.state == "accepted" and quote.approval_uri is not None:
        doc["quoteAuthorization"] = quote.approval_uri
    return doc


def policy_part(policy: int, author: str, followers: str) -> Doc:
    """Who may quote. Nobody is said by naming the author alone."""
    at_once = policy >> SHIFT
    allowed = terms.PUBLIC if at_once & PUBLIC else followers if at_once & FOLLOWERS else author
    return {"canQuote": {"automaticApproval": [allowed]}}


def quote_request(uri: str, actor: str, quoted_uri: str, note: Doc) -> Doc:
    """May this post of ours quote that one?"""
    request = {"id": uri, "type": "QuoteRequest", "actor": actor, "object": quoted_uri, "instrument": note}
    return with_context(request, QUOTE_REQUEST_CONTEXT)


def answer(kind: str, actor: str, asker: str, request_uri: str, quoted_uri: str, quoting_uri: str, result: str) -> Doc:
    """`Accept` (then `result` names the authorization) or `Reject` of a QuoteRequest of somebody else."""
    inner = {
        "id": request_uri,
        "type": "QuoteRequest",
        "actor": asker,
        "object": quoted_uri,
        "instrument": quoting_uri,
    }
    doc: Doc = {"id": f"{actor}#{kind.lower()}s/quotes/{request_uri}", "type": kind, "actor": actor, "to": asker}
    doc |= {"object": inner} | ({"result": result} if result else {})
    return with_context(doc, QUOTE_REQUEST_CONTEXT)


def authorization(uri: str, author: str, quoting_uri: str, quoted_uri: str) -> Doc:
    """That an author agrees to be quoted in this post."""
    return with_context(_authorization(uri, author, quoting_uri, quoted_uri), AUTHORIZATION_CONTEXT)


def delete_authorization(uri: str, author: str, quoting_uri: str, quoted_uri: str) -> Doc:
    """That they agree no longer."""
    doc: Doc = {"id": f"{uri}#delete", "type": "Delete", "actor": author, "to": [terms.PUBLIC]}
    return with_context(doc | {"object": _authorization(uri, author, quoting_uri, quoted_uri)}, AUTHORIZATION_CONTEXT)


def _authorization(uri: str, author: str, quoting_uri: str, quoted_uri: str) -> Doc:
    return {
        "id": uri,
        "type": "QuoteAuthorization",
        "attributedTo": author,
        "interactingObject": quoting_uri,
        "interactionTarget": quoted_uri,
    }
