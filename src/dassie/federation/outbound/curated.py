"""Collections of recommended accounts as documents, and what is said about them (FEP-7aa9)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dassie.domain.collections import policy_of
from dassie.domain.html import escape_text
from dassie.domain.ids import to_ms
from dassie.domain.text import normalise_tag
from dassie.domain.urls import Urls
from dassie.federation.outbound.terms import AS, PUBLIC, Doc, stamp, with_context
from dassie.store.collections import Collection, Item
from dassie.store.views import AccountView

_FEP = "https://w3id.org/fep/7aa9#"
_GTS = {"gts": "https://gotosocial.org/ns#"}
AUTHORIZATION_TERMS: Doc = {
    **_GTS,
    "FeatureAuthorization": f"{_FEP}FeatureAuthorization",
    "interactingObject": {"@id": "gts:interactingObject", "@type": "@id"},
    "interactionTarget": {"@id": "gts:interactionTarget", "@type": "@id"},
}
CURATED_CONTEXT: list[Any] = [
    AS,
    {
        "toot": "http://joinmastodon.org/ns#",
        "Hashtag": "as:Hashtag",
        "sensitive": "as:sensitive",
        "discoverable": "toot:discoverable",
        "FeaturedCollection": f"{_FEP}FeaturedCollection",
        "FeaturedItem": f"{_FEP}FeaturedItem",
        "topic": {"@id": f"{_FEP}topic", "@type": "@id"},
        "featuredObject": {"@id": f"{_FEP}featuredObject", "@type": "@id"},
        "featuredObjectType": {"@id": f"{_FEP}featuredObjectType", "@type": "@vocab"},
        "featureAuthorization": {"@id": f"{_FEP}featureAuthorization", "@type": "@id"},
    },
]
AUTHORIZATION_CONTEXT: list[Any] = [AS, AUTHORIZATION_TERMS]
REQUEST_CONTEXT: list[Any] = [AS, {"FeatureRequest": f"{_FEP}FeatureRequest"}]

# Documents -------------------------------------------------------------------------------------------


def collection(one: Collection, items: Sequence[tuple[Item, AccountView]], owner: AccountView, urls: Urls) -> Doc:
    """A collection of ours with those who agreed to be in it, without context."""
    doc: Doc = {
        "id": one.uri,
        "type": "FeaturedCollection",
        "name": one.name,
        "attributedTo": owner.uri,
        "url": one.url,
        "sensitive": one.sensitive,
        "discoverable": one.discoverable,
        "published": stamp(one.created_at),
        "updated": stamp(one.updated_at),
        "totalItems": len(items),
        "orderedItems": [item(each, account) for each, account in items],
    }
    summary = escape_text(one.description)  # others read it as HTML
    if one.language:
        doc["summaryMap"] = {one.language: summary}
    else:
        doc["summary"] = summary
    if tag := normalise_tag(one.tag):
        doc["topic"] = {"type": "Hashtag", "href": urls.tag(tag), "name": f"#{one.tag}"}
    return doc


def item(one: Item, account: AccountView) -> Doc:
    """Somebody in a collection, without context."""
    doc: Doc = {
        "id": one.uri,
        "type": "FeaturedItem",
        "featuredObject": account.uri,
        "featuredObjectType": account.actor_type,
        "published": stamp(one.created_at),
    }
    if one.approval_uri:
        doc["featureAuthorization"] = one.approval_uri
    return doc


def authorization(uri: str, collection_uri: str, actor: str) -> Doc:
    """The proof that one of ours agreed to be in a collection, without context."""
    return {
        "id": uri,
        "type": "FeatureAuthorization",
        "interactingObject": collection_uri,
        "interactionTarget": actor,
    }


def feature_policy(account: AccountView, urls: Urls) -> Doc:
    """Who may put an account of ours into a collection; oneself alone stands for nobody."""
    groups = {"public": PUBLIC, "followers": urls.collection(account.username, "followers")}
    allowed = [groups[name] for name in policy_of(account).automatic] or [account.uri]
    return {"canFeature": {"automaticApproval": allowed}}


# Activities ------------------------------------------------------------------------------------------


def add(uri: str, actor: str, target: str, what: Doc) -> Doc:
    """A new collection, or somebody new in one."""
    doc = {"id": uri, "type": "Add", "actor": actor, "to": [PUBLIC], "object": what, "target": target}
    return with_context(doc, CURATED_CONTEXT)


def remove(uri: str, actor: str, target: str, object_uri: str) -> Doc:
    """A collection that is gone, or somebody gone from one."""
    doc = {"id": uri, "type": "Remove", "actor": actor, "to": [PUBLIC], "object": object_uri, "target": target}
    return with_context(doc)


def update(made: Doc, one: Collection) -> Doc:
    """A collection that says something else now."""
    doc = {
        "id": f"{one.uri}#updates/{to_ms(one.updated_at)}",
        "type": "Update",
        "actor": made["attributedTo"],
        "to": [PUBLIC],
        "object": made,
    }
    return with_context(doc, CURATED_CONTEXT)


def request(uri: str, actor: str, target: str, collection_uri: str) -> Doc:
    """The question whether somebody wants to be in a collection."""
    doc = {
        "id": uri,
        "type": "FeatureRequest",
        "actor": actor,
        "to": [target],
        "object": target,
        "instrument": collection_uri,
    }
    return with_context(doc, REQUEST_CONTEXT)


def answer(kind: str, uri: str, actor: str, to: str, request_uri: str, result: str = "") -> Doc:
    """`Accept` with the address of the proof, or `Reject`."""
    doc: Doc = {"id": uri, "type": kind, "actor": actor, "to": to, "object": request_uri}
    if result:
        doc["result"] = result
    return with_context(doc)


def withdraw(actor: str, proof: Doc) -> Doc:
    """One of ours does not want to be in a collection any more."""
    doc = {"id": f"{proof['id']}#delete", "type": "Delete", "actor": actor, "to": [PUBLIC], "object": proof}
    return with_context(doc, AUTHORIZATION_CONTEXT)
